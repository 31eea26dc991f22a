//! Splits a command line into words as Windows does: first cmd, then the program itself.

use super::CurlFailure;
use super::words::Words;

/// The words of a line that was written for cmd.
pub(super) fn split_cmd(text: &str) -> Result<Words, CurlFailure> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut opened = None;
    let line = without_carets(text);
    let mut characters = line.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            // How C programs on Windows read their command line: backslashes count before a quote only.
            '\\' => {
                let mut backslashes = 1;
                while characters.next_if(|next| next.1 == '\\').is_some() {
                    backslashes += 1;
                }
                let word = word.get_or_insert_default();
                if characters.peek().is_some_and(|next| next.1 == '"') {
                    word.push_str(&"\\".repeat(backslashes / 2));
                    if backslashes % 2 == 1 {
                        word.push('"');
                        characters.next();
                    }
                } else {
                    word.push_str(&"\\".repeat(backslashes));
                }
            }
            '"' if opened.is_some() && characters.next_if(|next| next.1 == '"').is_some() => {
                word.get_or_insert_default().push('"');
            }
            '"' => {
                word.get_or_insert_default();
                opened = if opened.is_some() { None } else { Some(at) };
            }
            white if white.is_ascii_whitespace() && opened.is_none() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    if let Some(at) = opened {
        return Err(CurlFailure::UnclosedQuote { quote: '"', position: at + 1 });
    }
    words.extend(word);
    Ok(Words { words, notes: Vec::new() })
}

/// cmd's own step before: outside quotes `^` takes away the meaning of what follows, and a line break
/// after it disappears.
fn without_carets(text: &str) -> String {
    let mut line = String::new();
    let mut in_quotes = false;
    let text = text.replace("\r\n", "\n");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '^' if !in_quotes => {
                let escaped = characters.next();
                if escaped == Some('\n') {
                    // The character after the line break is taken as it is, which is how browsers
                    // write a line break inside a value.
                    line.extend(characters.next_if_eq(&'\n'));
                } else {
                    line.extend(escaped);
                }
            }
            '"' => {
                in_quotes = !in_quotes;
                line.push('"');
            }
            other => line.push(other),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"curl "http://h/" ^
  -H "a: b" --data-raw "{\"k\":\"v\"}""#, &["curl", "http://h/", "-H", "a: b", "--data-raw", r#"{"k":"v"}"#])]
    #[case(r#"curl ^"http://h/?q=%^20x^&y=1^" ^
  --data-raw ^"^{^\^"k^\^":^\^"v^\^"^}^""#, &["curl", "http://h/?q=%20x&y=1", "--data-raw", r#"{"k":"v"}"#])]
    #[case("curl ^\"a^\n\nb^\"", &["curl", "a\nb"])]
    #[case(r#"curl "C:\dir\\" "say ""hi""" ^"#, &["curl", r"C:\dir\", r#"say "hi""#])]
    fn cmd_words(#[case] text: &str, #[case] words: &[&str]) {
        assert_eq!(split_cmd(text).unwrap().words, words);
    }
}
