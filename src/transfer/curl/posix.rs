//! Splits a command as bash and other POSIX shells do, with bash's `$'…'` and `$"…"`.
//!
//! `shell-words` does not know `$'…'`, which browsers write for line breaks and quotes.

use super::CurlFailure;
use super::words::Split;

/// The words from the index `from` on. `in_parentheses`: the command stands in `$(…)`, so it ends with the `)`.
pub(super) fn split(text: &[char], from: usize, in_parentheses: bool) -> Result<Split, CurlFailure> {
    let mut reader = Posix { text, at: from, words: Split::default(), in_parentheses };
    reader.read()?;
    reader.words.end();
    Ok(reader.words)
}

struct Posix<'a> {
    text: &'a [char],
    at: usize,
    words: Split,
    in_parentheses: bool,
}

impl Posix<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.text.get(self.at).copied();
        self.at += usize::from(character.is_some());
        character
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    /// Adds a character that was just read.
    fn push(&mut self, character: char) {
        self.words.push(character, self.at.saturating_sub(1));
    }

    fn begin(&mut self) {
        self.words.begin(self.at.saturating_sub(1));
    }

    fn read(&mut self) -> Result<(), CurlFailure> {
        while let Some(character) = self.next() {
            match character {
                '\\' => self.escaped(),
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '$' if self.peek(0) == Some('\'') => self.ansi_quoted()?,
                '$' if self.peek(0) == Some('"') => {
                    self.at += 1;
                    self.double_quoted()?;
                }
                '$' => self.dollar(),
                '`' => self.backquoted(),
                ')' if self.in_parentheses => break,
                '#' if !self.words.in_word() => self.skip_line(),
                ';' | '|' | '>' | '<' if self.ends_command(character) => {
                    self.words.note_rest(character);
                    break;
                }
                '&' if self.is_operator() => {
                    self.words.note_rest('&');
                    break;
                }
                '\n' if !self.words.goes_on(&self.text[self.at..]) => break,
                white if white.is_ascii_whitespace() => self.words.end(),
                other => self.push(other),
            }
        }
        Ok(())
    }

    /// Inside a word these are most likely part of an address that should have been quoted.
    fn ends_command(&mut self, character: char) -> bool {
        let so_far = self.words.word_so_far();
        // `2>/dev/null`: the digits name a stream.
        if matches!(character, '>' | '<') && !so_far.is_empty() && so_far.iter().all(u8::is_ascii_digit) {
            self.words.drop_word();
        }
        !self.words.in_word() || (character == ';' && self.peek(0).is_none_or(char::is_whitespace))
    }

    fn is_operator(&self) -> bool {
        match self.peek(0) {
            Some('&' | '>') => true,
            next => !self.words.in_word() && next.is_none_or(char::is_whitespace),
        }
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|character| character != '\n') {
            self.at += 1;
        }
    }

    fn escaped(&mut self) {
        match self.next() {
            Some('\n') | None => {}
            Some('\r') if self.peek(0) == Some('\n') => self.at += 1,
            // A `\` that was meant to continue the line, followed by stray spaces.
            Some(' ' | '\t') if self.rest_of_line_is_blank() => self.skip_blank_line(),
            Some(other) => self.push(other),
        }
    }

    fn rest_of_line_is_blank(&self) -> bool {
        let mut rest = self.text[self.at..].iter();
        rest.find(|character| !matches!(character, ' ' | '\t' | '\r')) == Some(&'\n')
    }

    fn skip_blank_line(&mut self) {
        self.skip_line();
        self.at += 1;
        self.words.end();
    }

    fn single_quoted(&mut self) -> Result<(), CurlFailure> {
        let position = self.at;
        self.begin();
        loop {
            match self.next().ok_or(CurlFailure::UnclosedQuote { quote: '\'', position })? {
                '\'' => return Ok(()),
                other => self.push(other),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), CurlFailure> {
        let unclosed = CurlFailure::UnclosedQuote { quote: '"', position: self.at };
        self.begin();
        loop {
            match self.next().ok_or_else(|| unclosed.clone())? {
                '"' => return Ok(()),
                '\\' => match self.next().ok_or_else(|| unclosed.clone())? {
                    '\n' => {}
                    '\r' if self.peek(0) == Some('\n') => self.at += 1,
                    escaped @ ('"' | '\\' | '$' | '`') => self.push(escaped),
                    other => {
                        self.push('\\');
                        self.push(other);
                    }
                },
                '$' => self.dollar(),
                '`' => self.backquoted(),
                other => self.push(other),
            }
        }
    }

    /// A variable or a command inside: its value is not known here, so it stays as it is.
    fn dollar(&mut self) {
        let rest = &self.text[self.at..];
        let is_name = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
        let end = match rest.first() {
            Some('(') => {
                self.words.note_substitution("$(…)");
                closing(rest, '(', ')')
            }
            Some('{') => {
                let name: String = rest[1..].iter().take_while(|character| is_name(character)).collect();
                self.words.note_variable(&format!("${{{name}}}"), &name);
                closing(rest, '{', '}')
            }
            Some(first) if first.is_ascii_alphabetic() || *first == '_' => {
                let name: String = rest.iter().take_while(|character| is_name(character)).collect();
                self.words.note_variable(&format!("${name}"), &name);
                0
            }
            _ => 0,
        };
        self.push('$');
        self.copy(end);
    }

    /// `` `…` `` is a command inside, too.
    fn backquoted(&mut self) {
        self.words.note_substitution("`…`");
        self.push('`');
        let end = self.text[self.at..].iter().position(|character| *character == '`').map_or(0, |index| index + 1);
        self.copy(end);
    }

    fn copy(&mut self, characters: usize) {
        for _ in 0..characters {
            if let Some(character) = self.next() {
                self.push(character);
            }
        }
    }

    fn ansi_quoted(&mut self) -> Result<(), CurlFailure> {
        self.at += 1;
        let unclosed = CurlFailure::UnclosedQuote { quote: '\'', position: self.at };
        self.begin();
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

    fn byte(&mut self, radix: u32, most: usize, letter: char) {
        if let Some(number) = self.number(radix, most) {
            // As in bash, what is more than a byte is cut.
            self.words.push_byte((number & 0xff) as u8, self.at.saturating_sub(1));
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

/// How many characters from the opening one to the one that closes it; 0 when none does.
pub(super) fn closing(text: &[char], open: char, close: char) -> usize {
    let mut depth = 0usize;
    for (index, character) in text.iter().enumerate() {
        if *character == open {
            depth += 1;
        } else if *character == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return index + 1;
            }
        }
    }
    0
}

#[cfg(test)]
#[path = "posix_tests.rs"]
mod tests;
