//! Secrets inside a text that holds several values (T8): JSON, XML or a form kept as one string, a line of such a text, a
//! header line. No format is assumed, since a text may be a part of one, or be broken: names are known by what stands
//! between them and their values.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::names::is_credential_header;
use super::shape::looks_like_secret;

/// A name, or a tag with its attributes, is looked for so many bytes before its value.
const FARTHEST: usize = 1024;

/// Shorter words tell nothing by their shape.
const SHORTEST_WORD: usize = 12;

/// A text with `mark` in place of each secret in it; borrowed when it has none. See [`secrets_within`].
pub fn hide_within<'a>(text: &'a str, mark: &str) -> Cow<'a, str> {
    // Most values are short and hold no name: they need no closer look.
    if text.len() < SHORTEST_WORD && memchr::memchr3(b':', b'=', b'>', text.as_bytes()).is_none() {
        return text.into();
    }
    let secrets = secrets_within(text);
    if secrets.is_empty() {
        return text.into();
    }
    let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
    for secret in secrets {
        shown.push_str(&text[at..secret.start]);
        shown.push_str(mark);
        at = secret.end;
    }
    shown.push_str(&text[at..]);
    shown.into()
}

/// Where secrets stand in a text that is none as a whole: values under names that announce one, and words with the shape
/// of one. Ascending; none overlaps another.
fn secrets_within(text: &str) -> Vec<Range<usize>> {
    let mut found = named_secrets(text);
    let named = found.len();
    let (mut next, mut at) = (0, 0);
    while let Some(word) = next_word(text, at) {
        at = word.end;
        while next < named && found[next].end <= word.start {
            next += 1;
        }
        if found[..named].get(next).is_some_and(|secret| secret.start < word.end) {
            at = at.max(found[next].end);
        } else if is_secret_word(text, &word) {
            found.push(word);
        }
    }
    found.sort_unstable_by_key(|secret| secret.start);
    found
}

/// The name of a secret at the end of a text, whose value stands on the next line.
pub fn secret_name_at_end(text: &str) -> Option<Cow<'_, str>> {
    let separator = text.trim_end().len().checked_sub(1)?;
    if !matches!(text.as_bytes()[separator], b':' | b'=' | b'>') {
        return None;
    }
    let named = named_before(text, separator)?;
    (named.by != By::Line && named.announces_secret()).then_some(named.name)
}

fn named_secrets(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(offset) = memchr::memchr3(b':', b'=', b'>', &text.as_bytes()[at..]) {
        let separator = at + offset;
        at = separator + 1;
        if let Some(named) = named_before(text, separator)
            && named.announces_secret()
        {
            let secret = value_after(text, separator, &named);
            // Of an object or a list, what is inside has names of its own.
            if looks_like_secret(Some("token"), &text[secret.clone()]) {
                at = at.max(secret.end);
                found.push(secret);
            }
        }
    }
    found
}

/// How a name is joined to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// `name=value`, `name="value"`, `"name": "value"`.
    Sign,
    /// `Name: value` up to the end of its line.
    Line,
    /// `<name>value</name>`.
    Tag,
}

struct Named<'a> {
    name: Cow<'a, str>,
    by: By,
}

impl Named<'_> {
    fn announces_secret(&self) -> bool {
        // Any value does: it is the name that counts.
        looks_like_secret(Some(&self.name), "x") || (self.by == By::Line && is_credential_header(&self.name))
    }
}

/// The name before a separator.
fn named_before(text: &str, separator: usize) -> Option<Named<'_>> {
    let start = text.floor_char_boundary(separator.saturating_sub(FARTHEST));
    let before = &text[start..separator];
    if text.as_bytes()[separator] == b'>' {
        let tag = &before[before.rfind('<')? + 1..];
        let name = tag.split(|character: char| character.is_whitespace()).next()?;
        return (!name.starts_with(['/', '!', '?']) && !tag.ends_with('/')).then_some(Named { name: name.into(), by: By::Tag });
    }
    let before = before.trim_end();
    if let Some(quote) = before.chars().next_back().filter(|last| matches!(last, '"' | '\'')) {
        let quoted = before[..before.len() - 1].trim_end_matches('\\');
        let name = &quoted[quoted.rfind(quote).map_or(0, |at| at + 1)..];
        return Some(Named { name: unescaped(name), by: By::Sign });
    }
    let name_start = before
        .rfind(|character: char| !is_of_name(character))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let (around, name) = before.split_at(name_start);
    if name.is_empty() {
        return None;
    }
    let around = around.trim_end_matches([' ', '\t', '-']);
    let by = match text.as_bytes()[separator] {
        b'=' => By::Sign,
        _ if around.ends_with(['{', ',']) => By::Sign,
        _ if around.is_empty() || around.ends_with('\n') => By::Line,
        // In a sentence, a colon says nothing of what follows.
        _ => return None,
    };
    let decoded = if name.contains('%') { percent_decode_str(name).decode_utf8_lossy() } else { name.into() };
    Some(Named { name: decoded, by })
}

/// A name in a form may be `user[password]`, and percent-encoded.
fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '$' | '[' | ']' | '%')
}

fn unescaped(name: &str) -> Cow<'_, str> {
    if !name.contains('\\') {
        return name.into();
    }
    // What stands in a string in a string is escaped twice.
    let mut text = name.replace("\\\\", "\\");
    if let Ok(plain) = serde_json::from_str(&format!("\"{text}\"")) {
        text = plain;
    }
    text.into()
}

/// The value behind a separator, without its quotes.
fn value_after(text: &str, separator: usize, named: &Named<'_>) -> Range<usize> {
    const CDATA: &str = "<![CDATA[";
    let rest = &text[separator + 1..];
    let mut start = separator + 1 + (rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len());
    let end_at = |start: usize, ends: &[char]| text[start..].find(ends).map_or(text.len(), |length| start + length);
    if named.by == By::Tag {
        let end_before = |start: usize, end: &str| text[start..].find(end).map_or(text.len(), |length| start + length);
        if text[start..].starts_with(CDATA) {
            start += CDATA.len();
            return start..end_before(start, "]]>");
        }
        // An element that begins with another one is none of text.
        let elements = text[start..].starts_with('<');
        return start..if elements { start } else { end_before(start, &format!("</{}", named.name)) };
    }
    if named.by == By::Line {
        // What stands on the next line is no value of this one.
        let line_end = end_at(separator + 1, &['\n']);
        return start.min(line_end)..line_end;
    }
    let value = &text[start..];
    let unslashed = value.trim_start_matches('\\');
    let backslashes = value.len() - unslashed.len();
    match unslashed.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let start = start + backslashes + 1;
            start..quote_end(text, start, quote, backslashes)
        }
        Some('{' | '[') => start..start,
        _ => {
            let end = end_at(start, &['&', ';', ',', '#', '"', '\'', '<', '>', '}', ']', ')', ' ', '\t', '\r', '\n', '\\']);
            let scheme = ["bearer", "basic", "token"].iter().any(|scheme| text[start..end].eq_ignore_ascii_case(scheme));
            start..if scheme { next_word(text, end).map_or(end, |credential| credential.end) } else { end }
        }
    }
}

/// Where a value in quotes ends: at a quote before which no more backslashes stand than before the first.
fn quote_end(text: &str, start: usize, quote: char, backslashes: usize) -> usize {
    let mut at = start;
    while let Some(length) = text[at..].find(quote) {
        let end = at + length;
        let before = text[start..end].bytes().rev().take_while(|byte| *byte == b'\\').count();
        // A backslash that is itself escaped says nothing of the quote.
        if before <= backslashes || (backslashes == 0 && before.is_multiple_of(2)) {
            return end - before.min(backslashes);
        }
        at = end + 1;
    }
    text.len()
}

/// The next piece of text without blanks, quotes, brackets and what separates values.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let separates = |at: usize| {
        // `\/` is a slash in JSON.
        matches!(bytes[at], b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'(' | b')')
            || matches!(bytes[at], b',' | b';' | b'&' | b'=' | b'?' | b'#' | b'|' | b'`')
            || (bytes[at] == b'\\' && bytes.get(at + 1) != Some(&b'/'))
    };
    let start = (from..bytes.len()).find(|at| !separates(*at))?;
    let end = (start..bytes.len()).find(|at| separates(*at)).unwrap_or(bytes.len());
    Some(start..end)
}

/// Whether a word has the shape of a secret, and no name says that it is none.
fn is_secret_word(text: &str, word: &Range<usize>) -> bool {
    if word.len() < SHORTEST_WORD {
        return false;
    }
    let plain = text[word.clone()].replace("\\/", "/");
    let plain = plain.trim_end_matches([':', '.']);
    if !looks_like_secret(None, plain) {
        return false;
    }
    let before = text[..word.start].trim_end_matches(['"', '\'', '\\', ' ', '\t', '\r', '\n']);
    let separator = before.len().checked_sub(1).filter(|at| matches!(text.as_bytes()[*at], b':' | b'=' | b'>'));
    let named = separator.and_then(|separator| named_before(text, separator));
    named.is_none_or(|named| looks_like_secret(Some(&named.name), plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(text: &str) -> Vec<&str> {
        secrets_within(text).into_iter().map(|secret| &text[secret]).collect()
    }

    #[test]
    fn t8_a_value_under_a_secret_name_is_found_in_whatever_holds_it() {
        for text in [
            r#"{"token":"hunter2-plain","user":"ada"}"#,
            r#"{ "user" : "ada", "access_token" : "hunter2-plain" }"#,
            r#"  "token": "hunter2-plain","#,
            r#"{"a":{"b":["x",{"password":"hunter2-plain"}]}}"#,
            r#"{"body":"{\"token\":\"hunter2-plain\",\"user\":\"ada\"}"}"#,
            r#"{"body":"{\"body\":\"{\\\"token\\\":\\\"hunter2-plain\\\"}\"}"}"#,
            r#"{"\u0074oken":"hunter2-plain"}"#,
            r#"{"token":"hunter2-plain"#,
            "{'token': 'hunter2-plain'}",
            "{user: ada, token: hunter2-plain}",
            "user=ada&access_token=hunter2-plain&x=1",
            "user%5Bpassword%5D=hunter2-plain&user[name]=ada",
            "https://api.example.com/cb?code=1&access_token=hunter2-plain#top",
            "user=ada; password=hunter2-plain; server=x",
            "password = hunter2-plain",
            "Authorization: hunter2-plain",
            "ok: true\ntoken: hunter2-plain\nuser: ada",
            "X-Auth: hunter2-plain\r\nX-Other: 1",
            "<login><token>hunter2-plain</token><user>ada</user></login>",
            "<login><token>hunter2-plain</token>",
            "<token><value>1</value></token><token>hunter2-plain",
            "<s:Password Type=\"x\">\n  hunter2-plain</s:Password>",
            "<token><![CDATA[hunter2-plain]]></token>",
            r#"<session token="hunter2-plain" user='ada'/>"#,
        ] {
            let found = secrets(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].trim(), "hunter2-plain", "{text}");
        }
    }

    #[test]
    fn t8_a_secret_value_is_found_to_its_end() {
        assert_eq!(secrets(r#"{"password":"my {(\"pass\") phrase","x":1}"#), [r#"my {(\"pass\") phrase"#]);
        assert_eq!(secrets(r#"{"password":"ends in \\","x":"y"}"#), [r"ends in \\"]);
        assert_eq!(secrets("password: my pass phrase\nx: y"), ["my pass phrase"]);
        assert_eq!(secrets("Cookie: a=b; c=d"), ["a=b; c=d"]);
        assert_eq!(secrets(r#"{"token":12345,"x":"y"}"#), ["12345"]);
        assert_eq!(secrets("authorization=Bearer abc def"), ["Bearer abc"]);
    }

    #[test]
    fn t8_words_with_the_shape_of_a_secret_are_found_among_others() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        assert_eq!(secrets(&format!("your token is {jwt}.")), [format!("{jwt}.")]);
        assert_eq!(secrets(r#"["ok","kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA"]"#), ["kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA"]);
        assert_eq!(secrets(r#"{"v":"kX9vQ2mZ7pL4tR8wY1nB6cD3fG5\/hJ0sA"}"#), [r"kX9vQ2mZ7pL4tR8wY1nB6cD3fG5\/hJ0sA"]);
    }

    #[test]
    fn t8_ordinary_texts_are_shown() {
        for text in [
            "",
            "plain words",
            "Your order of 3 items has been shipped and arrives on 2024-05-12.",
            "The token is missing: send it in the header Authorization.",
            "Invalid session: log in again",
            r#"{"token":null,"token_type":"Bearer","expires_in":3600,"user":"ada"}"#,
            r#"{"token":"","session":{"state":"open"},"tokens":["a"]}"#,
            r#"{"commit_sha":"9b74c9897bac770ffc029102a200c5de1d9e9b11"}"#,
            "https://api.example.com/v1/orders/8a7b6c5d4e3f2a1b8a7b6c5d4e3f2a1b?page=2",
            r#"{"next":"https:\/\/api.example.com\/8a7b6c5d4e3f2a1b8a7b6c5d4e3f2a1b"}"#,
            "<token></token><user>ada</user>",
            "<token/>text",
            "token:\nuser: ada",
            "a => b, x >= y, 12:30:00",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn t8_a_name_at_the_end_of_a_line_is_that_of_the_next() {
        for text in ["{\n  \"token\":\n", "<login><password>\r\n  ", "token = "] {
            assert!(secret_name_at_end(text).is_some(), "{text}");
        }
        for text in ["", "\n", "token:\n", "\"user\":\n", "<token/>\n", "</token>\n", "\"token\": 1,\n"] {
            assert_eq!(secret_name_at_end(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn t8_what_is_found_is_in_order_and_between_characters(text in "([a-zü:=\"'<>\\\\{},&\n ]|token|password=|\"token\":\"){0,30}") {
            let mut end = 0;
            for secret in secrets_within(&text) {
                prop_assert!(secret.start >= end && secret.start < secret.end);
                prop_assert!(text.is_char_boundary(secret.start) && text.is_char_boundary(secret.end));
                end = secret.end;
            }
        }
    }
}
