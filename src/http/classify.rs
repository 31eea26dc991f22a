//! From the client library's nested errors to a [`SendFailure`]. Their texts are never used: they can hold URLs.

use std::error::Error;
use std::io;

use rustls::CertificateError;
use url::Url;

use super::failure::{SendFailure, TlsProblem};
use super::request::Limits;

/// Why no headers came.
pub(super) fn before_headers(error: &reqwest::Error, url: &Url, limits: &Limits) -> SendFailure {
    let host = || host_and_port(url);
    if let Some(reason) = tls_problem(error) {
        return SendFailure::Tls { reason };
    }
    if error.is_dns() {
        return SendFailure::Dns { host: sayable(url.host_str().unwrap_or_default()) };
    }
    let io_kind = find::<io::Error>(error).map(io::Error::kind);
    if error.is_connect() {
        return match io_kind {
            _ if error.is_timeout() => SendFailure::ConnectTimeout { after: limits.connect_timeout },
            Some(io::ErrorKind::ConnectionRefused) => SendFailure::Refused { host: host() },
            // The handshake was under way when the connection ended.
            Some(io::ErrorKind::UnexpectedEof) if url.scheme() == "https" => {
                SendFailure::Tls { reason: TlsProblem::RefusedByServer }
            }
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted) => {
                SendFailure::Reset
            }
            _ => SendFailure::Unreachable { host: host() },
        };
    }
    if error.is_builder() {
        return SendFailure::UnusableUrl;
    }
    if let Some(broken) = http_2_problem(error) {
        return broken;
    }
    match find::<hyper::Error>(error) {
        Some(hyper) if hyper.is_parse_too_large() => SendFailure::HeadTooLarge,
        Some(hyper) if hyper.is_parse() => SendFailure::MalformedHttp,
        Some(hyper) if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() => SendFailure::ClosedEarly,
        // Something came before anything was asked: that is how other protocols begin.
        Some(hyper) if hyper.source().is_none() => SendFailure::MalformedHttp,
        _ => SendFailure::Reset,
    }
}

/// Why the body ended early.
pub(super) fn within_body(error: &reqwest::Error, received: u64) -> SendFailure {
    if let Some(broken) = http_2_problem(error) {
        return broken;
    }
    let hyper = find::<hyper::Error>(error);
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::UnexpectedEof) => SendFailure::Truncated { received },
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => SendFailure::MalformedHttp,
        None if hyper.is_some_and(hyper::Error::is_incomplete_message) => SendFailure::Truncated { received },
        None if hyper.is_some_and(hyper::Error::is_parse) => SendFailure::MalformedHttp,
        _ => SendFailure::Reset,
    }
}

/// What went wrong with HTTP/2: the server broke its rules, or ended the exchange by them.
fn http_2_problem(error: &reqwest::Error) -> Option<SendFailure> {
    let problem = find::<h2::Error>(error)?;
    if problem.is_io() {
        return None;
    }
    Some(if problem.is_library() { SendFailure::MalformedHttp } else { SendFailure::Reset })
}

/// Why a compressed body ended early: the transport's fault, or else the compression's.
pub(super) fn within_coding(error: &io::Error, received: u64) -> SendFailure {
    find::<reqwest::Error>(error).map_or(SendFailure::BadEncoding, |transport| within_body(transport, received))
}

/// `host:port`, as a person reads it in a message.
fn host_and_port(url: &Url) -> String {
    let host = sayable(url.host_str().unwrap_or_default());
    url.port_or_known_default().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
}

/// A host as a sentence can carry it: no real one is longer, but a redirect may say anything. It is not cut, since the
/// first half of a secret could not be found any more.
fn sayable(host: &str) -> String {
    const LONGEST: usize = 253;
    if host.len() <= LONGEST { host.to_owned() } else { format!("with a name of {} characters", host.len()) }
}

fn tls_problem(error: &reqwest::Error) -> Option<TlsProblem> {
    find::<rustls::Error>(error).map(tls_reason)
}

fn tls_reason(error: &rustls::Error) -> TlsProblem {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            // `Other`: self-signed certificates are mostly made as authorities, and reported as misused for a server.
            CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                TlsProblem::UnknownIssuer
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsProblem::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsProblem::WrongHost,
            CertificateError::Revoked => TlsProblem::Revoked,
            _ => TlsProblem::Other,
        },
        rustls::Error::InvalidMessage(_) => TlsProblem::NotTls,
        rustls::Error::AlertReceived(_) => TlsProblem::RefusedByServer,
        _ => TlsProblem::Other,
    }
}

/// The first error of this type in the chain. An [`io::Error`] hides what it wraps from `source`, so it is asked.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            // An I/O error around another one says less than that one.
            let inner = found_inside::<E>(error);
            return inner.or(Some(found));
        }
        next = inside(error);
    }
    None
}

fn found_inside<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    inside(error).and_then(find::<E>)
}

fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e11_tls_failures_are_told_apart() {
        let cases = [
            (CertificateError::UnknownIssuer, TlsProblem::UnknownIssuer),
            (CertificateError::Expired, TlsProblem::Expired),
            (CertificateError::NotValidYet, TlsProblem::NotYetValid),
            (CertificateError::NotValidForName, TlsProblem::WrongHost),
            (CertificateError::Revoked, TlsProblem::Revoked),
        ];
        for (certificate, wanted) in cases {
            // As the connector wraps it: twice in I/O errors.
            let error = io::Error::other(io::Error::other(rustls::Error::InvalidCertificate(certificate)));
            assert_eq!(find::<rustls::Error>(&error).map(tls_reason), Some(wanted));
        }
    }

    #[test]
    fn e11_the_innermost_io_error_decides() {
        let error = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(find::<io::Error>(&error).map(io::Error::kind), Some(io::ErrorKind::ConnectionRefused));
    }
}
