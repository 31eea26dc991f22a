//! Which names announce a secret: of headers (S2), and of members of a response (T8).

/// Whether a header of this name carries a credential, so that its value is never recorded (S2).
/// `WWW-Authenticate` and `Proxy-Authenticate` only ask for one.
pub fn is_credential_header(name: &str) -> bool {
    const PARTS: [&str; 15] = [
        "token",
        "secret",
        "apikey",
        "api-key",
        "api_key",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "credential",
        "session",
        "signature",
        "cookie",
        "jwt",
        "bearer",
    ];
    let name = name.to_ascii_lowercase();
    if matches!(name.as_str(), "www-authenticate" | "proxy-authenticate") {
        return false;
    }
    PARTS.iter().any(|part| name.contains(part)) || has_auth(&name) || has_key(&name)
}

/// `auth` as in `X-Auth` and `Authorization`, not as in `Author` and `:authority`.
fn has_auth(name: &str) -> bool {
    name.match_indices("auth").any(|(at, found)| {
        let rest = &name[at + found.len()..];
        !rest.starts_with("or") || rest.starts_with("oriz")
    })
}

/// `…-key` as in `X-Functions-Key`, without the two that are no secrets.
fn has_key(name: &str) -> bool {
    const HARMLESS: [&str; 3] = ["idempotency-key", "sec-websocket-key", "surrogate-key"];
    (name.ends_with("-key") || name.ends_with("_key")) && !HARMLESS.iter().any(|harmless| name.ends_with(harmless))
}

/// What a member's name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameSays {
    /// It is a secret, such as `accessToken`.
    Secret,
    /// It is long and random but no secret, such as `commit_sha` or `conversationId`.
    Identifier,
    /// Nothing.
    #[default]
    Nothing,
}

impl NameSays {
    /// Reads the name of a member, if it has one.
    pub fn of(name: Option<&str>) -> Self {
        name.map_or(Self::Nothing, key_says)
    }
}

/// Reads a member's name, whichever way its words are joined.
fn key_says(key: &str) -> NameSays {
    if key.is_ascii() {
        let (last, start) = last_word(key.as_bytes(), key.len());
        return last_words_say(last_word(key.as_bytes(), start).0, last);
    }
    let words = words(key);
    let mut words = words.iter().rev().map(String::as_bytes);
    let last = words.next().unwrap_or_default();
    last_words_say(words.next().unwrap_or_default(), last)
}

/// What a name says that ends with two words, in any case; empty where it has fewer.
fn last_words_say(before: &[u8], last: &[u8]) -> NameSays {
    const SECRET_ENDINGS: [&str; 13] = [
        "token",
        "secret",
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "passcode",
        "apikey",
        "jwt",
        "credential",
        "credentials",
        "sessionid",
        "sessid",
    ];
    const SECRET_WORDS: [&str; 7] = ["authorization", "bearer", "cookie", "signature", "otp", "sid", "session"];
    /// `session_id`, `api_key`: the last two words together.
    const SECRET_PAIRS: [(&str, &str); 11] = [
        ("session", "id"),
        ("session", "key"),
        ("api", "key"),
        ("access", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("signing", "key"),
        ("encryption", "key"),
        ("auth", "key"),
        ("auth", "code"),
        ("authorization", "code"),
    ];
    const IDENTIFIERS: [&str; 21] = [
        "id",
        "ids",
        "uuid",
        "guid",
        "etag",
        "hash",
        "sha",
        "sha1",
        "sha256",
        "md5",
        "checksum",
        "digest",
        "commit",
        "cursor",
        "revision",
        "version",
        "fingerprint",
        "kid",
        "thumbprint",
        "ref",
        "slug",
    ];
    let is = |word: &[u8], known: &str| word.eq_ignore_ascii_case(known.as_bytes());
    let any = |words: &[&str]| words.iter().any(|word| is(last, word));
    // A page of a list is no credential, although APIs call its place a token.
    if is(last, "token") && ["page", "continuation", "sync"].iter().any(|word| is(before, word)) {
        return NameSays::Identifier;
    }
    let ends = |ending: &&str| last.len() >= ending.len() && is(&last[last.len() - ending.len()..], ending);
    let pair = |(one, other): &(&str, &str)| is(last, other) && is(before, one);
    if SECRET_ENDINGS.iter().any(ends) || any(&SECRET_WORDS) || SECRET_PAIRS.iter().any(pair) {
        return NameSays::Secret;
    }
    if any(&IDENTIFIERS) { NameSays::Identifier } else { NameSays::Nothing }
}

/// The last word of an ASCII name that ends at `end`, as it is written, and where it begins; the same words as
/// [`words`] gives, without making them.
fn last_word(key: &[u8], end: usize) -> (&[u8], usize) {
    let end = key[..end].iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1);
    let begins = |at: &usize| {
        let Some(before) = at.checked_sub(1).map(|before| key[before]) else { return true };
        let next_is_small = key.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let capital = key[*at].is_ascii_uppercase();
        !before.is_ascii_alphanumeric() || (capital && (!before.is_ascii_uppercase() || next_is_small))
    };
    let start = (0..end).rev().find(begins).unwrap_or(0);
    (&key[start..end], start)
}

/// `accessToken`, `access-token`, `ACCESS_TOKEN` and `APIToken` in lower-case words.
fn words(key: &str) -> Vec<String> {
    let characters: Vec<char> = key.chars().collect();
    let mut words = vec![String::new()];
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| characters.get(at));
        let next = characters.get(index + 1);
        let begins = character.is_uppercase()
            && (before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
                || (before.is_some_and(|it| it.is_uppercase()) && next.is_some_and(|it| it.is_lowercase())));
        if begins || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn s2_headers_that_carry_credentials_are_known_by_name() {
        for name in [
            "Authorization",
            "PROXY-AUTHORIZATION",
            "Cookie",
            "set-cookie",
            "X-Api-Key",
            "apikey",
            "X-Auth",
            "X-Auth-Email",
            "X-Session-Id",
            "X-Hub-Signature-256",
            "X-CSRF-Token",
            "Client-Secret",
            "X-Amz-Security-Token",
            "X-Functions-Key",
            "Ocp-Apim-Subscription-Key",
            "X-Credentials",
            "Authentication-Info",
            "X-User-Password",
        ] {
            assert!(is_credential_header(name), "{name} carries a credential");
        }
        for name in [
            "WWW-Authenticate",
            "Proxy-Authenticate",
            "Author",
            "X-Author-Name",
            ":authority",
            "Content-Type",
            "Accept",
            "Idempotency-Key",
            "Location",
            "ETag",
            "X-Request-Id",
            "Keep-Alive",
        ] {
            assert!(!is_credential_header(name), "{name} carries no credential");
        }
    }

    proptest! {
        #[test]
        fn t8_the_last_words_of_a_name_are_its_last_words(key in "[a-cA-C1_. ]{0,8}") {
            let words = words(&key);
            let mut end = key.len();
            for word in words.iter().rev().take(2) {
                let (last, start) = last_word(key.as_bytes(), end);
                prop_assert!(last.eq_ignore_ascii_case(word.as_bytes()), "{} in {}", word, key);
                end = start;
            }
            if words.len() < 2 {
                prop_assert!(last_word(key.as_bytes(), end).0.is_empty());
            }
        }
    }

    #[test]
    fn t8_names_of_members_are_read_however_they_are_joined() {
        for key in [
            "access_token",
            "accessToken",
            "AccessToken",
            "ACCESS-TOKEN",
            "accesstoken",
            "APIToken",
            "sessionId",
            "PHPSESSID",
            "client_secret",
            "api_key",
            "apiKey",
            "jwt",
            "authorization",
            "Set-Cookie",
            "private_key",
        ] {
            assert_eq!(key_says(key), NameSays::Secret, "{key}");
        }
        for key in [
            "token_type",
            "tokens",
            "token_count",
            "expires_in",
            "password_changed_at",
            "token_endpoint",
            "author",
            "keyboard",
            "sidebar",
            "",
            "name",
            "session_expires",
            "secretary",
        ] {
            assert_eq!(key_says(key), NameSays::Nothing, "{key}");
        }
        for key in ["id", "conversationId", "commit_sha", "etag", "next_page_token", "token_id"] {
            assert_eq!(key_says(key), NameSays::Identifier, "{key}");
        }
    }
}
