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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeySays {
    /// It is a secret, such as `accessToken`.
    Secret,
    /// It is long and random but no secret, such as `commit_sha` or `conversationId`.
    Identifier,
    /// Nothing.
    Nothing,
}

/// Reads a member's name, whichever way its words are joined.
pub(super) fn key_says(key: &str) -> KeySays {
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
    let words = words(key);
    let Some(last) = words.last().map(String::as_str) else { return KeySays::Nothing };
    let before = words.len().checked_sub(2).and_then(|index| words.get(index)).map_or("", String::as_str);
    // A page of a list is no credential, although APIs call its place a token.
    if last == "token" && matches!(before, "page" | "continuation" | "sync") {
        return KeySays::Identifier;
    }
    if SECRET_ENDINGS.iter().any(|ending| last.ends_with(ending))
        || SECRET_WORDS.contains(&last)
        || SECRET_PAIRS.contains(&(before, last))
    {
        return KeySays::Secret;
    }
    if IDENTIFIERS.contains(&last) { KeySays::Identifier } else { KeySays::Nothing }
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
            assert_eq!(key_says(key), KeySays::Secret, "{key}");
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
            assert_eq!(key_says(key), KeySays::Nothing, "{key}");
        }
        for key in ["id", "conversationId", "commit_sha", "etag", "next_page_token", "token_id"] {
            assert_eq!(key_says(key), KeySays::Identifier, "{key}");
        }
    }
}
