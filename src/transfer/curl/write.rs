//! Writes a request as a cURL command that sends the same when it is run.

use url::form_urlencoded;

use super::quote::CurlShell;

/// The longest line that cmd takes, in characters.
const CMD_LIMIT: usize = 8191;
/// The longest command line of Windows, in characters.
const WINDOWS_LIMIT: usize = 32_767;
/// The longest argument of Linux, in bytes.
const ARGUMENT_LIMIT: usize = 128 * 1024 - 1;

/// A request as it is to be written. Its secrets are placeholders already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurlRequest {
    /// HTTP method.
    pub method: String,
    /// An absolute URL; a fragment is left out, as it is never sent.
    pub url: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// What is sent beside them.
    pub body: CurlBody,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurlBody {
    /// Nothing.
    None,
    /// This text.
    Text(String),
    /// Pairs as a form, encoded by cURL, so that a value can be filled in as it is.
    Form(Vec<(String, String)>),
    /// Pairs in the query, encoded by cURL.
    Query(Vec<(String, String)>),
}

/// A command, and what to know before it is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenCurl {
    /// The command.
    pub command: String,
    /// What it can't do, in words.
    pub notes: Vec<String>,
}

/// A request that no command line can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The request holds a NUL character, which no command line can carry.")]
pub struct Unwritable;

/// Writes a request as a command for one shell.
///
/// It does not follow redirects, since cURL would send every header to wherever one leads (S3).
///
/// # Errors
/// When it holds a NUL.
pub fn write_curl(request: &CurlRequest, shell: CurlShell) -> Result<WrittenCurl, Unwritable> {
    let mut notes = Vec::new();
    let mut parts = Vec::new();
    let mut longest = 0;
    for Part { option, word } in parts_of(request) {
        let mut word = word;
        if word.contains('\0') {
            return Err(Unwritable);
        }
        if shell == CurlShell::Cmd && word.contains('\r') {
            word = word.replace("\r\n", "\n").replace('\r', "\n");
            note(&mut notes, "cmd can't hand on carriage returns, so line breaks are sent as line feeds alone.");
        }
        longest = longest.max(word.len());
        let quoted = if word.is_empty() && option.is_some_and(is_flag) { String::new() } else { shell.quoted(&word) };
        parts.push([option.unwrap_or_default(), &quoted].join(" ").trim().to_owned());
    }
    let command = format!("{} {}", shell.program(), parts.join(shell.continued()));
    let characters = command.chars().count();
    if shell == CurlShell::Cmd && characters > CMD_LIMIT {
        note(&mut notes, "The command is longer than cmd takes; use bash or PowerShell.");
    } else if shell == CurlShell::Powershell && characters > WINDOWS_LIMIT {
        note(
            &mut notes,
            "The command is longer than Windows takes; put the body into a file and send it with --data-binary @FILE.",
        );
    } else if shell == CurlShell::Bash && longest > ARGUMENT_LIMIT {
        note(
            &mut notes,
            "The body is longer than Linux takes on a command line; put it into a file and send it with --data-binary @FILE.",
        );
    }
    Ok(WrittenCurl { command, notes })
}

fn note(notes: &mut Vec<String>, note: &str) {
    notes.push(note.to_owned());
    notes.dedup();
}

/// An option with its word, the address, or a flag alone.
struct Part {
    option: Option<&'static str>,
    word: String,
}

fn is_flag(option: &str) -> bool {
    matches!(option, "--head" | "--globoff" | "--get")
}

fn parts_of(request: &CurlRequest) -> Vec<Part> {
    let flag = |option| Part { option: Some(option), word: String::new() };
    let with = |option, word: String| Part { option: Some(option), word };
    let url = request.url.split('#').next().unwrap_or_default();
    let mut parts = vec![Part { option: None, word: url.to_owned() }];
    if url.contains(['[', ']', '{', '}']) {
        parts.push(flag("--globoff"));
    }
    let pairs = match &request.body {
        CurlBody::Form(pairs) | CurlBody::Query(pairs) => pairs.as_slice(),
        CurlBody::None | CurlBody::Text(_) => &[],
    };
    let in_query = matches!(request.body, CurlBody::Query(_)) && !pairs.is_empty();
    let text = match &request.body {
        CurlBody::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    };
    let sends_body = text.is_some() || (!in_query && !pairs.is_empty());
    match request.method.as_str() {
        "GET" if !sends_body => {}
        "POST" if sends_body => {}
        // With -X alone cURL would wait for the body that such an answer never has.
        "HEAD" if !sends_body => parts.push(flag("--head")),
        method => parts.push(with("-X", method.to_owned())),
    }
    for (name, value) in &request.headers {
        let value = value.trim();
        // Without a value `name:` would take the header away.
        let line = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        parts.push(with("-H", line));
    }
    if in_query {
        parts.push(flag("--get"));
    }
    for (name, value) in pairs {
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        parts.push(with("--data-urlencode", format!("{name}={value}")));
    }
    if let Some(text) = text {
        parts.push(with("--data-raw", text.clone()));
    }
    parts
}
