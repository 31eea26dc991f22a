//! A body's `Content-Encoding` undone while it is read (RFC 9110 8.4.1): several codings, in whatever case, one inside
//! the other. What is not known stays as it came, header included, so that readers can name it.

use std::io::{self, Cursor};

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader};

/// What is asked for, unless the request says something else.
pub(super) const ACCEPTED: &str = "gzip, br, deflate";

/// More codings than this on one body are an attack and no compression.
const MOST: usize = 4;

/// One way of compressing a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950 as the standard says, or RFC 1951 as some servers do.
    Deflate,
    /// RFC 7932.
    Brotli,
}

/// A body that is read through its codings.
pub(super) type Decoded = Box<dyn AsyncRead + Send + Unpin>;

/// The codings in the order in which they were applied; empty when there is none, or one of them is not known.
pub(super) fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let Ok(value) = value.to_str() else { return Vec::new() };
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name.to_ascii_lowercase().as_str() {
                "identity" => {}
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "br" => codings.push(Coding::Brotli),
                _ => return Vec::new(),
            }
        }
    }
    if codings.len() > MOST { Vec::new() } else { codings }
}

/// Undoes the codings, the one applied last first. An empty body stays empty, whatever it is announced as.
///
/// # Errors
/// When the first bytes can't be had.
pub(super) async fn undo(body: Decoded, codings: &[Coding]) -> io::Result<Decoded> {
    let mut decoded = body;
    for coding in codings.iter().rev() {
        decoded = coding.undo(decoded).await?;
    }
    Ok(decoded)
}

impl Coding {
    async fn undo(self, mut body: Decoded) -> io::Result<Decoded> {
        let first = first_two(&mut body).await?;
        if first.is_empty() {
            return Ok(body);
        }
        let zlib = is_zlib(&first);
        let whole = BufReader::new(Cursor::new(first).chain(body));
        // Each reads on to the body's end: what follows there is an error, and the connection can be used again.
        Ok(match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(whole);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
            Self::Deflate if zlib => {
                let mut decoder = ZlibDecoder::new(whole);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
            Self::Deflate => {
                let mut decoder = DeflateDecoder::new(whole);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
            Self::Brotli => {
                let mut decoder = BrotliDecoder::new(whole);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
        })
    }
}

async fn first_two(body: &mut Decoded) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(2);
    body.take(2).read_to_end(&mut first).await?;
    Ok(first)
}

/// Whether a stream begins with a header of zlib (RFC 1950 2.2).
fn is_zlib(first: &[u8]) -> bool {
    matches!(first, [method, flags] if method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(values: &[&'static str]) -> Vec<Coding> {
        codings(&values.iter().map(|value| (CONTENT_ENCODING, HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn s4_codings_are_known_in_every_spelling_and_unknown_ones_are_left() {
        assert_eq!(of(&[]), []);
        assert_eq!(of(&["identity"]), []);
        assert_eq!(of(&["GZip"]), [Coding::Gzip]);
        assert_eq!(of(&["x-gzip"]), [Coding::Gzip]);
        assert_eq!(of(&["deflate, br"]), [Coding::Deflate, Coding::Brotli]);
        assert_eq!(of(&["gzip", "gzip"]), [Coding::Gzip, Coding::Gzip]);
        assert_eq!(of(&["gzip, zstd"]), [], "what can't be undone whole is not begun");
        assert_eq!(of(&["gzip,gzip,gzip,gzip,gzip"]), []);
    }
}
