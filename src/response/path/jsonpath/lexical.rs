//! The smallest parts of a JSONPath: texts in quotes, positions and numbers.

use super::parse::Parser;
use crate::token::PathError;

/// The largest position that may be written: I-JSON's largest whole number (section 2.1).
const LARGEST: i64 = (1 << 53) - 1;

impl Parser<'_> {
    /// A text in single or double quotes, unescaped (section 2.3.1.1).
    pub fn quoted(&mut self) -> Result<String, PathError> {
        let open = self.at;
        let quote = if self.peek() == Some(b'"') { '"' } else { '\'' };
        self.at += 1;
        let mut out = String::new();
        while let Some(character) = self.text[self.at..].chars().next() {
            if character == quote {
                self.at += 1;
                return Ok(out);
            }
            match character {
                '\\' => out.push(self.escape(quote)?),
                control if control < ' ' => {
                    return self.fail_here("a control character must be written as an escape such as \\n");
                }
                plain => {
                    out.push(plain);
                    self.at += plain.len_utf8();
                }
            }
        }
        self.fail(open, self.text.len(), "this text in quotes has no end")
    }

    /// The character of the escape at the backslash.
    fn escape(&mut self, quote: char) -> Result<char, PathError> {
        let start = self.at;
        let Some(after) = self.text[start + 1..].chars().next() else {
            return self.fail(start, self.text.len(), "it ends inside an escape");
        };
        let character = match after {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => after,
            same if same == quote => same,
            'u' => return self.unicode_escape(),
            _ => return self.fail(start, start + 1 + after.len_utf8(), "this escape is unknown"),
        };
        self.at = start + 2;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, PathError> {
        let start = self.at;
        let first = self.four_digits()?;
        let code = match first {
            0xd800..0xdc00 if self.text[self.at..].starts_with("\\u") => {
                let second = self.four_digits()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return self.fail(start, self.at, "the second half of a surrogate pair was expected");
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            plain => plain,
        };
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.fail(start, self.at, "half of a surrogate pair stands alone"),
        }
    }

    /// The digits of the `\uXXXX` at the present place.
    fn four_digits(&mut self) -> Result<u32, PathError> {
        let start = self.at;
        let digits = self.text.get(start + 2..start + 6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return self.fail(start, start + 2, "four hexadecimal digits must follow \\u");
        };
        self.at = start + 6;
        Ok(unit)
    }

    /// A whole number as a position is written; `None` when there is none.
    pub fn position(&mut self) -> Result<Option<i64>, PathError> {
        let start = self.at;
        self.take("-");
        let digits = self.digits();
        if digits == 0 {
            return if self.at == start { Ok(None) } else { self.fail_here("a digit was expected") };
        }
        let written = &self.text[start..self.at];
        let plain = written.trim_start_matches('-');
        if plain.starts_with('0') && (digits > 1 || plain.len() != written.len()) {
            return self.fail(start, self.at, "a position must be written without leading zeros, and 0 without a minus");
        }
        match written.parse::<i64>() {
            Ok(position) if (-LARGEST..=LARGEST).contains(&position) => Ok(Some(position)),
            _ => self.fail(start, self.at, "a position must lie between -9007199254740991 and 9007199254740991"),
        }
    }

    /// A number as JSON writes it; a minus before 0 is allowed.
    pub fn number(&mut self) -> Result<String, PathError> {
        let start = self.at;
        self.take("-");
        let whole = self.at;
        let digits = self.digits();
        if digits == 0 {
            return self.fail_here("a digit was expected");
        }
        if digits > 1 && self.text[whole..].starts_with('0') {
            return self.fail(start, self.at, "a number must not begin with 0");
        }
        if self.take(".") && self.digits() == 0 {
            return self.fail_here("a digit was expected");
        }
        if self.take("e") || self.take("E") {
            let _signed = self.take("+") || self.take("-");
            if self.digits() == 0 {
                return self.fail_here("a digit was expected");
            }
        }
        Ok(self.text[start..self.at].to_owned())
    }

    /// Passes over digits; how many.
    fn digits(&mut self) -> usize {
        let rest = &self.text[self.at..];
        let count = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        self.at += count;
        count
    }
}
