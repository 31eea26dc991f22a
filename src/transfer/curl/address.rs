//! The address of a command: its scheme, its userinfo, its query, and what cURL itself reads into it.

/// The address with a scheme, and the scheme when it had none.
pub(super) fn with_scheme(url: String) -> (String, Option<&'static str>) {
    if url.contains("://") {
        return (url, None);
    }
    let is_local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| url.starts_with(host));
    let scheme = if is_local { "http" } else { "https" };
    (format!("{scheme}://{url}"), Some(scheme))
}

/// The address without its userinfo, and the userinfo decoded.
pub(super) fn without_user(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..authority].rfind('@') else { return (url.to_owned(), None) };
    let user = percent_encoding::percent_decode_str(&rest[..at]).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{}", &rest[at + 1..]), Some(user).filter(|user| !user.is_empty()))
}

/// The address with more of a query, which is encoded already.
pub(super) fn with_query(url: String, query: &str) -> String {
    if query.is_empty() {
        return url;
    }
    let (address, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{address}{joint}{query}{fragment}")
}

/// The address as cURL asks for it: browsers write `\[` because cURL makes several addresses of `[1-3]` and `{a,b}`.
/// Whether it holds such a pattern is told; `{{name}}` is one of ours, not one of cURL's.
pub(super) fn without_globs(url: &str) -> (String, bool) {
    let mut plain = String::with_capacity(url.len());
    let mut is_pattern = false;
    let mut characters = url.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next_if(|(_, next)| "[]{}".contains(*next)) {
                Some((_, escaped)) => plain.push(escaped),
                None => plain.push('\\'),
            },
            '{' | '[' => {
                let inside = &url[at + 1..];
                is_pattern |= match character {
                    '{' => !inside.starts_with('{') && !url[..at].ends_with('{') && braces(inside),
                    _ => range(inside),
                };
                plain.push(character);
            }
            other => plain.push(other),
        }
    }
    (plain, is_pattern)
}

fn braces(inside: &str) -> bool {
    inside.split_once('}').is_some_and(|(alternatives, _)| alternatives.contains(','))
}

fn range(inside: &str) -> bool {
    inside.split_once(']').is_some_and(|(range, _)| {
        let ends = range.split(':').next().unwrap_or_default().split_once('-');
        ends.is_some_and(|(first, last)| {
            let is_end = |end: &str| !end.is_empty() && end.chars().all(|character| character.is_ascii_alphanumeric());
            is_end(first) && is_end(last)
        })
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r"https://h/a?x=\[1\]&y=\{\}", "https://h/a?x=[1]&y={}", false)]
    #[case("https://h/{{order_id}}/[::1]", "https://h/{{order_id}}/[::1]", false)]
    #[case("https://h/[1-3]", "https://h/[1-3]", true)]
    #[case("https://h/{a,b}", "https://h/{a,b}", true)]
    #[case(r"https://h/a\b", r"https://h/a\b", false)]
    fn what_curl_reads_into_an_address_is_undone_or_told(#[case] url: &str, #[case] plain: &str, #[case] is_pattern: bool) {
        assert_eq!(without_globs(url), (plain.to_owned(), is_pattern));
    }

    #[rstest]
    #[case("https://h/t", "https://h/t?a=1")]
    #[case("https://h/t?", "https://h/t?a=1")]
    #[case("https://h/t?b=2#c", "https://h/t?b=2&a=1#c")]
    fn a_query_is_added_before_the_fragment(#[case] url: &str, #[case] whole: &str) {
        assert_eq!(with_query(url.to_owned(), "a=1"), whole);
    }
}
