//! Regular expressions of `match` and `search`: I-Regexp (RFC 9485), written anew for a matcher whose time is linear.
//!
//! The compliance suite takes `^` and `$` as what they mean in most dialects, so they do here.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

/// The most memory of a compiled expression and of its cache, in bytes.
const LARGEST: usize = 1 << 20;

/// A longer expression never matches.
const LONGEST: usize = 4096;

/// Groups inside each other, at most.
const DEEPEST: usize = 50;

/// The expression, for the whole text or any part of it; `None` when it is no I-Regexp or too large.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    if pattern.len() > LONGEST {
        return None;
    }
    let mut reader = Reader { rest: pattern, out: String::with_capacity(pattern.len() + 8), depth: 0 };
    reader.branches()?;
    if !reader.rest.is_empty() {
        return None;
    }
    let written = if whole { format!(r"\A(?:{})\z", reader.out) } else { reader.out };
    RegexBuilder::new(&written).size_limit(LARGEST).dfa_size_limit(LARGEST).build().ok()
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    depth: usize,
}

impl Reader<'_> {
    fn branches(&mut self) -> Option<()> {
        loop {
            while self.piece()? {}
            if !self.take('|') {
                return Some(());
            }
            self.out.push('|');
        }
    }

    /// An atom and how often; false where none stands.
    fn piece(&mut self) -> Option<bool> {
        let Some(first) = self.rest.chars().next() else { return Some(false) };
        match first {
            '|' | ')' => return Some(false),
            '(' => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return None;
                }
                self.step();
                self.out.push_str("(?:");
                self.branches()?;
                if !self.take(')') {
                    return None;
                }
                self.out.push(')');
                self.depth -= 1;
            }
            '.' => {
                self.step();
                self.out.push_str(r"[^\n\r]");
            }
            '[' => self.class()?,
            '\\' => self.escape()?,
            '^' | '$' => {
                self.step();
                self.out.push(first);
            }
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            plain => {
                self.step();
                self.literal(plain);
            }
        }
        self.quantifier()?;
        Some(true)
    }

    fn quantifier(&mut self) -> Option<()> {
        match self.rest.chars().next() {
            Some(often @ ('*' | '+' | '?')) => {
                self.step();
                self.out.push(often);
            }
            Some('{') => {
                let end = self.rest.find('}')?;
                let inside = &self.rest[1..end];
                let digits = |part: &str| !part.is_empty() && part.len() <= 5 && part.bytes().all(|byte| byte.is_ascii_digit());
                let fits = match inside.split_once(',') {
                    Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
                    None => digits(inside),
                };
                if !fits {
                    return None;
                }
                self.out.push_str(&self.rest[..=end]);
                self.rest = &self.rest[end + 1..];
            }
            _ => {}
        }
        Some(())
    }

    /// `[…]`, each character written as a code point, so that nothing else has a meaning in it.
    fn class(&mut self) -> Option<()> {
        self.step();
        self.out.push('[');
        if self.take('^') {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.chars().next()? {
                ']' if !first => {
                    self.step();
                    self.out.push(']');
                    return Some(());
                }
                '-' if first || self.rest.starts_with("-]") => {
                    self.step();
                    self.literal('-');
                }
                '\\' if self.rest[1..].starts_with(['p', 'P']) => self.category()?,
                _ => {
                    let from = self.class_character()?;
                    self.literal(from);
                    if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                        self.step();
                        self.out.push('-');
                        let to = self.class_character()?;
                        self.literal(to);
                    }
                }
            }
            first = false;
        }
    }

    fn class_character(&mut self) -> Option<char> {
        let character = self.step()?;
        match character {
            '\\' => self.escaped_character(),
            '-' | '[' | ']' => None,
            plain => Some(plain),
        }
    }

    fn escape(&mut self) -> Option<()> {
        if self.rest[1..].starts_with(['p', 'P']) {
            return self.category();
        }
        self.step();
        let character = self.escaped_character()?;
        self.literal(character);
        Some(())
    }

    fn escaped_character(&mut self) -> Option<char> {
        match self.step()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            mark @ ('(' | ')' | '*' | '+' | '-' | '.' | '?' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' | '$') => Some(mark),
            _ => None,
        }
    }

    /// `\p{…}` with one of the general categories of Unicode.
    fn category(&mut self) -> Option<()> {
        let end = self.rest.find('}')?;
        let name = self.rest.get(3..end).filter(|_| self.rest[2..].starts_with('{'))?;
        let (major, minor) = name.split_at_checked(1)?;
        let minors = match major {
            "C" => "cfno",
            "L" => "lmotu",
            "M" => "cen",
            "N" => "dlo",
            "P" => "cdefios",
            "S" => "ckmo",
            "Z" => "lps",
            _ => return None,
        };
        if minor.len() > 1 || !minors.contains(minor) {
            return None;
        }
        self.out.push_str(&self.rest[..=end]);
        self.rest = &self.rest[end + 1..];
        Some(())
    }

    fn literal(&mut self, character: char) {
        // Writing to a String can't fail.
        let _ = write!(self.out, "\\x{{{:x}}}", u32::from(character));
    }

    fn step(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.rest.starts_with(wanted);
        if there {
            self.step();
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t4_an_expression_is_an_i_regexp_or_matches_nothing() {
        for (pattern, text, found) in [
            ("a.c", "abc", true),
            ("a.c", "a\rc", false),
            ("[-a]", "-", true),
            ("[a-]", "-", true),
            ("[a&&b]+", "a&b", true),
            ("[^a]", "b", true),
            (r"\p{Lu}\P{Lu}", "Ab", true),
            ("(a|b){2,3}", "abb", true),
            ("(a|b){2,}", "a", false),
            ("#x", "#x", true),
            ("", "", true),
        ] {
            assert_eq!(compile(pattern, true).unwrap().is_match(text), found, "{pattern}");
        }
        for no in
            [r"\d", "(?i)a", "a**", "[a", "(a", "a)", "[]", "a{,2}", "a{2", r"\p{Greek}", "[a-b-c]", r"a\", "{1}", "[[a]]"]
        {
            assert!(compile(no, true).is_none(), "{no}");
        }
        assert!(compile("((a{1000}){1000}){1000}", true).is_none(), "a small expression that would need much memory");
        assert!(compile(&"(".repeat(4000), true).is_none());
    }
}
