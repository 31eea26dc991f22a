//! No secret survives in any spelling, wherever it stands (S2).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use secrecy::SecretString;

use super::{REDACTED, Redactor};

const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'').add(b'%').add(b'&').add(b'+');

fn knowing(secrets: &[&str]) -> Redactor {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    Redactor::new(&secrets)
}

/// Every way in which a secret is written into something recorded.
fn written(secret: &str) -> Vec<String> {
    let json = |text: &str| serde_json::to_string(text).unwrap().trim_start_matches('"').strip_suffix('"').unwrap().to_owned();
    let ascii = secret.encode_utf16().fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"));
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let component = utf8_percent_encode(secret, COMPONENT).to_string();
    let lower = secret.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
    let mut all = vec![
        secret.to_owned(),
        form.clone(),
        component.clone(),
        lower,
        utf8_percent_encode(secret, QUERY).to_string(),
        utf8_percent_encode(&component, COMPONENT).to_string(),
        serde_json::to_string(secret).unwrap(),
        serde_json::to_string(secret).unwrap().replace('/', "\\/"),
        json(&json(secret)),
        ascii.clone(),
        ascii.to_uppercase().replace("\\U", "\\u"),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
    ];
    for text in [secret, &format!("user:{secret}"), &format!("u:{secret}:x"), &format!("us:{secret}yz"), &form] {
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(text);
            all.push(utf8_percent_encode(&encoded, COMPONENT).to_string());
            all.push(encoded);
        }
    }
    all
}

#[test]
fn s2_every_spelling_of_a_secret_is_replaced() {
    let secret = "p@ss \"w\"ö/r+d%&<😀";
    let redactor = knowing(&[secret]);
    for spelling in written(secret) {
        let text = format!("before {spelling} after");
        let redacted = redactor.redact(&text);
        assert!(redacted.contains(REDACTED), "not found: {text}");
        assert!(redacted.starts_with("before ") && redacted.ends_with(" after"), "took too much: {redacted}");
    }
}

#[test]
fn s2_base64_edges_that_hold_bits_of_the_secret_go_with_it() {
    let redactor = knowing(&["hunter2hunter2"]);
    assert_eq!(redactor.redact(&STANDARD.encode("a:hunter2hunter2")), "YT****==", "only bits of `a:` are left");
}

#[test]
fn s2_overlapping_and_adjacent_secrets_all_go() {
    let redactor = knowing(&["abcdefgh", "efghijkl", "cdefgh"]);
    assert_eq!(redactor.redact("x abcdefghijkl y"), "x **** y");
    assert_eq!(redactor.redact("abcdefghefghijkl"), "****");
    assert_eq!(redactor.redact("abcdefgh efghijkl"), "**** ****");
    assert_eq!(knowing(&["aaaaaa"]).redact("aaaaaaaaaaaaab"), "****b");
}

#[test]
fn s2_short_secrets_are_replaced_only_as_a_whole_field() {
    let redactor = knowing(&["abc12", "öäüöä", ""]);
    assert_eq!(redactor.redact("the abc12 öäüöä thing"), "the abc12 öäüöä thing");
    assert_eq!(redactor.redact_field("abc12"), REDACTED);
    assert_eq!(redactor.redact_field("öäüöä"), REDACTED);
    assert_eq!(redactor.redact_field(""), "", "nothing is no secret");
    assert!(!redactor.contains_secret("abc12"));
}

#[test]
fn s2_a_secret_that_joins_midway_is_known_beside_the_others() {
    let first = knowing(&["first-secret"]);
    let both = first.with(&SecretString::from("second-secret"));
    assert_eq!(both.redact("first-secret, second-secret"), "****, ****");
    assert_eq!(first.redact("second-secret"), "second-secret");
    assert!(both.contains_secret("second%2Dsecret"));
}

#[test]
fn s2_headers_are_recorded_without_credentials() {
    let redactor = knowing(&["topsecretvalue", "abc"]);
    assert_eq!(redactor.redact_header("Authorization", "Bearer other"), REDACTED);
    assert_eq!(redactor.redact_header("X-Trace", "a topsecretvalue b"), "a **** b");
    assert_eq!(redactor.redact_header("X-Custom", "abc"), REDACTED);
    assert_eq!(redactor.redact_header("Location", "/next?code=1"), "/next?****");
    assert_eq!(redactor.redact_header("Content-Type", "text/plain"), "text/plain");
}

#[test]
fn s2_the_credential_in_an_authorization_value_is_known_alone_too() {
    let redactor = knowing(&["Bearer eyJ.abc.def", "Basic dXNlcjpodW50ZXIy"]);
    assert_eq!(redactor.redact("token eyJ.abc.def is late"), "token **** is late");
    assert_eq!(redactor.redact("user hunter2 unknown"), "user **** unknown");
    assert_eq!(redactor.redact("Bearer of bad news"), "Bearer of bad news");
}

#[test]
fn s2_debug_and_bytes_show_no_secret() {
    let redactor = knowing(&["topsecretvalue"]);
    assert_eq!(format!("{redactor:?}"), "Redactor { secrets: 1, .. }");
    assert_eq!(redactor.redact_bytes_lossy(b"\xfftopsecretvalue\xfe"), "\u{fffd}****\u{fffd}");
    assert_eq!(Redactor::default().redact("anything"), "anything");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s2_no_secret_survives_in_any_spelling(
        secret in "[a-zA-Z0-9 /+%&=\"\\\\<>:?#é😀~._-]{6,40}",
        other in "\\PC{6,20}",
        before in "[a-zA-Z0-9 %\\\\&{}\":,]{0,12}",
        after in "[a-zA-Z0-9 %\\\\&{}\":,]{0,12}",
    ) {
        let redactor = knowing(&[&secret, &other]);
        for spelling in written(&secret) {
            let text = format!("{before} {spelling} {after}");
            let redacted = redactor.redact(&text);
            prop_assert!(redactor.contains_secret(&text), "not found in {text}");
            prop_assert!(!redacted.contains(&spelling), "{spelling} survives in {redacted}");
            prop_assert!(!redactor.contains_secret(&redacted) || REDACTED.contains(&secret), "a spelling survives in {redacted}");
        }
    }

    #[test]
    fn s2_any_text_and_any_secret_are_taken_without_harm(secret in "\\PC{0,12}", text in "\\PC{0,60}") {
        let redactor = knowing(&[&secret]);
        let redacted = redactor.redact(&text);
        if !redactor.contains_secret(&text) {
            prop_assert_eq!(redacted, text.as_str(), "a text without the secret stays as it is");
        }
        let _ = redactor.redact_url(&text);
        let _ = super::looks_like_secret(Some(&secret), &text);
    }
}
