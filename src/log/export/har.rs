//! HTTP Archive 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>): a page for each execution, and an entry for each of its
//! exchanges. What the format has no place for stands under names that begin with `_`, as the format asks.
//!
//! The pages stand before the entries, so they are all told first. Unknown numbers are -1 and unknown texts empty, as the
//! format says; an exchange without an answer has the status 0, as browsers write it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

/// An archive that is being written.
pub struct Har<W: Write> {
    out: W,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FirstPage,
    Pages,
    FirstEntry,
    Entries,
}

/// An execution.
pub struct Page<'a> {
    /// What its entries refer to.
    pub id: &'a str,
    /// When it began (RFC 3339).
    pub started_at: &'a str,
    /// What people see in a list of pages.
    pub title: &'a str,
    /// From start to end.
    pub milliseconds: f64,
    /// What happened.
    pub comment: &'a str,
    /// What the format has no place for.
    pub own: Value,
}

/// An exchange.
pub struct Entry<'a> {
    /// The execution that it belongs to.
    pub page: &'a str,
    /// When it began (RFC 3339).
    pub started_at: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// Absolute.
    pub url: &'a str,
    /// Such as `HTTP/1.1`; `None` when nobody knows.
    pub http_version: Option<&'a str>,
    /// What was sent.
    pub request: Message<'a>,
    /// Status and answer; `None` when no answer came.
    pub response: Option<(u16, Message<'a>)>,
    /// Bytes of the whole body that came.
    pub response_bytes: u32,
    /// Why no answer came.
    pub failure: Option<&'a str>,
    /// Where the time went.
    pub waits: Waits,
    /// What was decided and why.
    pub comment: &'a str,
    /// What there is to say about the body of the answer.
    pub content_comment: Option<&'a str>,
    /// What the format has no place for.
    pub own: Value,
}

/// One half of an exchange.
#[derive(Default)]
pub struct Message<'a> {
    /// Names and values, in order.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body as recorded.
    pub body: Option<&'a str>,
    /// What the body is, where its header does not say so.
    pub media_type: Option<&'a str>,
}

/// Where the time went, in milliseconds, one after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waits {
    /// Before the exchange itself: redirects.
    pub blocked: Option<f64>,
    /// Looking the address up.
    pub dns: Option<f64>,
    /// Connecting, without TLS.
    pub connect: Option<f64>,
    /// TLS.
    pub tls: Option<f64>,
    /// Sending and waiting for the head of the answer.
    pub wait: f64,
    /// Reading the body.
    pub receive: f64,
}

impl<W: Write> Har<W> {
    /// Begins an archive made by this version of the program.
    ///
    /// # Errors
    /// When it can't be written, as in all of these.
    pub fn begin(mut out: W, version: &str) -> io::Result<Self> {
        let creator = json!({"name": "Latchkey", "version": version});
        write!(out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[")?;
        Ok(Self { out, place: Place::FirstPage })
    }

    /// Adds an execution; all come before the first exchange.
    ///
    /// # Errors
    /// When it can't be written, or an exchange came before.
    pub fn page(&mut self, page: &Page<'_>) -> io::Result<()> {
        let separator = match self.place {
            Place::FirstPage => "\n",
            Place::Pages => ",\n",
            Place::FirstEntry | Place::Entries => return Err(io::Error::other("a page after the entries")),
        };
        self.place = Place::Pages;
        self.value(
            separator,
            &json!({
                "startedDateTime": page.started_at,
                "id": page.id,
                "title": page.title,
                "pageTimings": {"onContentLoad": -1, "onLoad": page.milliseconds},
                "comment": page.comment,
                "_latchkey": page.own,
            }),
        )
    }

    /// Adds an exchange.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.end_pages()?;
        let separator = if self.place == Place::FirstEntry { "\n" } else { ",\n" };
        self.place = Place::Entries;
        self.value(separator, &entry_of(entry))
    }

    /// Ends the archive, and gives what it was written to.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn end(mut self) -> io::Result<W> {
        self.end_pages()?;
        self.out.write_all(b"\n]}}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_pages(&mut self) -> io::Result<()> {
        if matches!(self.place, Place::FirstPage | Place::Pages) {
            self.out.write_all(b"\n],\"entries\":[")?;
            self.place = Place::FirstEntry;
        }
        Ok(())
    }

    fn value(&mut self, separator: &str, value: &Value) -> io::Result<()> {
        self.out.write_all(separator.as_bytes())?;
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)
    }
}

fn entry_of(entry: &Entry<'_>) -> Value {
    let version = entry.http_version.unwrap_or_default();
    let mut own = entry.own.clone();
    if let Value::Object(own) = &mut own {
        own.insert("failure".to_owned(), json!(entry.failure));
    }
    json!({
        "pageref": entry.page,
        "startedDateTime": entry.started_at,
        "time": entry.waits.sum(),
        "request": request(entry, version),
        "response": response(entry, version),
        "cache": {},
        "timings": entry.waits.timings(),
        "comment": entry.comment,
        "_latchkey": own,
    })
}

fn request(entry: &Entry<'_>, version: &str) -> Value {
    let mut request = json!({
        "method": entry.method,
        "url": entry.url,
        "httpVersion": version,
        // Cookies carry credentials, so their values are in no record and there is nothing to list.
        "cookies": [],
        "headers": headers(&entry.request.headers),
        "queryString": query(entry.url),
        "headersSize": -1,
        "bodySize": if entry.request.body.is_some() { -1 } else { 0 },
    });
    if let Some(body) = entry.request.body {
        request["postData"] = json!({"mimeType": entry.request.media_type(), "text": body});
    }
    request
}

fn response(entry: &Entry<'_>, version: &str) -> Value {
    let nothing = (0, Message::default());
    let (status, answer) = entry.response.as_ref().unwrap_or(&nothing);
    let mut content = json!({"size": entry.response_bytes, "mimeType": answer.media_type()});
    if let Some(body) = answer.body {
        content["text"] = json!(body);
    }
    if let Some(comment) = entry.content_comment {
        content["comment"] = json!(comment);
    }
    json!({
        "status": status,
        "statusText": reason(*status),
        "httpVersion": if *status == 0 { "" } else { version },
        "cookies": [],
        "headers": headers(&answer.headers),
        "content": content,
        "redirectURL": answer.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": -1,
        // Where browsers write, and look for, why there is no answer.
        "_error": entry.failure,
    })
}

/// The reason phrase of the standard: the server's own is not recorded.
fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

fn headers(headers: &[(&str, &str)]) -> Value {
    json!(headers.iter().map(|&(name, value)| Pair { name, value }).collect::<Vec<_>>())
}

/// The query as recorded, which mostly is what stands in its place.
fn query(url: &str) -> Value {
    let query = url.split('#').next().and_then(|url| url.split_once('?')).map(|(_, query)| query).unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    json!(pairs.map(|(name, value)| Pair { name, value }).collect::<Vec<_>>())
}

impl Message<'_> {
    /// The first header of this name, whatever its case.
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn media_type(&self) -> &str {
        self.media_type.or_else(|| self.header("content-type")).unwrap_or_default()
    }
}

impl Waits {
    /// `connect` includes `ssl` in this format, so the sum takes that once.
    fn timings(&self) -> Value {
        let known = |part: Option<f64>| part.unwrap_or(-1.0);
        json!({
            "blocked": known(self.blocked),
            "dns": known(self.dns),
            "connect": known(self.connect.map(|connect| connect + self.tls.unwrap_or_default())),
            "ssl": known(self.tls),
            "send": 0,
            "wait": self.wait,
            "receive": self.receive,
        })
    }

    fn sum(&self) -> f64 {
        [self.blocked, self.dns, self.connect, self.tls].into_iter().flatten().sum::<f64>() + self.wait + self.receive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(page: &'static str) -> Entry<'static> {
        Entry {
            page,
            started_at: "2026-11-23T10:00:00.000Z",
            method: "GET",
            url: "https://a.example/x?****#****",
            http_version: Some("HTTP/2"),
            request: Message::default(),
            response: None,
            response_bytes: 0,
            failure: Some("No."),
            waits: Waits { connect: Some(2.0), tls: Some(3.0), wait: 1.5, ..Waits::default() },
            comment: "",
            content_comment: None,
            own: json!({}),
        }
    }

    fn page(id: &str) -> Page<'_> {
        let started_at = "2026-11-23T10:00:00.000Z";
        Page { id, started_at, title: "T", milliseconds: 1.0, comment: "", own: json!({}) }
    }

    #[test]
    fn an_archive_is_json_whatever_is_in_it() {
        for (pages, entries) in [(0, 0), (1, 0), (0, 1), (2, 3)] {
            let mut har = Har::begin(Vec::new(), "1.0").unwrap();
            (0..pages).for_each(|_| har.page(&page("p\u{0}\"")).unwrap());
            (0..entries).for_each(|_| har.entry(&entry("p\u{0}\"")).unwrap());
            let archive: Value = serde_json::from_slice(&har.end().unwrap()).unwrap();
            assert_eq!(archive["log"]["pages"].as_array().unwrap().len(), pages);
            assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), entries);
        }
        let mut har = Har::begin(Vec::new(), "1.0").unwrap();
        har.entry(&entry("p")).unwrap();
        assert!(har.page(&page("p")).is_err(), "the pages are closed by then");
    }

    #[test]
    fn connecting_includes_tls_and_the_sum_takes_it_once() {
        let archived = entry_of(&entry("p"));
        assert_eq!((&archived["timings"]["connect"], &archived["timings"]["ssl"]), (&json!(5.0), &json!(3.0)));
        assert_eq!((&archived["time"], &archived["timings"]["dns"]), (&json!(6.5), &json!(-1.0)));
        assert_eq!((&archived["response"]["status"], &archived["response"]["_error"]), (&json!(0), &json!("No.")));
        assert_eq!(archived["request"]["queryString"], json!([{"name": "****", "value": ""}]));
    }
}
