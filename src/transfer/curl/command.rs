//! What a cURL command asks for, taken apart.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::reader::Reader;
use super::words::{self, Word};
use super::{CurlFailure, OtherFormat, start};

/// The longest command, in bytes.
const LONGEST: usize = 1024 * 1024;

/// What `--data-urlencode` leaves as it is: RFC 3986's unreserved characters.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A cURL command, taken apart. Most of it may be secret, so it has no `Debug` of its contents.
#[derive(Clone, PartialEq, Eq)]
pub struct CurlCommand {
    /// The method, given or implied.
    pub method: String,
    /// The address, with a scheme and without userinfo.
    pub url: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The pieces of the body, in order.
    pub data: Vec<DataPiece>,
    /// The pieces go into the query instead (`-G`).
    pub data_in_query: bool,
    /// What was left out or changed, in words.
    pub notes: Vec<String>,
}

/// A piece of the body.
#[derive(Clone, PartialEq, Eq)]
pub enum DataPiece {
    /// Text as it is sent.
    Text(String),
    /// A piece of JSON text (`--json`).
    Json(String),
    /// A value that is still to be encoded (`--data-urlencode`).
    Encode {
        /// What stands before the `=`, encoded already; without it there is no `=` either.
        name: Option<String>,
        /// The value, not encoded.
        value: String,
    },
}

/// Never the contents: they may be secrets.
impl std::fmt::Debug for CurlCommand {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CurlCommand").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Reads a cURL command, at most 1 MiB, written for bash, cmd or PowerShell, with a prompt or other text around it.
///
/// # Errors
/// When there is none, or it ends in the middle: what is wrong and where.
pub fn parse_curl(text: &str) -> Result<CurlCommand, CurlFailure> {
    if text.trim().is_empty() {
        return Err(CurlFailure::Empty);
    }
    if text.len() > LONGEST {
        return Err(CurlFailure::TooLong);
    }
    let start = start::find(text)?;
    let mut words = words::split(&start)?;
    if start.has_text_before {
        words.note("What stands before the command was left out.");
    }
    if words.words.iter().any(|word| is_of_powershells_own(&word.text)) {
        return Err(CurlFailure::Other { format: OtherFormat::InvokeWebRequest });
    }
    let Some(program) = words.words.first() else { return Err(CurlFailure::NotCurl) };
    if !start::is_curl(&program.text) {
        return Err(CurlFailure::NotCurl);
    }
    let mut reader = Reader::new(words.notes);
    reader.read(words.words.into_iter().skip(1))?;
    reader.finish()
}

/// Windows PowerShell calls its own Invoke-WebRequest “curl”, which has other options.
fn is_of_powershells_own(word: &str) -> bool {
    const OPTIONS: [&str; 6] = ["-uri", "-method", "-headers", "-body", "-contenttype", "-usebasicparsing"];
    OPTIONS.contains(&word.to_ascii_lowercase().as_str())
}

impl DataPiece {
    /// The piece as cURL puts it into a body or a query.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Text(text) | Self::Json(text) => text.clone(),
            Self::Encode { name, value } => {
                let value = utf8_percent_encode(value, NOT_UNRESERVED).to_string().replace("%20", "+");
                name.as_ref().map_or_else(|| value.clone(), |name| format!("{name}={value}"))
            }
        }
    }
}

/// The whole body as cURL sends it. `--json` pieces follow each other directly, others are joined by `&`.
pub(super) fn joined(data: &[DataPiece]) -> String {
    let mut body = String::new();
    for (position, piece) in data.iter().enumerate() {
        if position > 0 && !matches!(piece, DataPiece::Json(_)) {
            body.push('&');
        }
        body.push_str(&piece.written());
    }
    body
}

/// The words after the program's name.
pub(super) type Rest<'a> = dyn Iterator<Item = Word> + 'a;
