//! Splits a command line into words as a POSIX shell does, with bash's `$'…'`.
//!
//! `shell-words` does not know `$'…'`, which browsers write for line breaks and quotes.

use super::CurlFailure;
use super::cmd::split_cmd;

/// The words of the first command of a line, and what was left out or not filled in.
pub(super) struct Words {
    pub(super) words: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Splits by the rules of the shell that the text was evidently written for.
pub(super) fn split(text: &str) -> Result<Words, CurlFailure> {
    if is_for_cmd(text) { split_cmd(text) } else { split_posix(text) }
}

/// Only cmd continues a line with `^`, and begins a word with `^"`.
fn is_for_cmd(text: &str) -> bool {
    text.contains(" ^\"") || text.lines().any(|line| line.trim_end().ends_with(" ^"))
}

fn split_posix(text: &str) -> Result<Words, CurlFailure> {
    let mut reader = Posix { text: text.chars().collect(), at: 0, word: None, words: Vec::new(), notes: Vec::new() };
    reader.read()?;
    Ok(Words { words: reader.words, notes: reader.notes })
}

struct Posix {
    text: Vec<char>,
    at: usize,
    /// `None` between words; an empty word is a word.
    word: Option<Vec<u8>>,
    words: Vec<String>,
    notes: Vec<String>,
}

impl Posix {
    fn next(&mut self) -> Option<char> {
        let character = self.text.get(self.at).copied();
        self.at += usize::from(character.is_some());
        character
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn push(&mut self, character: char) {
        let mut bytes = [0; 4];
        let encoded = character.encode_utf8(&mut bytes).as_bytes();
        self.word.get_or_insert_default().extend_from_slice(encoded);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.words.push(String::from_utf8_lossy(&word).into_owned());
        }
    }

    fn read(&mut self) -> Result<(), CurlFailure> {
        while let Some(character) = self.next() {
            match character {
                // People copy the prompt along.
                '$' | '>' if self.words.is_empty() && self.word.is_none() && self.peek(0) == Some(' ') => {}
                '\\' => self.escaped(),
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '$' if self.peek(0) == Some('\'') => self.ansi_quoted()?,
                '$' => self.dollar(),
                ';' | '|' | '>' | '<' if self.ends_command(character) => {
                    self.notes.push(format!("What stands after “{character}” is no part of the request and was left out."));
                    break;
                }
                '&' if self.peek(0) == Some('&') || (self.word.is_none() && self.peek(0).is_none_or(char::is_whitespace)) => {
                    self.notes.push("What stands after “&” is no part of the request and was left out.".to_owned());
                    break;
                }
                '\n' if !self.words.is_empty() && self.next_line_is_no_option() => {
                    self.notes.push("Only the first command was read.".to_owned());
                    break;
                }
                white if white.is_ascii_whitespace() => self.end_word(),
                other => self.push(other),
            }
        }
        self.end_word();
        Ok(())
    }

    /// Inside a word these are most likely part of an address that should have been quoted.
    fn ends_command(&self, character: char) -> bool {
        self.word.is_none() || (character == ';' && self.peek(0).is_none_or(char::is_whitespace))
    }

    /// A line break ends a command, but documentation often leaves the `\` before it out.
    fn next_line_is_no_option(&self) -> bool {
        let rest: String = self.text[self.at..].iter().skip_while(|character| character.is_whitespace()).take(5).collect();
        rest.starts_with("curl ")
    }

    fn escaped(&mut self) {
        match self.next() {
            Some('\n') | None => {}
            Some('\r') if self.peek(0) == Some('\n') => self.at += 1,
            // A `\` that was meant to continue the line, followed by stray spaces.
            Some(' ') if self.rest_of_line_is_blank() => {}
            Some(other) => self.push(other),
        }
    }

    fn rest_of_line_is_blank(&self) -> bool {
        let mut rest = self.text[self.at..].iter();
        rest.find(|character| !matches!(character, ' ' | '\t' | '\r')) == Some(&'\n')
    }

    fn single_quoted(&mut self) -> Result<(), CurlFailure> {
        let start = self.at;
        self.word.get_or_insert_default();
        loop {
            match self.next().ok_or(CurlFailure::UnclosedQuote { quote: '\'', position: start })? {
                '\'' => return Ok(()),
                other => self.push(other),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), CurlFailure> {
        let start = self.at;
        self.word.get_or_insert_default();
        let unclosed = CurlFailure::UnclosedQuote { quote: '"', position: start };
        loop {
            match self.next().ok_or_else(|| unclosed.clone())? {
                '"' => return Ok(()),
                '\\' => match self.next().ok_or_else(|| unclosed.clone())? {
                    '\n' => {}
                    escaped @ ('"' | '\\' | '$' | '`') => self.push(escaped),
                    other => {
                        self.push('\\');
                        self.push(other);
                    }
                },
                '$' => self.dollar(),
                other => self.push(other),
            }
        }
    }

    /// A variable or command substitution: its value is not known here, so it stays as it is.
    fn dollar(&mut self) {
        let starts_name = |character: char| character.is_ascii_alphabetic() || matches!(character, '_' | '{' | '(');
        if self.peek(0).is_some_and(starts_name) {
            let rest = self.text[self.at..].iter();
            let name: String =
                rest.take_while(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '{')).collect();
            let close = if name.starts_with('{') { "}" } else { "" };
            let note = if self.peek(0) == Some('(') {
                "A command in “$(…)” was not run: put its result in its place.".to_owned()
            } else {
                format!("The variable “${name}{close}” stays as it is: put its value in its place.")
            };
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.push('$');
    }

    fn ansi_quoted(&mut self) -> Result<(), CurlFailure> {
        self.at += 1;
        let start = self.at;
        self.word.get_or_insert_default();
        let unclosed = CurlFailure::UnclosedQuote { quote: '\'', position: start };
        loop {
            match self.next().ok_or_else(|| unclosed.clone())? {
                '\'' => return Ok(()),
                '\\' => {
                    let escape = self.next().ok_or_else(|| unclosed.clone())?;
                    self.ansi_escape(escape);
                }
                other => self.push(other),
            }
        }
    }

    fn ansi_escape(&mut self, escape: char) {
        match escape {
            'n' => self.push('\n'),
            't' => self.push('\t'),
            'r' => self.push('\r'),
            'a' => self.push('\u{7}'),
            'b' => self.push('\u{8}'),
            'e' | 'E' => self.push('\u{1b}'),
            'f' => self.push('\u{c}'),
            'v' => self.push('\u{b}'),
            'x' => self.byte(16, 2, 'x'),
            '0'..='7' => {
                self.at -= 1;
                self.byte(8, 3, '0');
            }
            'u' => self.code_point(4),
            'U' => self.code_point(8),
            quoted @ ('\\' | '\'' | '"' | '?') => self.push(quoted),
            other => {
                self.push('\\');
                self.push(other);
            }
        }
    }

    /// Bytes, because several of them may make one character of UTF-8.
    fn byte(&mut self, radix: u32, most: usize, letter: char) {
        if let Some(number) = self.number(radix, most) {
            // As in bash, what is more than a byte is cut.
            self.word.get_or_insert_default().push((number & 0xff) as u8);
        } else {
            self.push('\\');
            self.push(letter);
        }
    }

    fn code_point(&mut self, most: usize) {
        let Some(mut number) = self.number(16, most) else {
            self.push('\\');
            self.push(if most == 4 { 'u' } else { 'U' });
            return;
        };
        // Browsers write characters beyond the first plane as a surrogate pair.
        if (0xd800..0xdc00).contains(&number) && self.peek(0) == Some('\\') && self.peek(1) == Some('u') {
            let before = self.at;
            self.at += 2;
            match self.number(16, 4) {
                Some(low @ 0xdc00..0xe000) => number = 0x1_0000 + ((number - 0xd800) << 10) + (low - 0xdc00),
                _ => self.at = before,
            }
        }
        self.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut number = None;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|character| character.to_digit(radix)) else { break };
            number = Some(number.unwrap_or(0) * radix + digit);
            self.at += 1;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r"a 'b c' d\ e", &["a", "b c", "d e"])]
    #[case(r#"a "b \"c\" \n \$x" '' x"y"'z'"#, &["a", r#"b "c" \n $x"#, "", "xyz"])]
    #[case("a \\\n  b \\\r\n c", &["a", "b", "c"])]
    #[case("a \\  \n b", &["a", "b"])]
    #[case(r"$'a\'b\n\t\u0021\x41\103\\' x", &["a'b\n\t!AC\\", "x"])]
    #[case(r"$'\xc3\xa9\uD83D\uDE00'", &["é😀"])]
    #[case(r"it\'s", &["it's"])]
    #[case("$ curl x", &["curl", "x"])]
    #[case("a | jq .", &["a"])]
    #[case("http://h/?a=1&b=2;c", &["http://h/?a=1&b=2;c"])]
    #[case("a && b", &["a"])]
    fn posix_words(#[case] text: &str, #[case] words: &[&str]) {
        assert_eq!(split_posix(text).unwrap().words, words);
    }

    #[rstest]
    #[case("a 'b", '\'', 3)]
    #[case("é \"b\\\"", '"', 3)]
    #[case("a $'b\\'", '\'', 4)]
    fn an_unclosed_quote_is_said_with_its_place(#[case] text: &str, #[case] quote: char, #[case] position: usize) {
        assert_eq!(split(text).err(), Some(CurlFailure::UnclosedQuote { quote, position }));
    }

    #[test]
    fn variables_stay_and_are_noted_once() {
        let split = split_posix("a $TOKEN \"${TOKEN} $TOKEN\" '$NOT' $5").unwrap();
        assert_eq!(split.words, ["a", "$TOKEN", "${TOKEN} $TOKEN", "$NOT", "$5"]);
        assert_eq!(split.notes.len(), 2, "{:?}", split.notes);
    }

    proptest! {
        #[test]
        fn quoting_for_posix_reads_back(words in prop::collection::vec(any::<String>(), 1..4)) {
            let words: Vec<_> = words.iter().map(|word| word.replace(['\0', '\r'], "")).collect();
            let line = format!("curl {}", shell_words::join(&words));
            prop_assume!(!is_for_cmd(&line));
            prop_assert_eq!(&split(&line).unwrap().words[1..], &words[..]);
        }

        #[test]
        fn splitting_never_panics(text in r#"[\\a-c '"$^x0u&|;\n({]{0,24}"#) {
            let _either = (split_posix(&text), split_cmd(&text));
        }
    }
}
