//! A body, read once: its format by what it is announced as and by how it looks, and where reading failed.

use std::sync::OnceLock;

use bytes::Bytes;

use super::body;
use super::form::Form;
use super::json::{Json, SyntaxError, is_json};
use super::lines::Lines;
use super::node::DocumentNode;
use super::row::{BodyFormat, BodySummary};
use super::source::Source;
use super::xml::{Xml, to_json};

/// A response's body, opened for reading. Never changes; share it in an `Arc`.
pub struct Document {
    content: Content,
    bytes: u32,
    problem: Option<String>,
    /// How it is still compressed, in words.
    coding: Option<String>,
}

enum Content {
    Empty,
    /// A document; or the start of one up to an error, which is there to be looked at and not to be used.
    Json(Json),
    Xml {
        xml: Xml,
        /// Made when it is first asked for (E12): the tree and locations read the text in place.
        converted: OnceLock<Option<Json>>,
    },
    Form(Form),
    Text {
        text: String,
        lines: Lines,
        /// Whether the lines are JSON documents.
        ndjson: bool,
    },
}

/// What a `Content-Type` announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    Json,
    Xml,
    Html,
    Form,
    Ndjson,
    /// `application/json-seq` (RFC 7464): like NDJSON, with a mark before each document.
    JsonSequence,
    PlainText,
    Other,
    Nothing,
}

impl Document {
    /// Opens a decompressed body; never fails, for what can't be read as announced is shown as lines (E12).
    ///
    /// It is decoded to UTF-8 by byte order mark, charset or look. JSON served as something else opens as JSON
    /// when it is an object, an array or a string and parses. The text is kept once; JSON is read in place.
    pub fn open(body: Bytes, content_type: Option<&str>) -> Self {
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let (announced, charset) = content_type.map_or((Announced::Nothing, None), read_content_type);
        let body::DecodedBody { text, problem } = body::decode(body, charset.as_deref());
        let (content, unread) = read(text, announced);
        Self { content, bytes, problem: unread.or(problem), coding: None }
    }

    /// Opens the body of an answer by its headers. A body that is still compressed, in a way that can't be undone, has
    /// no content: it would be nothing but noise, and nobody could say which secrets stand in it.
    pub fn of_answer(body: Bytes, headers: &[(String, String)]) -> Self {
        let header = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        match still_compressed(headers).filter(|_| !body.is_empty()) {
            None => Self::open(body, header("content-type").map(String::as_str)),
            Some(coding) => Self {
                content: Content::Empty,
                bytes: u32::try_from(body.len()).unwrap_or(u32::MAX),
                problem: Some(format!("Its content coding {coding} was not asked for and can't be undone.")),
                coding: Some(coding),
            },
        }
    }

    /// How the body is still compressed, in words, when that can't be undone.
    pub fn coding(&self) -> Option<&str> {
        self.coding.as_deref()
    }

    /// The value of JSON, or of XML converted (E12), read in place; `None` for anything else.
    pub fn root(&self) -> Option<DocumentNode<'_>> {
        self.json().map(DocumentNode::root)
    }

    /// The JSON text in which nodes stand: the body itself, or XML converted (E12).
    pub fn json_text(&self) -> Option<&str> {
        self.json().map(Json::text)
    }

    /// Format, size, and why it could not be read as announced.
    pub fn summary(&self) -> BodySummary {
        let usable = self.is_broken().then(|| {
            "What stands before that is shown. It can be looked at, searched and copied; as the token, only a capture from the text can be chosen.".to_owned()
        });
        BodySummary { format: self.format(), bytes: self.bytes, problem: self.problem.clone(), usable }
    }

    /// The whole body as it came, decoded to UTF-8. Not masked: it must not cross to a page unasked (T8).
    pub fn text(&self) -> &str {
        match &self.content {
            Content::Empty => "",
            Content::Json(json) => json.text(),
            Content::Xml { xml, .. } => xml.text(),
            Content::Form(form) => form.text(),
            Content::Text { text, .. } => text,
        }
    }

    /// The body as a JSON value: JSON, or XML converted (E12); `None` for anything else.
    ///
    /// `None`, too, for JSON that `serde_json` does not take: nested more than 127 deep, with a number beyond `f64`, or with
    /// a lone surrogate. Needs several times the body's size in memory.
    pub fn to_value(&self) -> Option<serde_json::Value> {
        serde_json::from_str(self.json()?.text()).ok()
    }

    /// Whether the body's lines are something else than the tree it is shown as.
    pub fn has_text_view(&self) -> bool {
        matches!(self.format(), BodyFormat::Json | BodyFormat::Xml | BodyFormat::Form)
    }

    /// JSON, or XML converted (E12), of which 64 MiB are converted at most.
    pub(super) fn json(&self) -> Option<&Json> {
        match &self.content {
            Content::Json(json) => json.broken().is_none().then_some(json),
            Content::Xml { xml, converted } => converted.get_or_init(|| convert(xml)).as_ref(),
            _ => None,
        }
    }

    /// Whether the body is shown as JSON only up to an error.
    pub(super) fn is_broken(&self) -> bool {
        matches!(&self.content, Content::Json(json) if json.broken().is_some())
    }

    /// The body as the tree that it is shown as; `None` when nothing came.
    pub(super) fn source(&self) -> Option<Source<'_>> {
        match &self.content {
            Content::Empty => None,
            Content::Json(json) => Some(Source::Json(json)),
            Content::Xml { xml, .. } => Some(Source::Xml(xml)),
            Content::Form(form) => Some(Source::Form(form)),
            Content::Text { text, lines, .. } => Some(Source::Lines(text, lines)),
        }
    }

    /// XML, read in place.
    pub(super) fn xml(&self) -> Option<&Xml> {
        match &self.content {
            Content::Xml { xml, .. } => Some(xml),
            _ => None,
        }
    }

    pub(super) fn format(&self) -> BodyFormat {
        match self.content {
            Content::Empty => BodyFormat::Empty,
            Content::Json(_) => BodyFormat::Json,
            Content::Form(_) => BodyFormat::Form,
            Content::Text { ndjson: true, .. } => BodyFormat::Ndjson,
            Content::Xml { .. } => BodyFormat::Xml,
            Content::Text { .. } => BodyFormat::Text,
        }
    }
}

/// Never the body: it may hold secrets.
impl std::fmt::Debug for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Document").field("format", &self.format()).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// The codings that are left on a body, in words. Only names that exist are repeated: anything else might be what the
/// server was sent. Where they could be undone, the header is gone.
fn still_compressed(headers: &[(String, String)]) -> Option<String> {
    const KNOWN: [&str; 14] = [
        "gzip",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "x-compress",
        "aes128gcm",
        "dcb",
        "dcz",
        "exi",
        "pack200-gzip",
        "bzip2",
        "xz",
    ];
    let codings = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let codings = codings.flat_map(|(_, value)| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<_> = codings.filter(|coding| !coding.is_empty() && coding != "identity").collect();
    match codings.as_slice() {
        [] => None,
        known if known.len() <= 4 && known.iter().all(|coding| KNOWN.contains(&coding.as_str())) => {
            Some(format!("“{}”", known.join(", ")))
        }
        _ => Some("of an unknown kind".to_owned()),
    }
}

fn read(text: String, announced: Announced) -> (Content, Option<String>) {
    let start = text.trim_ascii_start();
    if start.is_empty() {
        let problem = match announced {
            Announced::Json if !text.is_empty() => Some("Announced as JSON, but there is only white space.".to_owned()),
            Announced::Json => Some("Announced as JSON, but the body is empty.".to_owned()),
            Announced::Xml => Some("Announced as XML, but the body is empty.".to_owned()),
            _ => None,
        };
        return (Content::Empty, problem);
    }
    let looks_like_json = start.starts_with(['{', '[', '"']);
    if announced == Announced::JsonSequence {
        return (lines(without_marks(text), true), None);
    }
    let looks_like_xml =
        start.starts_with("<?xml") || (announced == Announced::Nothing && start.starts_with('<') && !is_html(start));
    if announced == Announced::Json || looks_like_json {
        return match Json::parse(text) {
            Ok(json) => (Content::Json(json), None),
            Err((text, _)) if announced == Announced::Xml => read_xml(text, announced),
            Err((text, error)) => read_broken(text, error, announced),
        };
    }
    if announced == Announced::Xml || (looks_like_xml && announced != Announced::Html) {
        return read_xml(text, announced);
    }
    let form = match announced {
        Announced::Form => true,
        Announced::PlainText | Announced::Nothing => Form::is_plain(&text),
        _ => false,
    };
    if !form {
        return (lines(text, announced == Announced::Ndjson), None);
    }
    match Form::new(text) {
        Ok(form) => (Content::Form(form), None),
        Err(text) => (lines(text, false), None),
    }
}

/// What is not one JSON document may be one on each line, or the start of one.
fn read_broken(text: String, error: SyntaxError, announced: Announced) -> (Content, Option<String>) {
    if announced == Announced::Ndjson || is_ndjson(&text) {
        let problem = "Announced as JSON, but it is several documents, one on each line.";
        return (lines(text, true), (announced == Announced::Json).then(|| problem.to_owned()));
    }
    if !matches!(announced, Announced::Json | Announced::Nothing) {
        return (lines(text, false), None);
    }
    let problem = Some(json_problem(&text, error));
    match Json::parse_start(text, &error) {
        Ok(json) => (Content::Json(json), problem),
        Err(text) => (lines(text, false), problem),
    }
}

/// Whether a text is two or more lines, each an object or an array; empty ones are passed over.
fn is_ndjson(text: &str) -> bool {
    let mut documents = 0;
    let all = text.lines().map(str::trim).filter(|line| !line.is_empty()).all(|line| {
        documents += 1;
        line.starts_with(['{', '[']) && is_json(line)
    });
    all && documents > 1
}

/// The marks of RFC 7464 as spaces, so that each line is plain JSON.
fn without_marks(text: String) -> String {
    if text.contains('\u{1e}') { text.replace('\u{1e}', " ") } else { text }
}

fn read_xml(text: String, announced: Announced) -> (Content, Option<String>) {
    match Xml::parse(text) {
        Ok(xml) => (Content::Xml { xml, converted: OnceLock::new() }, None),
        Err((text, error)) => {
            let (line, column) = line_and_column(&text, error.at);
            let problem = format!("Not valid XML at line {line}, column {column}: {}.", error.what);
            (lines(text, false), (announced == Announced::Xml).then_some(problem))
        }
    }
}

fn convert(xml: &Xml) -> Option<Json> {
    Json::parse(to_json(xml.text()).ok()?).ok()
}

fn lines(text: String, ndjson: bool) -> Content {
    let lines = Lines::new(&text);
    Content::Text { text, lines, ndjson }
}

fn json_problem(text: &str, error: SyntaxError) -> String {
    let (line, column) = line_and_column(text, error.at);
    format!("Not valid JSON at line {line}, column {column} (byte {}): {}.", error.at + 1, error.what)
}

/// Line and column in characters, both counted from 1.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = super::masking::prefix(text, at);
    let line_start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |found| found + 1);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

fn is_html(start: &str) -> bool {
    let head = super::masking::prefix(start, 15).to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

fn read_content_type(value: &str) -> (Announced, Option<String>) {
    let mut parts = value.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    let announced = if essence.ends_with("/json") || essence.ends_with("+json") {
        Announced::Json
    } else if essence == "application/xhtml+xml" || essence == "text/html" {
        Announced::Html
    } else if essence.ends_with("/xml") || essence.ends_with("+xml") {
        Announced::Xml
    } else if essence == "application/x-www-form-urlencoded" {
        Announced::Form
    } else if matches!(
        essence.as_str(),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines"
    ) {
        Announced::Ndjson
    } else if essence == "application/json-seq" {
        Announced::JsonSequence
    } else if essence == "text/plain" {
        Announced::PlainText
    } else if essence.is_empty() {
        Announced::Nothing
    } else {
        Announced::Other
    };
    (announced, charset)
}

#[cfg(test)]
mod tests;
