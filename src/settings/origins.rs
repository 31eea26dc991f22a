//! Origins of web pages, as they are written in a setting.

use url::Url;

use super::fault::TextFault;

/// The most origins that one setting holds.
pub const MOST_ORIGINS: usize = 100;
const NEXT_STEP: &str = "Write origins such as http://localhost:3000, with spaces between them.";

/// The origins that a text names, with spaces between them: each once, in the order given, as [`origin`] writes them.
///
/// # Errors
/// When one of them is no origin, and the fault says which, or when there are more than 100.
pub fn origins(text: &str) -> Result<Vec<String>, TextFault> {
    let mut origins = Vec::new();
    for (at, word) in text.split_whitespace().enumerate() {
        let origin = origin(word).ok_or_else(|| TextFault {
            what: format!("Origin {} is not http:// or https:// with a host and perhaps a port, and nothing else.", at + 1),
            next_step: NEXT_STEP,
        })?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if origins.len() > MOST_ORIGINS {
        let what = format!("More than {MOST_ORIGINS} origins can't be allowed.");
        return Err(TextFault { what, next_step: "Remove those that are not needed." });
    }
    Ok(origins)
}

/// The origin of a web page as browsers send it in `Origin`: in small letters, without the port that the scheme has
/// anyway (RFC 6454, section 6.2). One slash at the end does not count. `None` for anything else, `*` and `null` too.
pub fn origin(text: &str) -> Option<String> {
    let (_, authority) = text.strip_suffix('/').unwrap_or(text).split_once("://")?;
    if authority.is_empty() || authority.contains(['/', '\\', '?', '#', '@', '*']) || authority.ends_with(':') {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

/// [`origins`] as they are kept.
pub(super) fn kept(text: &str) -> Result<String, TextFault> {
    Ok(origins(text)?.join(" "))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::with_port("http://localhost:3000", Some("http://localhost:3000"))]
    #[case::own_port_of_the_scheme("https://app.example.com:443", Some("https://app.example.com"))]
    #[case::in_capitals("HTTPS://App.Example.COM/", Some("https://app.example.com"))]
    #[case::other_letters("https://bücher.example", Some("https://xn--bcher-kva.example"))]
    #[case::ipv6("http://[::1]:8080", Some("http://[::1]:8080"))]
    #[case::another_scheme("ftp://localhost", None)]
    #[case::without_scheme("localhost:3000", None)]
    #[case::without_host("http://", None)]
    #[case::three_slashes("http:///localhost", None)]
    #[case::two_slashes_at_the_end("http://localhost//", None)]
    #[case::one_slash("http:/localhost", None)]
    #[case::path("http://localhost:3000/app", None)]
    #[case::query("http://localhost?x", None)]
    #[case::fragment("http://localhost#x", None)]
    #[case::user("http://user:password@localhost", None)]
    #[case::backslash("http:\\\\localhost", None)]
    #[case::port_too_large("http://localhost:65536", None)]
    #[case::empty_port("http://localhost:", None)]
    #[case::no_port("http://localhost:three", None)]
    #[case::any("*", None)]
    #[case::any_below("https://*.example.com", None)]
    #[case::opaque("null", None)]
    #[case::file("file:///home", None)]
    #[case::file_of_a_host("file://server", None)]
    #[case::with_a_comma("http://localhost:3000,", None)]
    fn m4_an_origin_is_written_as_browsers_send_it(#[case] text: &str, #[case] is: Option<&str>) {
        assert_eq!(origin(text).as_deref(), is, "{text}");
    }

    #[test]
    fn m4_a_fault_says_which_origin_and_does_not_repeat_it() {
        let fault = origins("http://localhost:3000 https://user:s3cret@example.com").unwrap_err();
        assert!(fault.what.starts_with("Origin 2 is not http"), "{fault:?}");
        assert!(!format!("{fault:?}").contains("s3cret"), "{fault:?}");
        assert_eq!(kept(" http://a   http://B/ http://a:80").unwrap(), "http://a http://b", "each once");
        let many = |count: usize| (0..count).map(|port| format!("http://a:{}", port + 1)).collect::<Vec<_>>().join(" ");
        assert_eq!((origins(&many(100)).unwrap().len(), origins(&many(101)).is_err()), (100, true));
    }
}
