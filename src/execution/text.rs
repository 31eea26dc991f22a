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

const CUT: &str = "… cut here: ";
const IN_ALL: &str = " bytes in all";

/// The start of a text, and that it had so many bytes.
pub fn cut_note(start: &str, whole: usize) -> String {
    format!("{start}\n{CUT}{whole}{IN_ALL}")
}

/// What is there of a recorded text that was cut, without the words about it; `None` when it is whole.
pub fn start_of_cut(text: &str) -> Option<&str> {
    let (start, note) = text.rsplit_once('\n')?;
    let bytes = note.strip_prefix(CUT)?.strip_suffix(IN_ALL)?;
    (!bytes.is_empty() && bytes.bytes().all(|byte| byte.is_ascii_digit())).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_cut_is_known_by_its_note() {
        let long = "é\n".repeat(RECORDED_LIMIT);
        let cut_text = cut(&long);
        assert!(start_of_cut(&cut_text).is_some_and(|start| long.starts_with(start) && start.len() > RECORDED_LIMIT - 4));
        assert_eq!(start_of_cut(&cut("short\n… cut here")), None);
        assert_eq!(start_of_cut(""), None);
    }
}
