//! Whether a value looks like a secret, by the name it goes under or by its shape (T8).
//!
//! Masking too much makes a response tree useless, so ids, dates, words and URLs must pass.

use super::names::NameSays;

/// Whether a response's value is to be masked: its key announces a secret, or it has the shape of one (T8).
/// `key` is the name of the member that holds it, if it is one of an object.
pub fn looks_like_secret(key: Option<&str>, value: &str) -> bool {
    NameSays::of(key).looks_like_secret(value)
}

impl NameSays {
    /// [`looks_like_secret`] for a value whose name was read before.
    pub fn looks_like_secret(self, value: &str) -> bool {
        let value = value.trim();
        if value.is_empty() || ["true", "false", "null"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
            return false;
        }
        match self {
            Self::Secret => true,
            Self::Identifier => is_jwt(value) || is_private_key(value),
            Self::Nothing => {
                is_jwt(value) || is_private_key(value) || has_known_prefix(value) || is_opaque(without_scheme(value))
            }
        }
    }
}

/// Three base64url parts, the first of which is a JSON object (RFC 7519).
fn is_jwt(value: &str) -> bool {
    let value = without_scheme(value);
    let Some((header, rest)) = value.starts_with("eyJ").then(|| value.split_once('.')).flatten() else { return false };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'.');
    header.len() >= 10 && rest.bytes().all(fits) && matches!(rest.split('.').count(), 2 | 4)
}

fn is_private_key(value: &str) -> bool {
    value.starts_with("-----BEGIN ") && value.contains("PRIVATE KEY-----")
}

/// Prefixes by which vendors mark their secrets.
fn has_known_prefix(value: &str) -> bool {
    const PREFIXES: [&str; 16] = [
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "whsec_",
        "sk-",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "shpat_",
        "ya29.",
        "dop_v1_",
        "npm_",
    ];
    value.len() >= 20
        && PREFIXES.iter().any(|prefix| value.starts_with(prefix))
        && !value.contains(char::is_whitespace)
        && value.contains(|character: char| character.is_ascii_digit())
}

fn without_scheme(value: &str) -> &str {
    let scheme = ["Bearer ", "Basic ", "Token "].into_iter();
    scheme
        .filter(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
        .fold(value, |_, scheme| value[scheme.len()..].trim_start())
}

/// Long, of one piece, and with letters and digits mixed as only a random generator mixes them.
fn is_opaque(value: &str) -> bool {
    const LONGEST: usize = 8192;
    if value.len() > LONGEST || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_.~".contains(&byte)) {
        return false;
    }
    // Slugs, dates, UUIDs and file names fall into short pieces.
    value.split(|character: char| !character.is_ascii_alphanumeric()).any(is_opaque_piece)
}

fn is_opaque_piece(piece: &str) -> bool {
    /// Shorter ones are too often ids.
    const MIXED: usize = 22;
    /// Hexadecimal is less dense, and 24 digits are an ordinary database id.
    const HEXADECIMAL: usize = 32;
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let letters = piece.len() - digits;
    if digits < 3 || letters < 3 {
        return false;
    }
    let hexadecimal = piece.bytes().all(|byte| byte.is_ascii_hexdigit());
    if piece.len() < if hexadecimal { HEXADECIMAL } else { MIXED } {
        return false;
    }
    // In random text, neighbours are often of different classes; in names with a number they seldom are.
    let class = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let changes = piece.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    changes * 10 >= piece.len() * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t8_secrets_are_known_by_their_shape() {
        for value in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "b6d81b360a5672d80c27430f39153e2c",
            "9b74c9897bac770ffc029102a200c5de1d9e9b11",
            "kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA",
            "bearer kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA",
            "sk_live_51Hq8yZKz0000abc",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            "Zm9vOmJhcjEyMzQ1Njc4OTB4eXpBQkNERUZH/a9K2mQ7x==",
        ] {
            assert!(looks_like_secret(Some("value"), value), "{value} is a secret");
            assert!(looks_like_secret(None, value), "{value} is a secret in an array too");
        }
    }

    #[test]
    fn t8_secrets_are_known_by_their_key_however_plain() {
        assert!(looks_like_secret(Some("password"), "hunter2"));
        assert!(looks_like_secret(Some("access_token"), "12345"));
        assert!(looks_like_secret(Some("session_id"), "1b4e28ba-2fa1-11d2-883f-0016d3cca427"));
        assert!(!looks_like_secret(Some("token"), ""), "nothing to hide");
        assert!(!looks_like_secret(Some("token"), "null"));
    }

    #[test]
    fn t8_ordinary_values_are_shown() {
        for (key, value) in [
            ("token_type", "Bearer"),
            ("expires_in", "3600"),
            ("name", "Ada Lovelace"),
            ("text", "Your order of 3 items has been shipped and arrives on 2024-05-12."),
            ("url", "https://api.example.com/v1/orders/8a7b6c5d4e3f2a1b8a7b6c5d4e3f2a1b"),
            ("created", "2024-05-12T10:11:12.123456Z"),
            ("compact", "20240512T101112Z"),
            ("order", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"),
            ("email", "ada.lovelace+orders2024@example.com"),
            ("number", "123456789012345678901234567890"),
            ("id", "507f1f77bcf86cd799439011"),
            ("parent", "507f1f77bcf86cd799439011"),
            ("commit_sha", "9b74c9897bac770ffc029102a200c5de1d9e9b11"),
            ("slug", "how-to-set-up-a-data-connector-in-10-minutes"),
            ("file", "IMG_20240512_101112.jpg"),
            ("operation", "getCustomerConversationHistoryV2ById"),
            ("reference", "ORDER-2024-000123-XZ"),
            ("iban", "DE89370400440532013000"),
            ("path", "/usr/local/share/latchkey/2024/05/12/report"),
            ("scope", "read:orders write:orders"),
            ("next_page_token", "kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA"),
        ] {
            assert!(!looks_like_secret(Some(key), value), "{key}: {value} is no secret");
        }
    }
}
