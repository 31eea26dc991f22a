//! JSONPath (RFC 9535), evaluated in the body's own text: nothing is converted, numbers keep their digits, and a body may
//! have any size and depth. Work is bounded by the body's size, so a path that multiplies ends with a word instead of never.

mod evaluate;
mod filter;
mod lexical;
mod parse;
mod pattern;
mod syntax;
mod value;

use std::fmt::Write as _;

use evaluate::{Evaluator, Nodes};
use syntax::Segment;

use super::Step;
use crate::response::json::{Json, Member};
use crate::token::PathError;

/// A query may read the body so many times over, …
const TIMES: usize = 32;

/// …and so many bytes more.
const AT_LEAST: usize = 64 << 20;

/// A JSONPath, read and found in order.
#[derive(Debug)]
pub(in crate::response) struct Query {
    segments: Vec<Segment>,
}

/// What a query yields.
#[derive(Debug)]
pub(in crate::response) struct Yield {
    /// The nodes in order, up to as many as were asked for.
    pub nodes: Vec<Member>,
    /// Whether these are all.
    pub all: bool,
    /// Whether the search ended because the path takes too much work on this body.
    pub too_much: bool,
}

/// Reads a JSONPath, which must begin with `$` and have no white space around it.
pub(in crate::response) fn parse(text: &str) -> Result<Query, PathError> {
    Ok(Query { segments: parse::read(text)? })
}

impl Query {
    /// The nodes that it yields, at most `most` of them. A node may come twice. Of members with the same name a name
    /// selects the last.
    pub fn nodes(&self, json: &Json, most: usize) -> Yield {
        self.nodes_within(json, most, json.text().len().saturating_mul(TIMES).saturating_add(AT_LEAST))
    }

    fn nodes_within(&self, json: &Json, most: usize, work: usize) -> Yield {
        let mut evaluator = Evaluator::new(json, work);
        let mut search = Nodes::new(json, &self.segments, json.root());
        let mut found = Yield { nodes: Vec::new(), all: true, too_much: false };
        loop {
            match search.next(&mut evaluator) {
                Ok(None) => return found,
                Ok(Some(_)) if found.nodes.len() == most => return Yield { all: false, ..found },
                Ok(Some(node)) => found.nodes.push(node),
                Err(evaluate::TooMuch) => return Yield { all: false, too_much: true, ..found },
            }
        }
    }
}

/// The normalized path (section 2.7), such as `$['data'][0]`.
pub(in crate::response) fn normalized(steps: &[Step<'_>]) -> String {
    let mut path = "$".to_owned();
    for step in steps {
        match step {
            Step::Index(index) => {
                // Writing to a String can't fail.
                let _ = write!(path, "[{index}]");
            }
            Step::Name(name) => {
                path.push_str("['");
                push_quoted(&mut path, name, '\'');
                path.push_str("']");
            }
        }
    }
    path
}

/// Whether a name can be written without quotes.
pub(in crate::response) fn is_bare(name: &str) -> bool {
    name.starts_with(|first: char| !first.is_ascii_digit()) && name.chars().all(parse::is_name)
}

/// Appends a text as it is written inside such quotes (section 2.7).
pub(in crate::response) fn push_quoted(out: &mut String, text: &str, quote: char) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a String can't fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            same if same == quote => {
                out.push('\\');
                out.push(same);
            }
            plain => out.push(plain),
        }
    }
}

#[cfg(test)]
mod tests;
