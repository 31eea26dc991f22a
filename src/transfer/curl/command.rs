//! Reads the words of a command into its parts.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::CurlFailure;
use super::options::{self, DataOption, Meaning};
use super::words::{self, Words};

/// The longest command, in bytes.
const LONGEST: usize = 1024 * 1024;
/// Headers that the client writes itself, or that are never sent.
const OWN_HEADERS: [&str; 7] =
    ["host", "content-length", "transfer-encoding", "connection", "referer", "accept-encoding", "keep-alive"];

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
    /// A pair that is still to be encoded (`--data-urlencode`).
    Pair(String, String),
}

/// Never the contents: they may be secrets.
impl std::fmt::Debug for CurlCommand {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CurlCommand").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Reads a cURL command, at most 1 MiB.
pub fn parse_curl(text: &str) -> Result<CurlCommand, CurlFailure> {
    if text.trim().is_empty() {
        return Err(CurlFailure::Empty);
    }
    if text.len() > LONGEST {
        return Err(CurlFailure::TooLong);
    }
    let Words { words, notes } = words::split(text)?;
    let mut words = words.into_iter();
    if !words.next().is_some_and(|program| is_curl(&program)) {
        return Err(CurlFailure::NotCurl);
    }
    let mut reader = Reader { notes, ..Reader::default() };
    reader.read(words)?;
    reader.finish()
}

fn is_curl(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    name == "curl" || name == "curl.exe"
}

#[derive(Default)]
struct Reader {
    method: Option<String>,
    head: bool,
    other_words: Vec<String>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    user: Option<String>,
    data: Vec<DataPiece>,
    query: Vec<(String, String)>,
    data_in_query: bool,
    has_body_option: bool,
    form_fields: Vec<String>,
    notes: Vec<String>,
}

impl Reader {
    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn read(&mut self, mut words: impl Iterator<Item = String>) -> Result<(), CurlFailure> {
        while let Some(word) = words.next() {
            if word == "--" {
                self.other_words.extend(words.by_ref());
            } else if let Some(long) = word.strip_prefix("--") {
                // cURL itself knows no `=`, but many other programs do, and their users write it.
                let (name, inline) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                self.option(&format!("--{name}"), options::long(name), inline, &mut words)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.short_options(letters, &mut words)?;
            } else {
                self.other_words.push(word);
            }
        }
        Ok(())
    }

    /// Short options stand together, and the rest of the word is the value of one that takes one.
    fn short_options(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) -> Result<(), CurlFailure> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let meaning = options::short(letter);
            let written = format!("-{letter}");
            if meaning.is_some_and(Meaning::takes_value) {
                let inline = Some(rest.as_str()).filter(|value| !value.is_empty()).map(str::to_owned);
                return self.option(&written, meaning, inline, words);
            }
            self.option(&written, meaning, None, words)?;
        }
        Ok(())
    }

    fn option(
        &mut self,
        written: &str,
        meaning: Option<Meaning>,
        inline: Option<String>,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), CurlFailure> {
        let Some(meaning) = meaning else {
            self.note(format!("The option {written} is not known and was left out."));
            return Ok(());
        };
        let value = if meaning.takes_value() {
            inline.or_else(|| words.next()).ok_or_else(|| CurlFailure::MissingValue { option: written.to_owned() })?
        } else {
            String::new()
        };
        match meaning {
            Meaning::Method => self.method = Some(value),
            Meaning::Head => self.head = true,
            Meaning::Header => self.header(&value),
            Meaning::Data(option) => self.data(option, written, value),
            Meaning::Get => self.data_in_query = true,
            Meaning::Url => self.other_words.insert(0, value),
            Meaning::UrlQuery => self.query.push(pair_of(&value)),
            Meaning::User => self.user = Some(value),
            Meaning::Bearer => self.set_header("Authorization", format!("Bearer {value}")),
            Meaning::UserAgent => self.set_header("User-Agent", value),
            Meaning::Cookie if value.contains('=') => self.cookies.push(value),
            Meaning::Cookie => self.note("The option -b names a file of cookies; files are not read."),
            Meaning::Form => self.form_fields.push(value.split('=').next().unwrap_or_default().to_owned()),
            Meaning::Ignored { .. } => {}
            Meaning::Refused { why, .. } => self.note(format!("The option {written} was left out: {why}.")),
        }
        Ok(())
    }

    fn header(&mut self, line: &str) {
        if line.starts_with('@') {
            self.note("The option -H names a file of headers; files are not read.");
            return;
        }
        let (name, value) = match line.split_once(':') {
            // `name:` takes a header away that cURL would add.
            Some((_, value)) if value.trim().is_empty() && !line.starts_with(':') => return,
            Some((name, value)) => (name, value),
            // `name;` sends it empty.
            None if line.trim_end().ends_with(';') => (line.trim_end().trim_end_matches(';'), ""),
            None => {
                self.note("A header without a colon was left out.");
                return;
            }
        };
        let (name, value) = (name.trim(), value.trim());
        let own = OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str());
        if own && name.eq_ignore_ascii_case("referer") {
            self.note("The header Referer was left out: a Referer is never sent.");
        } else if own {
            self.note(format!("The header {name} was left out: what is needed is sent by itself."));
        } else if name.is_empty() {
            self.note("A header of HTTP/2 that the address implies was left out.");
        } else if name.eq_ignore_ascii_case("cookie") {
            self.cookies.push(value.to_owned());
        } else {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    /// A header of an option, which steps back behind one that is given as such.
    fn set_header(&mut self, name: &str, value: String) {
        if !self.headers.iter().any(|header| header.0.eq_ignore_ascii_case(name)) {
            self.headers.push((name.to_owned(), value));
        }
    }

    fn data(&mut self, option: DataOption, written: &str, value: String) {
        self.has_body_option = true;
        let names_file = match option {
            DataOption::Plain | DataOption::Json => value.starts_with('@'),
            DataOption::Raw => false,
            DataOption::UrlEncode => value.find(['=', '@']).is_some_and(|at| value[at..].starts_with('@')),
        };
        if names_file {
            self.note(format!("The option {written} names a file; files are not read. Put its contents in by hand."));
            return;
        }
        self.data.push(match option {
            DataOption::Plain | DataOption::Raw => DataPiece::Text(value),
            DataOption::Json => DataPiece::Json(value),
            DataOption::UrlEncode => {
                let (name, value) = pair_of(&value);
                DataPiece::Pair(name, value)
            }
        });
    }

    fn finish(mut self) -> Result<CurlCommand, CurlFailure> {
        let url = self.take_url()?;
        let (url, user_of_url) = without_user(&url);
        if let Some(user) = self.user.take().or(user_of_url) {
            if !user.contains(':') {
                self.note("The user has no password: it is sent empty.");
            }
            let user = if user.contains(':') { user } else { format!("{user}:") };
            self.set_header("Authorization", format!("Basic {}", STANDARD.encode(user)));
        }
        if !self.cookies.is_empty() {
            self.headers.push(("Cookie".to_owned(), self.cookies.join("; ")));
        }
        if !self.form_fields.is_empty() {
            let names = self.form_fields.join(", ");
            self.note(format!("Multipart forms are not supported; these fields were left out: {names}."));
        }
        if self.data.iter().any(|piece| matches!(piece, DataPiece::Json(_))) {
            self.set_header("Content-Type", "application/json".to_owned());
            self.set_header("Accept", "application/json".to_owned());
        }
        let implied = match () {
            () if self.head => "HEAD",
            () if !self.data_in_query && (self.has_body_option || !self.form_fields.is_empty()) => "POST",
            () => "GET",
        };
        let method = self.method.map_or_else(|| implied.to_owned(), |method| method.trim().to_ascii_uppercase());
        Ok(CurlCommand {
            method,
            url: with_query(url, &self.query),
            headers: self.headers,
            data: self.data,
            data_in_query: self.data_in_query,
            notes: self.notes,
        })
    }

    fn take_url(&mut self) -> Result<String, CurlFailure> {
        let words = std::mem::take(&mut self.other_words);
        // The value of an option that is not known may stand before the address.
        let position = words.iter().position(|word| word.contains("://")).unwrap_or(0);
        if words.len() > 1 {
            self.note("The command has more than one address or stray words; only one address was taken.");
        }
        let url = words.into_iter().nth(position).map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        let url = url.ok_or(CurlFailure::NoUrl)?;
        if url.contains("://") {
            return Ok(url);
        }
        let is_local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| url.starts_with(host));
        let scheme = if is_local { "http" } else { "https" };
        self.note(format!("The address has no scheme; {scheme}:// was put before it."));
        Ok(format!("{scheme}://{url}"))
    }
}

/// `name=value`, `=value` or only a value, as `--data-urlencode` takes them.
fn pair_of(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some(("", value)) => (value.to_owned(), String::new()),
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

/// The address without its userinfo, and the userinfo decoded.
fn without_user(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..authority].rfind('@') else { return (url.to_owned(), None) };
    let user = percent_encoding::percent_decode_str(&rest[..at]).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{}", &rest[at + 1..]), Some(user).filter(|user| !user.is_empty()))
}

fn with_query(url: String, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return url;
    }
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let (address, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{encoded}{fragment}")
}
