//! How much of a text is recorded: not more than a log can carry.

/// The most of one body that is recorded, in bytes; what is longer is cut, and says so.
pub const RECORDED_LIMIT: usize = 1024 * 1024;

/// Cuts a text at the recorded limit.
pub fn cut(text: &str) -> String {
    if text.len() <= RECORDED_LIMIT {
        return text.to_owned();
    }
    cut_note(&text[..text.floor_char_boundary(RECORDED_LIMIT)], text.len())
}

/// The start of a text, and that it had so many bytes.
pub fn cut_note(start: &str, whole: usize) -> String {
    format!("{start}\n… cut here: {whole} bytes in all")
}

/// Whether a recorded text was cut at the limit.
pub fn is_cut(text: &str) -> bool {
    text.len() > RECORDED_LIMIT
}
