//! How a token value becomes a header (T1), and how it looks when it must not be seen (T8).

/// The header value: the prefix and one space when there is a prefix, then the token value (T1).
pub fn header_value(token_prefix: &str, value: &str) -> String {
    if token_prefix.is_empty() { value.to_owned() } else { format!("{token_prefix} {value}") }
}

/// The whole header line with the value masked, for previews (T1, T8).
pub fn header_line(request_header_key: &str, token_prefix: &str, value: Option<&str>) -> String {
    let shown = value.map_or_else(|| "••••••••".to_owned(), mask_value);
    format!("{request_header_key}: {}", header_value(token_prefix, &shown))
}

/// A secret as dots. Values long enough that six characters give nothing away keep their start,
/// so that people can tell two tokens apart.
pub fn mask_value(value: &str) -> String {
    const SHOWN: usize = 6;
    const LONG_ENOUGH: usize = 24;
    if value.chars().count() < LONG_ENOUGH {
        return "••••••••".to_owned();
    }
    let start: String = value.chars().take(SHOWN).collect();
    format!("{start}••••••••")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t1_one_space_between_a_prefix_and_the_value_and_none_without() {
        assert_eq!(header_value("Bearer", "abc"), "Bearer abc");
        assert_eq!(header_value("", "abc"), "abc");
    }

    #[test]
    fn t8_a_preview_shows_no_short_value_and_only_the_start_of_a_long_one() {
        assert_eq!(header_line("X-Key", "", Some("hunter2")), "X-Key: ••••••••");
        let long = "eyJhbGciOiJIUzI1NiJ9.abcdefgh";
        assert_eq!(header_line("Authorization", "Bearer", Some(long)), "Authorization: Bearer eyJhbG••••••••");
    }
}
