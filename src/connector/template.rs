//! Texts with `{{input}}` in them, and how a value is written at each place (E10).
//!
//! A value is escaped for where it stands, so that no input can end a string, add a header, climb
//! out of a path or name another host. There is no way to write a literal `{{`: in JSON, `\u007b{`
//! inside a string is the same text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::inputs::{InputValue, ResolvedInputs};
use super::places::{JsonContext, PathSegment, RenderFault, escape_xml};

/// RFC 3986 section 2.3: everything but the unreserved characters is encoded.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest name of a data input, in characters.
const LONGEST_NAME: usize = 100;

/// A text that was taken apart into literal text and the names of inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Where it begins in the template, in characters from 0.
    start: usize,
    kind: PartKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PartKind {
    Text(String),
    Input(String),
}

/// Why a text is no template; found when saving.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {position}).")]
pub struct TemplateFault {
    /// Where, in characters counted from 1.
    pub position: usize,
    /// What is wrong there, without a full stop.
    pub message: String,
}

/// How a body is written, from the connector's Content-Type (E10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/json`, `text/json` and `+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/xml`, `text/xml` and `+xml`.
    Xml,
    /// Anything else: values are written as they are.
    Text,
}

impl BodyKind {
    /// The kind that a Content-Type announces.
    pub fn announced(content_type: &str) -> Self {
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/json" | "text/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/xml" | "text/xml" => Self::Xml,
            other if other.ends_with("+json") => Self::Json,
            other if other.ends_with("+xml") => Self::Xml,
            _ => Self::Text,
        }
    }

    /// The announced kind, or without a Content-Type what the body looks like: an object or array
    /// that is valid JSON, a document that begins with `<`, else text.
    pub fn of(content_type: Option<&str>, body: &Template) -> Self {
        if let Some(content_type) = content_type {
            return Self::announced(content_type);
        }
        let Some(Part { kind: PartKind::Text(start), .. }) = body.parts.first() else { return Self::Text };
        match start.trim_start().bytes().next() {
            Some(b'{' | b'[') if body.json_fault().is_none() => Self::Json,
            Some(b'<') => Self::Xml,
            _ => Self::Text,
        }
    }
}

/// Whether `name` can be the name of a data input: letters, digits, `_`, `-` and `.`, at most 100.
pub fn is_input_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

impl Template {
    /// Reads a template of a URL or a header: a lone `{{` or `}}` is a fault.
    pub fn parse(text: &str) -> Result<Self, TemplateFault> {
        let template = Self::parse_body(text)?;
        for part in &template.parts {
            if let PartKind::Text(text) = &part.kind
                && let Some(at) = text.find("}}")
            {
                let position = part.start + text[..at].chars().count() + 1;
                return Err(TemplateFault { position, message: "“}}” has no “{{” before it".to_owned() });
            }
        }
        Ok(template)
    }

    /// Reads a template of a body, where `}}` alone is ordinary text: nested JSON ends with it.
    pub fn parse_body(text: &str) -> Result<Self, TemplateFault> {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut position = 0;
        while let Some(open) = rest.find("{{") {
            if open > 0 {
                parts.push(Part { start: position, kind: PartKind::Text(rest[..open].to_owned()) });
                position += rest[..open].chars().count();
            }
            let inside = &rest[open + 2..];
            let fault = |message: &str| TemplateFault { position: position + 1, message: message.to_owned() };
            let close = inside.find("}}").ok_or_else(|| fault("“{{” is never closed with “}}”"))?;
            let name = inside[..close].trim();
            if name.is_empty() {
                return Err(fault("“{{}}” names no input"));
            }
            if !is_input_name(name) {
                return Err(fault("What stands between “{{” and “}}” can't be the name of an input"));
            }
            parts.push(Part { start: position, kind: PartKind::Input(name.to_owned()) });
            position += inside[..close].chars().count() + 4;
            rest = &inside[close + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part { start: position, kind: PartKind::Text(rest.to_owned()) });
        }
        Ok(Self { parts })
    }

    /// The inputs that it names, in order and as often as it names them, each with the position of
    /// its `{{` in characters counted from 1.
    pub fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Input(name) => Some((name.as_str(), part.start + 1)),
            PartKind::Text(_) => None,
        })
    }

    /// Whether no input stands in the scheme, userinfo, host or port of this URL. An input there
    /// could send the tokens to another host, so it is refused when saving and again when run.
    pub fn host_is_fixed(&self) -> bool {
        match self.parts.as_slice() {
            [Part { kind: PartKind::Text(_), .. }] | [] => true,
            [Part { kind: PartKind::Text(start), .. }, ..] => start.split_once("://").is_some_and(|(_, after)| {
                let host = after.find(['/', '?', '#', '\\']).map_or("", |end| &after[..end]);
                // URL parsers skip tabs, line breaks and empty hosts, and take what comes next.
                !host.is_empty() && !host.chars().any(|character| character.is_whitespace() || character.is_control())
            }),
            _ => false,
        }
    }

    /// The URL with every value percent-encoded, wherever it stands (E10).
    pub fn render_url(&self, inputs: &ResolvedInputs) -> Result<String, RenderFault> {
        if !self.host_is_fixed() {
            return Err(RenderFault::OpenHost);
        }
        let mut url = String::new();
        let mut segment = PathSegment::default();
        for part in &self.parts {
            match &part.kind {
                PartKind::Text(text) => {
                    for character in text.chars() {
                        segment.literal(character)?;
                    }
                    url.push_str(text);
                }
                PartKind::Input(name) => {
                    let encoded = utf8_percent_encode(value_of(name, inputs)?.as_text(), NOT_UNRESERVED).to_string();
                    segment.value(name, &encoded);
                    url.push_str(&encoded);
                }
            }
        }
        segment.end()?;
        Ok(url)
    }

    /// The header's value; an input that holds CR, LF, NUL or another control character is refused.
    pub fn render_header(&self, inputs: &ResolvedInputs) -> Result<String, RenderFault> {
        self.render(inputs, |name, value, out| {
            let text = value.as_text();
            if text.chars().any(|character| character.is_ascii_control() && character != '\t') {
                return Err(RenderFault::ControlInHeader { name: name.to_owned() });
            }
            out.push_str(text);
            Ok(())
        })
    }

    /// The body, with each value written as its kind asks (E10).
    pub fn render_body(&self, kind: BodyKind, inputs: &ResolvedInputs) -> Result<String, RenderFault> {
        match kind {
            BodyKind::Json => self.render_json(inputs),
            BodyKind::Form => self.render(inputs, |_, value, out| {
                out.extend(utf8_percent_encode(value.as_text(), NOT_UNRESERVED));
                Ok(())
            }),
            BodyKind::Xml => self.render(inputs, |name, value, out| {
                escape_xml(value.as_text(), out).ok_or_else(|| RenderFault::ControlInXml { name: name.to_owned() })
            }),
            BodyKind::Text => self.render(inputs, |_, value, out| {
                out.push_str(value.as_text());
                Ok(())
            }),
        }
    }

    /// Why the template is not JSON once each input is replaced; `None` when it is. What passes
    /// here is valid JSON with every value: bare inputs are tried as `null`, which fits nowhere
    /// but where a whole value stands.
    pub fn json_fault(&self) -> Option<TemplateFault> {
        let mut tried = String::new();
        let mut starts = Vec::new();
        let mut context = JsonContext::default();
        for part in &self.parts {
            starts.push(tried.len());
            match &part.kind {
                PartKind::Text(text) => {
                    context.read(text);
                    tried.push_str(text);
                }
                // `x` is refused after a backslash and inside `\u….`, where a value could do harm.
                PartKind::Input(_) => tried.push_str(if context.in_string { "x" } else { "null" }),
            }
        }
        let error = serde_json::from_str::<serde::de::IgnoredAny>(&tried).err()?;
        let line_start: usize = tried.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (line_start + error.column().saturating_sub(1)).min(tried.len());
        let index = starts.partition_point(|start| *start <= at).saturating_sub(1);
        let position = self.parts.get(index).map_or(1, |part| match &part.kind {
            PartKind::Input(_) => part.start + 1,
            PartKind::Text(text) => {
                let inside = text.bytes().take(at - starts[index]).filter(|byte| byte & 0xc0 != 0x80).count();
                part.start + inside + 1
            }
        });
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        Some(TemplateFault { position, message: format!("This is not valid JSON: {reason}") })
    }

    fn render(
        &self,
        inputs: &ResolvedInputs,
        write: impl Fn(&str, &InputValue, &mut String) -> Result<(), RenderFault>,
    ) -> Result<String, RenderFault> {
        let mut out = String::new();
        for part in &self.parts {
            match &part.kind {
                PartKind::Text(text) => out.push_str(text),
                PartKind::Input(name) => write(name, value_of(name, inputs)?, &mut out)?,
            }
        }
        Ok(out)
    }

    fn render_json(&self, inputs: &ResolvedInputs) -> Result<String, RenderFault> {
        let mut out = String::new();
        let mut context = JsonContext::default();
        for part in &self.parts {
            match &part.kind {
                PartKind::Text(text) => {
                    context.read(text);
                    out.push_str(text);
                }
                PartKind::Input(name) => {
                    let value = value_of(name, inputs)?;
                    if context.in_string {
                        let quoted = serde_json::Value::from(value.as_text()).to_string();
                        out.push_str(&quoted[1..quoted.len() - 1]);
                    } else {
                        out.push_str(&value.as_bare_json());
                    }
                }
            }
        }
        Ok(out)
    }
}

fn value_of<'a>(name: &str, inputs: &'a ResolvedInputs) -> Result<&'a InputValue, RenderFault> {
    inputs.get(name).ok_or_else(|| RenderFault::UnknownInput { name: name.to_owned() })
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
