//! Splits a command as PowerShell does: `'…'` with `''`, `"…"` with backticks, here-strings.
//!
//! Windows PowerShell 5.1 hands quotes on without their protection, so people write `\"` for them there. PowerShell 7.3
//! does not need it, and both are read: a text that is JSON only without those backslashes was written for 5.1.

use super::CurlFailure;
use super::posix::closing;
use super::words::Split;

/// PowerShell takes the typographic quotes for plain ones.
pub(super) fn is_single_quote(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}'..='\u{201b}')
}

/// See [`is_single_quote`].
pub(super) fn is_double_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201c}'..='\u{201e}')
}

/// The words from the index `from` on.
pub(super) fn split(text: &[char], from: usize) -> Result<Split, CurlFailure> {
    let mut reader = Powershell { text, at: from, words: Split::default() };
    reader.read()?;
    reader.words.end();
    for word in &mut reader.words.words {
        if let Some(plain) = written_for_5_1(&word.text) {
            word.text = plain;
        }
    }
    Ok(reader.words)
}

fn written_for_5_1(text: &str) -> Option<String> {
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let is_like_json = text.trim_start().starts_with(['{', '[']) && text.contains("\\\"");
    if !is_like_json || is_json(text) {
        return None;
    }
    let plain = text.replace("\\\"", "\"");
    is_json(&plain).then_some(plain)
}

struct Powershell<'a> {
    text: &'a [char],
    at: usize,
    words: Split,
}

impl Powershell<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.text.get(self.at).copied();
        self.at += usize::from(character.is_some());
        character
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn push(&mut self, character: char) {
        self.words.push(character, self.at.saturating_sub(1));
    }

    fn read(&mut self) -> Result<(), CurlFailure> {
        while let Some(character) = self.next() {
            match character {
                '`' => self.backtick(),
                '@' if !self.words.in_word() && self.here_string()? => {}
                '#' if !self.words.in_word() => {
                    while self.peek().is_some_and(|character| character != '\n') {
                        self.at += 1;
                    }
                }
                single if is_single_quote(single) => self.single_quoted(single)?,
                double if is_double_quote(double) => self.double_quoted(double)?,
                '$' => self.dollar(),
                ';' | '|' => {
                    self.words.note_rest(character);
                    break;
                }
                '&' | '>' | '<' if !self.words.in_word() => {
                    self.words.note_rest(character);
                    break;
                }
                '\n' if !self.words.goes_on(&self.text[self.at..]) => break,
                white if white.is_whitespace() => self.words.end(),
                other => self.push(other),
            }
        }
        Ok(())
    }

    fn single_quoted(&mut self, quote: char) -> Result<(), CurlFailure> {
        let position = self.at;
        self.words.begin(self.at - 1);
        loop {
            match self.next().ok_or(CurlFailure::UnclosedQuote { quote, position })? {
                single if is_single_quote(single) => {
                    if !self.peek().is_some_and(is_single_quote) {
                        return Ok(());
                    }
                    self.push(single);
                    self.at += 1;
                }
                other => self.push(other),
            }
        }
    }

    fn double_quoted(&mut self, quote: char) -> Result<(), CurlFailure> {
        let position = self.at;
        self.words.begin(self.at - 1);
        loop {
            match self.next().ok_or(CurlFailure::UnclosedQuote { quote, position })? {
                '`' => self.backtick(),
                '$' => self.dollar(),
                double if is_double_quote(double) => {
                    if !self.peek().is_some_and(is_double_quote) {
                        return Ok(());
                    }
                    self.push(double);
                    self.at += 1;
                }
                other => self.push(other),
            }
        }
    }

    fn backtick(&mut self) {
        let Some(escaped) = self.next() else { return };
        match escaped {
            '\n' => self.words.end(),
            '\r' if self.peek() == Some('\n') => {
                self.at += 1;
                self.words.end();
            }
            // Meant to continue the line, followed by stray spaces.
            ' ' | '\t' if !self.words.in_word() && self.rest_of_line_is_blank() => {
                while self.next().is_some_and(|character| character != '\n') {}
            }
            '0' => self.push('\0'),
            'a' => self.push('\u{7}'),
            'b' => self.push('\u{8}'),
            'e' => self.push('\u{1b}'),
            'f' => self.push('\u{c}'),
            'n' => self.push('\n'),
            'r' => self.push('\r'),
            't' => self.push('\t'),
            'v' => self.push('\u{b}'),
            'u' if self.peek() == Some('{') => self.code_point(),
            other => self.push(other),
        }
    }

    fn rest_of_line_is_blank(&self) -> bool {
        let mut rest = self.text[self.at..].iter();
        rest.find(|character| !matches!(character, ' ' | '\t' | '\r')) == Some(&'\n')
    }

    fn code_point(&mut self) {
        let digits: String = self.text[self.at + 1..].iter().take_while(|character| character.is_ascii_hexdigit()).collect();
        self.at += digits.len() + 2;
        let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        self.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// A variable or an expression: its value is not known here, so it stays as it is.
    fn dollar(&mut self) {
        let rest = &self.text[self.at..];
        let is_name = |character: &&char| character.is_ascii_alphanumeric() || matches!(character, '_' | ':');
        let end = match rest.first() {
            Some('(') => {
                self.words.note_substitution("$(…)");
                closing(rest, '(', ')')
            }
            Some('{') => {
                let name: String = rest[1..].iter().take_while(is_name).collect();
                self.words.note_variable(&format!("${{{name}}}"), name.trim_start_matches("env:"));
                closing(rest, '{', '}')
            }
            Some(first) if first.is_ascii_alphabetic() || *first == '_' => {
                let name: String = rest.iter().take_while(is_name).collect();
                self.words.note_variable(&format!("${name}"), name.trim_start_matches("env:"));
                0
            }
            _ => 0,
        };
        self.push('$');
        for _ in 0..end {
            if let Some(character) = self.next() {
                self.push(character);
            }
        }
    }

    /// `@'` and `@"` at the end of a line open a text that ends with a line that begins with `'@` or `"@`.
    fn here_string(&mut self) -> Result<bool, CurlFailure> {
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Ok(false) };
        let opened = self.at;
        let line_break = self.text[opened + 1..].iter().position(|character| !matches!(character, ' ' | '\t' | '\r'));
        let Some(start) = line_break.map(|spaces| opened + 1 + spaces).filter(|index| self.text[*index] == '\n') else {
            return Ok(false);
        };
        let body = &self.text[start + 1..];
        let end = (0..body.len()).find(|index| {
            body[*index] == quote && body.get(index + 1) == Some(&'@') && (*index == 0 || body[index - 1] == '\n')
        });
        let end = end.ok_or(CurlFailure::UnclosedQuote { quote, position: opened + 1 })?;
        let mut inside: String = body[..end].iter().collect();
        inside =
            inside.strip_suffix('\n').map(|inside| inside.strip_suffix('\r').unwrap_or(inside)).unwrap_or_default().to_owned();
        self.words.begin(opened);
        for character in inside.chars() {
            self.words.push(character, opened);
        }
        self.at = start + 1 + end + 2;
        Ok(true)
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
    #[case("a 'it''s' \"say \"\"hi\"\" `$x `\"y`\"\" c", &["a", "it's", "say \"hi\" $x \"y\"", "c"])]
    #[case("a `\r\n  b `\n c ` \n d", &["a", "b", "c", "d"])]
    #[case("a \"x`ny`tz`u{e9}\"", &["a", "x\ny\tzé"])]
    #[case("a ‘b c’ “d e”", &["a", "b c", "d e"])]
    #[case("a 'don’’t'", &["a", "don’t"])]
    #[case("a | ConvertFrom-Json", &["a"])]
    #[case("a; b", &["a"])]
    #[case("a @'\r\n{\"k\": \"it's\"}\r\n'@ b", &["a", "{\"k\": \"it's\"}", "b"])]
    #[case("a @body.json", &["a", "@body.json"])]
    #[case(r#"a '{\"k\":\"v\"}'"#, &["a", r#"{"k":"v"}"#])]
    #[case(r#"a '{"k":"say \"v\""}'"#, &["a", r#"{"k":"say \"v\""}"#])]
    #[case(r#"a 'say \"hi\"'"#, &["a", r#"say \"hi\""#])]
    fn powershell_words(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(texts(&words(text)), expected);
    }

    #[test]
    fn variables_of_powershell_stay_and_are_noted() {
        let split = words("a \"Bearer $env:TOKEN\" 'no $env:THIS' $(Get-Date -f o)");
        assert_eq!(texts(&split), ["a", "Bearer $env:TOKEN", "no $env:THIS", "$(Get-Date -f o)"]);
        assert_eq!(
            split.notes,
            [
                "The variable “$env:TOKEN” stays as it is: put its value in its place.",
                "A command in “$(…)” was not run: put its result in its place."
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_is_said_with_its_place() {
        let failure = split(&"a 'b".chars().collect::<Vec<_>>(), 0).err();
        assert_eq!(failure, Some(CurlFailure::UnclosedQuote { quote: '\'', position: 3 }));
    }
}
