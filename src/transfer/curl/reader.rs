//! Reads the words of a command into its parts, as cURL does.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::CurlFailure;
use super::address::{with_query, with_scheme, without_globs, without_user};
use super::command::{CurlCommand, DataPiece, Rest};
use super::options::{self, DataOption, Meaning};
use super::words::Word;
use crate::token::OWN_HEADERS;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reader {
    method: Option<String>,
    head: bool,
    uploads: bool,
    addresses: Vec<String>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    user: Option<String>,
    other_scheme: bool,
    data: Vec<DataPiece>,
    query: Vec<String>,
    data_in_query: bool,
    has_body_option: bool,
    form_fields: Vec<String>,
    is_form: bool,
    glob_off: bool,
    ended: bool,
    notes: Vec<String>,
}

/// An option as it was written, such as `-H` or `--header`, and its place.
struct Written {
    option: String,
    position: usize,
}

impl Reader {
    /// Begins with what was noted already.
    pub(super) fn new(notes: Vec<String>) -> Self {
        Self { notes, ..Self::default() }
    }

    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Reads all words after the program's name.
    pub(super) fn read(&mut self, words: impl Iterator<Item = Word>) -> Result<(), CurlFailure> {
        let mut words: Box<Rest<'_>> = Box::new(words);
        while !self.ended
            && let Some(Word { text, at }) = words.next()
        {
            if text == "--" {
                self.addresses.extend(words.by_ref().map(|word| word.text));
            } else if let Some(long) = text.strip_prefix("--") {
                // cURL itself knows no `=`, but many other programs do, and their users write it.
                let (name, inline) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let written = Written { option: format!("--{name}"), position: at };
                self.option(&written, options::long(name), inline, &mut words)?;
            } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.short_options(letters, at, &mut words)?;
            } else {
                self.addresses.push(text);
            }
        }
        Ok(())
    }

    /// Short options stand together, and the rest of the word is the value of one that takes one.
    fn short_options(&mut self, letters: &str, at: usize, words: &mut Rest<'_>) -> Result<(), CurlFailure> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let meaning = options::short(letter);
            let written = Written { option: format!("-{letter}"), position: at };
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
        written: &Written,
        meaning: Option<Meaning>,
        inline: Option<String>,
        words: &mut Rest<'_>,
    ) -> Result<(), CurlFailure> {
        let Written { option, position } = written;
        let Some(meaning) = meaning else {
            self.note(format!("The option {option} is not known and was left out."));
            return Ok(());
        };
        let value = if meaning.takes_value() {
            let missing = || CurlFailure::MissingValue { option: option.clone(), position: *position };
            inline.or_else(|| words.next().map(|word| word.text)).ok_or_else(missing)?
        } else {
            String::new()
        };
        self.act(meaning, option, value);
        Ok(())
    }

    fn act(&mut self, meaning: Meaning, option: &str, value: String) {
        match meaning {
            Meaning::Method => self.method = Some(value),
            Meaning::Head => self.head = true,
            Meaning::Header => self.header(&value),
            Meaning::Data(kind) => self.data(kind, option, value),
            Meaning::Get => self.data_in_query = true,
            Meaning::Url => self.addresses.insert(0, value),
            Meaning::UrlQuery => self.url_query(option, value),
            Meaning::User => self.user = Some(value),
            Meaning::OtherScheme => {
                self.other_scheme = true;
                self.note(format!("The option {option} was left out: only Basic authentication can be taken over."));
            }
            Meaning::Bearer => self.set_header("Authorization", format!("Bearer {value}")),
            Meaning::UserAgent if value.is_empty() => {}
            Meaning::UserAgent => self.set_header("User-Agent", value),
            Meaning::Range => self.set_header("Range", format!("bytes={value}")),
            Meaning::Cookie if value.contains('=') => self.cookies.push(value),
            Meaning::Cookie if value.is_empty() => {}
            Meaning::Cookie => self.note(format!("The option {option} names a file of cookies; files are not read.")),
            Meaning::Form => {
                self.is_form = true;
                // Without a `=` it may be anything, and is not repeated.
                self.form_fields.extend(value.split_once('=').map(|(name, _)| name.to_owned()));
            }
            Meaning::Upload => {
                self.uploads = true;
                self.note(format!("The option {option} names a file; files are not read. Put its contents in by hand."));
            }
            Meaning::GlobOff => self.glob_off = true,
            Meaning::Next => {
                self.ended = true;
                self.note("The command makes several requests; only the first was read.");
            }
            Meaning::Ignored { .. } => {}
            Meaning::Refused { why, .. } => self.note(format!("The option {option} was left out: {why}.")),
        }
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
        let lower = name.to_ascii_lowercase();
        if lower == "referer" {
            self.note("The header Referer was left out: a Referer is never sent.");
        } else if lower == "content-length" {
            // It is sent by itself, as the body says.
        } else if OWN_HEADERS.contains(&lower.as_str()) || lower == "accept-encoding" {
            self.note(format!("The header {name} was left out: what is needed is sent by itself."));
        } else if name.is_empty() {
            self.note("A header of HTTP/2 that the address implies was left out.");
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

    fn data(&mut self, kind: DataOption, option: &str, value: String) {
        self.has_body_option = true;
        let piece = match kind {
            DataOption::Plain | DataOption::Json if value.starts_with('@') => None,
            DataOption::Plain | DataOption::Raw => Some(DataPiece::Text(value)),
            DataOption::Json => Some(DataPiece::Json(value)),
            DataOption::UrlEncode => to_encode(value),
        };
        match piece {
            Some(piece) => self.data.push(piece),
            None => self.note(format!("The option {option} names a file; files are not read. Put its contents in by hand.")),
        }
    }

    fn url_query(&mut self, option: &str, value: String) {
        if let Some(as_it_is) = value.strip_prefix('+') {
            self.query.push(as_it_is.to_owned());
        } else if let Some(piece) = to_encode(value) {
            self.query.push(piece.written());
        } else {
            self.note(format!("The option {option} names a file; files are not read. Put its contents in by hand."));
        }
    }

    /// The command, once all words are read.
    pub(super) fn finish(mut self) -> Result<CurlCommand, CurlFailure> {
        let url = self.take_url()?;
        let (url, user_of_url) = without_user(&url);
        self.take_user(user_of_url);
        if !self.cookies.is_empty() {
            let cookies = self.cookies.join("; ");
            self.set_header("Cookie", cookies);
        }
        if self.is_form {
            let names = if self.form_fields.is_empty() { "-F".to_owned() } else { self.form_fields.join(", ") };
            self.note(format!("Multipart forms are not supported; these fields were left out: {names}."));
        }
        if self.data.iter().any(|piece| matches!(piece, DataPiece::Json(_))) {
            self.set_header("Content-Type", "application/json".to_owned());
            self.set_header("Accept", "application/json".to_owned());
        }
        let implied = match () {
            () if self.head => "HEAD",
            () if self.uploads => "PUT",
            () if !self.data_in_query && (self.has_body_option || self.is_form) => "POST",
            () => "GET",
        };
        let method = self.method.map_or_else(|| implied.to_owned(), |method| method.trim().to_ascii_uppercase());
        Ok(CurlCommand {
            method,
            url: with_query(url, &self.query.join("&")),
            headers: self.headers,
            data: self.data,
            data_in_query: self.data_in_query,
            notes: self.notes,
        })
    }

    fn take_user(&mut self, user_of_url: Option<String>) {
        let Some(user) = self.user.take().or(user_of_url) else { return };
        if self.other_scheme {
            self.note("The user and the password were left out with it.");
            return;
        }
        let user = if user.contains(':') {
            user
        } else {
            self.note("The user has no password: it is sent empty.");
            format!("{user}:")
        };
        self.set_header("Authorization", format!("Basic {}", STANDARD.encode(user)));
    }

    fn take_url(&mut self) -> Result<String, CurlFailure> {
        let words = std::mem::take(&mut self.addresses);
        // The value of an option that is not known may stand before the address.
        let position = words.iter().position(|word| word.contains("://")).unwrap_or(0);
        if words.len() > 1 {
            self.note("The command has more than one address or stray words; only one address was taken.");
        }
        let url = words.into_iter().nth(position).map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        let mut url = url.ok_or(CurlFailure::NoUrl)?;
        if !self.glob_off {
            let (plain, is_pattern) = without_globs(&url);
            if is_pattern {
                self.note("cURL makes several addresses of one with “{…}” or “[…]”; the address was taken as it stands.");
            }
            url = plain;
        }
        let (url, scheme) = with_scheme(url);
        if let Some(scheme) = scheme {
            self.note(format!("The address has no scheme; {scheme}:// was put before it."));
        }
        Ok(url)
    }
}

/// `name=value`, `=value` or only a value, as `--data-urlencode` takes them; `None` when it names a file.
fn to_encode(text: String) -> Option<DataPiece> {
    let Some(at) = text.find(['=', '@']) else { return Some(DataPiece::Encode { name: None, value: text }) };
    if text[at..].starts_with('@') {
        return None;
    }
    let name = Some(text[..at].to_owned()).filter(|name| !name.is_empty());
    Some(DataPiece::Encode { name, value: text[at + 1..].to_owned() })
}
