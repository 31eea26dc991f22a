//! Splits a command line as Windows does: first cmd, then the program itself.

use super::CurlFailure;
use super::start::is_windows;
use super::words::Split;

/// A character after cmd's own step, with its index in the text, and whether a `^` took its meaning away.
#[derive(Clone, Copy)]
struct Passed {
    character: char,
    index: usize,
    literal: bool,
}

/// The words from the index `from` on.
///
/// Browsers double every backslash although the program takes two for one only before a quote; where a command named
/// `curl` has all of its backslashes in pairs, they are read as the browser meant them.
pub(super) fn split(text: &[char], from: usize) -> Result<Split, CurlFailure> {
    let mut words = Split::default();
    let line = cmd_step(text, from, &mut words);
    note_variables(&line, &mut words);
    let halved = doubles_backslashes(&line);
    let mut opened = None;
    let mut at = 0;
    while let Some(&Passed { character, index, literal }) = line.get(at) {
        at += 1;
        match character {
            // How C programs on Windows read their command line: backslashes count before a quote only.
            '\\' => {
                let more = line[at..].iter().take_while(|next| next.character == '\\').count();
                at += more;
                let before_quote = line.get(at).is_some_and(|next| next.character == '"');
                let count = more + 1;
                let kept = match () {
                    () if before_quote => count / 2,
                    // Half of them, and the one that cURL itself is to see before a bracket of an address.
                    () if halved => count.div_ceil(2),
                    () => count,
                };
                for _ in 0..kept {
                    words.push('\\', index);
                }
                if before_quote && count % 2 == 1 {
                    words.push('"', index);
                    at += 1;
                }
            }
            '"' if opened.is_some() && line.get(at).is_some_and(|next| next.character == '"') => {
                words.push('"', index);
                at += 1;
            }
            '"' => {
                words.begin(index);
                opened = if opened.is_some() { None } else { Some(index) };
            }
            ' ' | '\t' if opened.is_none() => words.end(),
            '\n' if !literal => words.end(),
            other => words.push(other, index),
        }
    }
    if let Some(index) = opened {
        return Err(CurlFailure::UnclosedQuote { quote: '"', position: index + 1 });
    }
    words.end();
    Ok(words)
}

/// cmd's own step before: outside of quotes `^` takes away the meaning of what follows, a line break after it
/// disappears, and the command ends where another begins.
fn cmd_step(text: &[char], from: usize, words: &mut Split) -> Vec<Passed> {
    let mut line = Vec::new();
    let mut in_quotes = false;
    let mut at = from;
    // cmd sees no carriage returns.
    let skip_returns = |mut at: usize| {
        while text.get(at) == Some(&'\r') {
            at += 1;
        }
        at
    };
    while let Some(&character) = text.get(at) {
        let index = at;
        at += 1;
        match character {
            '\r' => {}
            '^' if !in_quotes => {
                at = skip_returns(at);
                if text.get(at) == Some(&'\n') {
                    // The character after the line break is taken as it is, which is how browsers
                    // write a line break inside a value.
                    at = skip_returns(at + 1);
                }
                if let Some(&escaped) = text.get(at) {
                    let is_line_break_inside = escaped == '\n' || text.get(at.wrapping_sub(1)) != Some(&'\n');
                    if is_line_break_inside {
                        line.push(Passed { character: escaped, index: at, literal: true });
                        at += 1;
                    }
                }
            }
            '&' | '|' | '<' | '>' if !in_quotes && ends_command(&line, text.get(at)) => {
                words.note_rest(character);
                break;
            }
            '\n' if !in_quotes && !words.goes_on(&text[at..]) => break,
            other => {
                in_quotes ^= other == '"';
                line.push(Passed { character: other, index, literal: false });
            }
        }
    }
    line
}

/// In the middle of a word these are most likely part of an address that should have been quoted.
fn ends_command(line: &[Passed], next: Option<&char>) -> bool {
    line.last().is_none_or(|last| last.character.is_whitespace()) || next.is_none_or(|next| next.is_whitespace())
}

fn doubles_backslashes(line: &[Passed]) -> bool {
    let program: String =
        line.iter().map(|passed| passed.character).take_while(|character| !character.is_whitespace()).collect();
    if is_windows(&program) {
        return false;
    }
    let mut found = false;
    let mut at = 0;
    while at < line.len() {
        let count = line[at..].iter().take_while(|passed| passed.character == '\\').count();
        let next = line.get(at + count).map_or(' ', |next| next.character);
        if count > 0 && next != '"' {
            if count % 2 == 1 && !"[]{}".contains(next) {
                return false;
            }
            found |= count > 1;
        }
        at += count.max(1);
    }
    found
}

/// `%NAME%` would be filled in; `%C3%` is a part of an address.
fn note_variables(line: &[Passed], words: &mut Split) {
    let text: String = line.iter().map(|passed| passed.character).collect();
    let parts: Vec<&str> = text.split('%').collect();
    for name in parts.iter().skip(1).take(parts.len().saturating_sub(2)) {
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let is_name = begins && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        let is_byte = name.len() == 2 && name.chars().all(|character| character.is_ascii_hexdigit());
        if is_name && !is_byte {
            words.note_variable(&format!("%{name}%"), name);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::words::texts;
    use super::*;

    fn words(text: &str) -> Split {
        split(&text.chars().collect::<Vec<_>>(), 0).unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[rstest]
    #[case(r#"curl "http://h/" ^
  -H "a: b" --data-raw "{\"k\":\"v\"}""#, &["curl", "http://h/", "-H", "a: b", "--data-raw", r#"{"k":"v"}"#])]
    #[case(r#"curl ^"http://h/?q=%^20x^&y=1^" ^
  --data-raw ^"^{^\^"k^\^":^\^"v^\^"^}^""#, &["curl", "http://h/?q=%20x&y=1", "--data-raw", r#"{"k":"v"}"#])]
    #[case("curl ^\"a^\n\nb^\"", &["curl", "a\nb"])]
    #[case("curl ^\"a^\r\n\r\nb^\"", &["curl", "a\nb"])]
    #[case("curl \"a\"^\r\n\r\n\"b\"", &["curl", "a\nb"])]
    #[case("curl \"50\"%\" off\"", &["curl", "50% off"])]
    #[case(r#"curl "C:\dir\\" "say ""hi""" ^"#, &["curl", r"C:\dir\", r#"say "hi""#])]
    #[case("curl a > out.txt", &["curl", "a"])]
    #[case("curl a & del b", &["curl", "a"])]
    #[case("curl http://h/?a=1&b=2", &["curl", "http://h/?a=1&b=2"])]
    #[case("curl a\r\n-H b\r\necho c", &["curl", "a", "-H", "b"])]
    fn cmd_words(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(texts(&words(text)), expected);
    }

    #[rstest]
    #[case(r#"curl "{\"a\":\"x\\ny\"}""#, r#"{"a":"x\ny"}"#)]
    #[case(r#"curl "{\"a\":\"x\\\"y\"}""#, r#"{"a":"x\"y"}"#)]
    #[case(r#"curl "{\"a\":\"x\ny\"}""#, r#"{"a":"x\ny"}"#)]
    #[case(r#"curl.exe "{\"a\":\"x\\ny\"}""#, r#"{"a":"x\\ny"}"#)]
    fn doubled_backslashes_of_browsers_are_read_as_they_were_meant(#[case] text: &str, #[case] body: &str) {
        assert_eq!(texts(&words(text))[1], body);
    }

    #[test]
    fn variables_of_cmd_are_noted() {
        let split = words("curl http://h/%C3%A9 -H \"a: %TOKEN%\"");
        assert_eq!(split.notes, ["The variable “%TOKEN%” stays as it is: put its value in its place."]);
    }
}
