//! The regular expression of a location's `capture` step: matched in linear time, with bounded memory.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::Span;

use super::PathError;

/// The most characters of an expression.
const LONGEST: usize = 1000;

/// The most memory of a compiled expression, and of its cache while it is matched, in bytes.
const LARGEST: usize = 1 << 20;

/// What an expression finds in a text.
pub(crate) enum Captured<'a> {
    /// The first group of the first match, or the whole match of an expression without groups.
    Text(&'a str),
    /// It matches nowhere.
    NoMatch,
    /// It matches, but the first group takes no part in the match.
    NoGroup,
}

/// Reads an expression. `^` and `$` stand for the start and the end of a line, with either kind of line break.
///
/// # Errors
/// The characters that can't be read, an empty expression, and one that is too long or too large.
pub(crate) fn compile(pattern: &str) -> Result<Regex, PathError> {
    if pattern.is_empty() {
        return Err(PathError::at(pattern, 0, 0, "it is empty"));
    }
    if pattern.chars().count() > LONGEST {
        return Err(PathError::at(pattern, 0, pattern.len(), "it is longer than 1,000 characters"));
    }
    let wrong = |span: &Span, what: String| {
        PathError::at(pattern, span.start.offset.min(pattern.len()), span.end.offset.min(pattern.len()), what)
    };
    let read = regex_syntax::ParserBuilder::new().multi_line(true).crlf(true).build().parse(pattern);
    read.map_err(|error| match error {
        regex_syntax::Error::Parse(error) => wrong(error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => wrong(error.span(), error.kind().to_string()),
        _ => PathError::at(pattern, 0, pattern.len(), "it can't be understood"),
    })?;
    let regex = RegexBuilder::new(pattern).multi_line(true).crlf(true).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
    regex.map_err(|_| PathError::at(pattern, 0, pattern.len(), "it would need too much memory; make its repetitions smaller"))
}

/// The first match in a text.
pub(crate) fn first<'a>(regex: &Regex, text: &'a str) -> Captured<'a> {
    if regex.captures_len() == 1 {
        return regex.find(text).map_or(Captured::NoMatch, |found| Captured::Text(found.as_str()));
    }
    match regex.captures(text) {
        None => Captured::NoMatch,
        Some(captures) => captures.get(1).map_or(Captured::NoGroup, |group| Captured::Text(group.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t4_a_broken_pattern_is_marked_at_its_characters() {
        for (pattern, from, to) in
            [("é(a", 1, 2), ("a**", 2, 3), ("[z-a]", 1, 4), (r"\p{Nothing}", 0, 11), ("", 0, 0), ("(?=a)", 0, 3)]
        {
            match compile(pattern) {
                Ok(_) => assert_eq!(pattern, "a**", "{pattern} must be refused"),
                Err(error) => assert_eq!((error.from, error.to), (from, to), "{pattern}: {error}"),
            }
        }
        assert!(compile(&"a".repeat(1001)).is_err());
        assert!(compile("((a{1000}){1000}){1000}").unwrap_err().message.contains("memory"));
    }

    #[test]
    fn t4_lines_have_a_start_and_an_end_with_either_line_break() {
        let regex = compile("^token=(.*)$").unwrap();
        for text in ["a=1\r\ntoken=xyz\r\n", "a=1\ntoken=xyz", "token=xyz\ntoken=later"] {
            assert!(matches!(first(&regex, text), Captured::Text("xyz")), "{text:?}");
        }
        assert!(matches!(first(&regex, "my token=xyz"), Captured::NoMatch));
        assert!(matches!(first(&compile("a|(b)").unwrap(), "a"), Captured::NoGroup));
        assert!(matches!(first(&compile("[0-9]+").unwrap(), "a12b3"), Captured::Text("12")));
    }
}
