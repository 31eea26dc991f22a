//! The parts of a URL that are never recorded (S2).

use std::ops::Range;

use super::Redactor;

/// A URL, absolute or not, with its query, userinfo and fragment each replaced by [`super::REDACTED`] (S2).
/// What is left is as it came. [`Redactor::redact_url`] also takes known secrets out of the rest.
pub fn redact_url(url: &str) -> String {
    Redactor::default().redact_url(url)
}

/// Where userinfo, query and fragment stand; empty ones are left out.
pub(super) fn private_parts(url: &str) -> Vec<Range<usize>> {
    let fragment_mark = url.find('#');
    let before_fragment = fragment_mark.unwrap_or(url.len());
    let query_mark = url[..before_fragment].find('?');
    let before_query = query_mark.unwrap_or(before_fragment);
    let userinfo = authority(&url[..before_query]).and_then(|authority| {
        let at = url[authority.clone()].rfind('@')?;
        Some(authority.start..authority.start + at)
    });
    let query = query_mark.map(|mark| mark + 1..before_fragment);
    let fragment = fragment_mark.map(|mark| mark + 1..url.len());
    [userinfo, query, fragment].into_iter().flatten().filter(|part| !part.is_empty()).collect()
}

/// Where `user:password@host:port` stands, read as leniently as URL parsers do: any number of slashes, either way round.
fn authority(url: &str) -> Option<Range<usize>> {
    let is_slash = |character: char| matches!(character, '/' | '\\');
    let after_scheme = match url.find(|character: char| !character.is_ascii_alphanumeric() && !"+-.".contains(character)) {
        Some(colon) if colon > 0 && url[colon..].starts_with(':') => colon + 1,
        _ if url.starts_with(is_slash) => 0,
        _ => return None,
    };
    let slashes = url[after_scheme..].len() - url[after_scheme..].trim_start_matches(is_slash).len();
    if after_scheme == 0 && slashes < 2 {
        return None;
    }
    let start = after_scheme + slashes;
    let end = url[start..].find(is_slash).map_or(url.len(), |length| start + length);
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn s2_query_userinfo_and_fragment_are_redacted() {
        let cases = [
            ("https://api.example.com/v1/orders", "https://api.example.com/v1/orders"),
            ("https://api.example.com/a?key=v&x=1#top", "https://api.example.com/a?****#****"),
            ("https://user:pa@ss@example.com:8443/a@b?c", "https://****@example.com:8443/a@b?****"),
            ("https://user@example.com", "https://****@example.com"),
            ("http:\\\\u:p@example.com/", "http:\\\\****@example.com/"),
            ("https:u:p@example.com/", "https:****@example.com/"),
            ("/relative?token=abc", "/relative?****"),
            ("//u:p@example.com/x", "//****@example.com/x"),
            ("/a@b/c", "/a@b/c"),
            ("https://example.com/?#", "https://example.com/?#"),
            ("https://example.com/#a?b=c", "https://example.com/#****"),
            ("", ""),
        ];
        for (url, wanted) in cases {
            assert_eq!(redact_url(url), wanted, "{url}");
        }
    }

    #[test]
    fn s2_a_known_secret_in_the_path_is_redacted_even_when_it_reaches_into_the_query() {
        let redactor = Redactor::new([&SecretString::from("s3cret/part"), &SecretString::from("ab?cdefg")]);
        assert_eq!(redactor.redact_url("https://h/x/s3cret%2Fpart/y?z=1"), "https://h/x/****/y?****");
        assert_eq!(redactor.redact_url("https://h/ab?cdefg=1"), "https://h/****");
    }
}
