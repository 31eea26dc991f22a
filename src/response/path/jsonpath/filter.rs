//! Reads what stands in a filter (RFC 9535, sections 2.3.5 and 2.4) and checks its types while it reads.

use super::parse::Parser;
use super::syntax::{Comparable, Comparison, Logical, NodeQuery};
use crate::token::PathError;

/// An operand before it is known what it is needed as.
enum Operand {
    /// Has a value, unless it is a query that is not singular.
    Query(NodeQuery),
    Value(Comparable),
    /// A function whose result holds or does not.
    Holds(Logical),
}

impl Parser<'_> {
    /// `a && b || c`.
    pub fn logical(&mut self) -> Result<Logical, PathError> {
        let mut any = vec![self.all_of()?];
        while self.operator("||") {
            any.push(self.all_of()?);
        }
        Ok(only_or(any, Logical::Any))
    }

    fn all_of(&mut self) -> Result<Logical, PathError> {
        let mut all = vec![self.basic()?];
        while self.operator("&&") {
            all.push(self.basic()?);
        }
        Ok(only_or(all, Logical::All))
    }

    /// Whether the operator follows; it and the white space around it are passed over then.
    fn operator(&mut self, operator: &str) -> bool {
        let before = self.at;
        self.space();
        if self.take(operator) {
            self.space();
            return true;
        }
        self.at = before;
        false
    }

    fn basic(&mut self) -> Result<Logical, PathError> {
        if self.take("!") {
            self.space();
            let holds = if self.peek() == Some(b'(') {
                self.parentheses()?
            } else {
                let start = self.at;
                let operand = self.operand()?;
                self.holds(operand, start)?
            };
            return Ok(Logical::Not(Box::new(holds)));
        }
        if self.peek() == Some(b'(') {
            return self.parentheses();
        }
        let start = self.at;
        let left = self.operand()?;
        let end = self.at;
        self.space();
        let Some(comparison) = self.comparison() else {
            self.at = end;
            return self.holds(left, start);
        };
        let left = self.comparable(left, start, end)?;
        self.space();
        let start = self.at;
        let right = self.operand()?;
        let right = self.comparable(right, start, self.at)?;
        Ok(Logical::Compare(left, comparison, right))
    }

    fn parentheses(&mut self) -> Result<Logical, PathError> {
        self.deeper(self.at)?;
        self.at += 1;
        self.space();
        let inside = self.logical()?;
        self.space();
        if !self.take(")") {
            return self.fail_here("&&, || or ) was expected");
        }
        self.shallower();
        Ok(inside)
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let known = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        known.into_iter().find(|(written, _)| self.take(written)).map(|(_, comparison)| comparison)
    }

    fn operand(&mut self) -> Result<Operand, PathError> {
        match self.peek() {
            Some(start @ (b'$' | b'@')) => {
                self.at += 1;
                Ok(Operand::Query(NodeQuery { from_root: start == b'$', segments: self.segments()? }))
            }
            Some(b'\'' | b'"') => Ok(Operand::Value(Comparable::Text(self.quoted()?))),
            Some(b'-' | b'0'..=b'9') => Ok(Operand::Value(Comparable::Number(self.number()?))),
            Some(b'a'..=b'z') => self.word(),
            _ => self.fail_here("a query with @ or $, a text in quotes, a number or a function was expected"),
        }
    }

    /// `true`, `false`, `null` or a function.
    fn word(&mut self) -> Result<Operand, PathError> {
        let start = self.at;
        let rest = &self.text[start..];
        let is_word = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
        let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        self.at += length;
        let word = &rest[..length];
        if self.peek() == Some(b'(') {
            return self.function(word, start);
        }
        match word {
            "true" | "false" => Ok(Operand::Value(Comparable::Boolean(word == "true"))),
            "null" => Ok(Operand::Value(Comparable::Null)),
            _ => self.fail(start, self.at, "only true, false, null and functions are written without quotes"),
        }
    }

    fn function(&mut self, name: &str, start: usize) -> Result<Operand, PathError> {
        let wanted = match name {
            "length" | "count" | "value" => 1,
            "match" | "search" => 2,
            _ => {
                return self.fail(start, self.at, "this function is unknown; there are length, count, match, search and value");
            }
        };
        self.deeper(self.at)?;
        self.at += 1;
        let mut given = Vec::new();
        self.space();
        if self.peek() != Some(b')') {
            loop {
                let from = self.at;
                given.push((self.operand()?, from, self.at));
                self.space();
                if !self.take(",") {
                    break;
                }
                self.space();
            }
        }
        if !self.take(")") {
            return self.fail_here("a comma or ) was expected");
        }
        self.shallower();
        if given.len() != wanted {
            let values = if wanted == 1 { "one value" } else { "two values" };
            return self.fail(start, self.at, format!("{name} takes {values}, and {} stand there", given.len()));
        }
        let mut given = given.into_iter();
        let mut next = || given.next().ok_or_else(|| PathError::at(self.text, start, self.at, "a value is missing"));
        let (first, from, to) = next()?;
        Ok(match name {
            "length" => Operand::Value(Comparable::Length(Box::new(self.comparable(first, from, to)?))),
            "count" => Operand::Value(Comparable::Count(self.nodes(first, from, to)?)),
            "value" => Operand::Value(Comparable::Value(self.nodes(first, from, to)?)),
            _ => {
                let (second, second_from, second_to) = next()?;
                let text = self.comparable(first, from, to)?;
                let pattern = self.comparable(second, second_from, second_to)?;
                Operand::Holds(Logical::Matches { text, pattern, whole: name == "match" })
            }
        })
    }

    /// As something that holds or does not (`LogicalType`).
    fn holds(&self, operand: Operand, start: usize) -> Result<Logical, PathError> {
        match operand {
            Operand::Query(query) => Ok(Logical::Exists(query)),
            Operand::Holds(logical) => Ok(logical),
            Operand::Value(_) => self.fail(start, self.at, "this is a value; compare it with another, such as … == 1"),
        }
    }

    /// As something that has one value (`ValueType`).
    fn comparable(&self, operand: Operand, from: usize, to: usize) -> Result<Comparable, PathError> {
        match operand {
            Operand::Value(value) => Ok(value),
            Operand::Query(query) if query.is_singular() => Ok(Comparable::Singular(query)),
            Operand::Query(_) => self.fail(
                from,
                to,
                "this query can yield several values; use names and positions only, or value(…) or count(…)",
            ),
            Operand::Holds(_) => self.fail(from, to, "match and search hold or do not; they have no value to use here"),
        }
    }

    /// As nodes (`NodesType`).
    fn nodes(&self, operand: Operand, from: usize, to: usize) -> Result<NodeQuery, PathError> {
        match operand {
            Operand::Query(query) => Ok(query),
            _ => self.fail(from, to, "a query with @ or $ was expected"),
        }
    }
}

fn only_or(mut list: Vec<Logical>, several: fn(Vec<Logical>) -> Logical) -> Logical {
    if list.len() == 1 { list.remove(0) } else { several(list) }
}
