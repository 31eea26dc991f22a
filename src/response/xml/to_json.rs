//! XML converted to JSON text (E12), so that one tree, one search and one kind of location serve both.
//!
//! An element becomes the value of its name: its text when it has nothing else, else an object with
//! attributes as `@name`, text as `#text` and elements in order of first appearance. Elements that repeat beside each
//! other become an array. Every value stays a string. Names keep their prefix. Nothing is fetched, and
//! no entity but the five predefined ones and character references is expanded: others stay as written.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::XmlError;
use super::text::push_reference;
use crate::response::json::write_string;

/// Larger XML is not converted: that needs several times its size.
const LARGEST: usize = 64 << 20;

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<usize>,
}

/// Converts a whole document with one root element; see the module for the convention.
pub(in crate::response) fn to_json(xml: &str) -> Result<String, XmlError> {
    if xml.len() > LARGEST {
        return Err(XmlError { at: 0, what: "it is larger than 64 MiB, so it is not converted" });
    }
    let elements = read(xml)?;
    Ok(write(&elements))
}

/// All elements, the root first.
fn read(xml: &str) -> Result<Vec<Element>, XmlError> {
    let mut reader = Reader::from_str(xml);
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX).min(xml.len());
        let fail = |what| XmlError { at, what };
        let here = || XmlError { at: usize::try_from(reader.buffer_position()).unwrap_or(xml.len()).min(xml.len()), what: "" };
        match event.map_err(|error| fail(in_words(&error)))? {
            Event::Start(start) => {
                let element = add(&mut elements, &open, &start).map_err(|what| XmlError { what, ..here() })?;
                open.push(element);
            }
            Event::Empty(start) => {
                add(&mut elements, &open, &start).map_err(|what| XmlError { what, ..here() })?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                match open.last() {
                    Some(element) => elements[*element].text.push_str(&text),
                    None if text.trim().is_empty() => {}
                    None => return Err(XmlError { what: "text stands outside the root element", ..here() }),
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last() {
                    elements[*element].text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(element) = open.last() {
                    push_reference(&mut elements[*element].text, &reference);
                }
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof if !open.is_empty() => {
                return Err(XmlError { at: xml.len(), what: "it ends before every element is closed" });
            }
            Event::Eof if elements.is_empty() => {
                return Err(XmlError { at: xml.len(), what: "it has no element" });
            }
            Event::Eof => return Ok(elements),
        }
    }
}

/// What is wrong, in words of our own: the reader's quote the body, which may hold secrets.
fn in_words(error: &quick_xml::Error) -> &'static str {
    use quick_xml::errors::{Error, IllFormedError, SyntaxError};
    match error {
        Error::Syntax(SyntaxError::UnclosedCData | SyntaxError::UnclosedComment) => "a section or comment has no end",
        Error::Syntax(SyntaxError::UnclosedDoctype) => "its document type has no end",
        Error::Syntax(_) => "a tag has no end",
        Error::IllFormed(IllFormedError::MismatchedEndTag { .. }) => "another element is closed than the one that is open",
        Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an element is closed that is not open",
        Error::IllFormed(IllFormedError::MissingEndTag(_)) => "it ends before every element is closed",
        Error::IllFormed(_) => "it is not well formed there",
        Error::InvalidAttr(error) => in_words_of_attribute(error),
        _ => "it can't be read there",
    }
}

fn in_words_of_attribute(error: &quick_xml::events::attributes::AttrError) -> &'static str {
    use quick_xml::events::attributes::AttrError;
    match error {
        AttrError::ExpectedEq(_) => "an attribute has no value",
        AttrError::ExpectedValue(_) | AttrError::UnquotedValue(_) | AttrError::ExpectedQuote(..) => {
            "an attribute's value is not in quotes"
        }
        AttrError::Duplicated(..) => "an element has an attribute twice",
    }
}

fn add(elements: &mut Vec<Element>, open: &[usize], start: &BytesStart<'_>) -> Result<usize, &'static str> {
    let number = elements.len();
    match open.last() {
        Some(parent) => elements[*parent].children.push(number),
        None if number > 0 => return Err("a second root element begins"),
        None => {}
    }
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| in_words_of_attribute(&error))?;
        attributes.push((attribute.key.as_ref().to_owned(), expand(&attribute.value)));
    }
    elements.push(Element { name: start.name().as_ref().to_owned(), attributes, ..Element::default() });
    Ok(number)
}

/// An attribute's value with its references resolved.
fn expand(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';') {
            Some((name, tail)) if !name.is_empty() && name.len() <= 64 && !name.contains(['&', ' ']) => {
                push_reference(&mut out, &BytesRef::new(name));
                rest = tail;
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What is still to be written, last first.
enum Piece<'a> {
    Element(usize),
    Name(&'a str),
    Plain(&'static str),
}

fn write(elements: &[Element]) -> String {
    let mut out = String::new();
    let Some(root) = elements.first() else { return out };
    let mut todo = vec![Piece::Plain("}"), Piece::Element(0), Piece::Name(&root.name), Piece::Plain("{")];
    while let Some(piece) = todo.pop() {
        match piece {
            Piece::Plain(text) => out.push_str(text),
            Piece::Name(name) => {
                write_string(&mut out, name);
                out.push(':');
            }
            Piece::Element(number) => write_element(&mut out, &mut todo, elements, &elements[number]),
        }
    }
    out
}

fn write_element<'a>(out: &mut String, todo: &mut Vec<Piece<'a>>, elements: &'a [Element], element: &'a Element) {
    if element.attributes.is_empty() && element.children.is_empty() {
        write_string(out, &element.text);
        return;
    }
    out.push('{');
    let mut separator = "";
    for (name, value) in &element.attributes {
        out.push_str(separator);
        write_string(out, &format!("@{name}"));
        out.push(':');
        write_string(out, value);
        separator = ",";
    }
    let text = element.text.trim();
    if !text.is_empty() {
        out.push_str(separator);
        out.push_str("\"#text\":");
        write_string(out, text);
        separator = ",";
    }
    todo.push(Piece::Plain("}"));
    let from = todo.len();
    for (name, group) in groups(elements, element) {
        todo.push(Piece::Plain(separator));
        separator = ",";
        todo.push(Piece::Name(name));
        if let [only] = group.as_slice() {
            todo.push(Piece::Element(*only));
            continue;
        }
        for (position, child) in group.iter().enumerate() {
            todo.push(Piece::Plain(if position == 0 { "[" } else { "," }));
            todo.push(Piece::Element(*child));
        }
        todo.push(Piece::Plain("]"));
    }
    todo[from..].reverse();
}

/// The children by name, in order of first appearance.
fn groups<'a>(elements: &'a [Element], element: &Element) -> Vec<(&'a str, Vec<usize>)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for child in &element.children {
        let name = elements[*child].name.as_str();
        let place = *places.entry(name).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(*child);
    }
    groups
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<a/>", r#"{"a":""}"#)]
    #[case("<a> t &amp; &#65; </a>", r#"{"a":" t & A "}"#)]
    #[case(r#"<a x="1 &lt; 2">t</a>"#, r##"{"a":{"@x":"1 < 2","#text":"t"}}"##)]
    #[case("<a><b>1</b><c/><b>2</b></a>", r#"{"a":{"b":["1","2"],"c":""}}"#)]
    #[case("<s:E xmlns:s='u'><![CDATA[<x>]]></s:E>", r##"{"s:E":{"@xmlns:s":"u","#text":"<x>"}}"##)]
    #[case("<?xml version='1.0'?>\n<!-- c --><a>\n  <b>1</b>\n</a>\n", r#"{"a":{"b":"1"}}"#)]
    fn e12_xml_becomes_json_by_the_convention(#[case] xml: &str, #[case] json: &str) {
        assert_eq!(to_json(xml).unwrap_or_else(|error| error.what.to_owned()), json);
    }

    #[test]
    fn e12_no_entity_of_a_dtd_is_expanded() {
        let xml = r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yy">]><a b="&y;">&x;&y;</a>"#;
        assert_eq!(to_json(xml).unwrap_or_else(|error| error.what.to_owned()), r##"{"a":{"@b":"&y;","#text":"&x;&y;"}}"##);
    }

    #[rstest]
    #[case("<a>")]
    #[case("<a></b>")]
    #[case("<a/><b/>")]
    #[case("x<a/>")]
    #[case("<a x='1' x='2'/>")]
    #[case("")]
    #[case("<!-- only -->")]
    fn e12_what_is_not_well_formed_is_refused(#[case] xml: &str) {
        assert!(to_json(xml).is_err());
    }

    #[test]
    fn e12_deep_xml_does_not_overflow_the_stack() {
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(to_json(&deep).is_ok());
    }
}
