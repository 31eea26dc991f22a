use bytes::Bytes;

use super::*;
use crate::redact::Redactor;
use crate::response::jwt::tests::sample;

const TOKEN: &str = "q9W3eR7tY1uI5oP2aS8dF4gH6jK0lZ";

fn document(body: &str) -> Document {
    Document::open(Bytes::from(body.to_owned()), None)
}

fn at(body: &str, at: &str) -> LocationPreview {
    preview(&document(body), &[], &TokenLocation::json(at), &Masking::default())
}

#[test]
fn t4_a_preview_shows_what_one_place_yields_masked() {
    let body = format!(r#"{{"data":{{"access_token":"{TOKEN}","kind":"short"}}}}"#);
    let shown = at(&body, "$..access_token");
    assert_eq!((shown.yields, shown.counted_all, shown.error), (1, true, None));
    assert_eq!(shown.normalised, Some(TokenLocation::json("/data/access_token")));
    let value = &shown.values[0];
    assert!(value.masked && !value.preview.contains(TOKEN), "{value:?}");
    assert_eq!((value.path.as_str(), value.kind), ("/data/access_token", ValueKind::String));
    let plain = at(&body, "/data/kind");
    assert_eq!((plain.values[0].preview.as_str(), plain.values[0].masked), ("short", false));
}

#[test]
fn t4_a_preview_of_several_shows_the_first_and_counts_them() {
    let body = format!(r#"[{}{{"t":"{TOKEN}"}}]"#, r#"{"t":"a"},"#.repeat(7));
    let shown = at(&body, "$[*].t");
    assert_eq!((shown.yields, shown.counted_all, shown.values.len()), (8, true, 5));
    assert_eq!(shown.values[1].path, "$[1]['t']");
    assert!(shown.normalised.is_none());
    let error = shown.error.unwrap();
    assert_eq!((error.field.as_str(), error.from, error.to), ("at", 0, 6));
    assert_eq!(error.message, "The JSONPath yields 8 values; it must yield exactly one.");
    let many = at(&format!("[{}0]", "0,".repeat(20_000)), "$[*]");
    assert_eq!((many.yields, many.counted_all), (10_000, false));
}

#[test]
fn t4_a_preview_marks_the_characters_that_are_wrong() {
    let body = r#"{"data":{"access":{"t":"x"}}}"#;
    for (path, from, to) in [
        ("/data/acc", 5, 9),
        ("/nothing/x", 0, 10),
        ("/data~2", 5, 7),
        ("data", 0, 1),
        ("$.data[", 7, 7),
        ("$.data.none", 0, 11),
    ] {
        let shown = at(body, path);
        assert_eq!((shown.yields, shown.normalised.is_some()), (0, false), "{path}");
        let error = shown.error.unwrap();
        assert_eq!((error.field.as_str(), error.from, error.to), ("at", from, to), "{path}: {}", error.message);
        assert!(!error.next_step.is_empty());
    }
    let object = at(body, "/data");
    assert_eq!((object.yields, object.values[0].kind, object.error.is_some()), (1, ValueKind::Object, true));
}

#[test]
fn t4_a_preview_names_the_step_that_fails() {
    let body = serde_json::json!({"jwt": sample(r#"{"sub":"me"}"#)}).to_string();
    let then = |then: Vec<LocationStep>| {
        let location = TokenLocation { then, ..TokenLocation::json("/jwt") };
        preview(&document(&body), &[], &location, &Masking::default())
    };
    let claim = |claim: &str| LocationStep::JwtClaim { claim: claim.into() };
    assert_eq!(then(vec![claim("sub")]).values[0].preview, "me");
    let missing = then(vec![claim("nobody")]).error.unwrap();
    assert_eq!((missing.field.as_str(), missing.from, missing.to), ("then[0]", 0, 6));
    let pattern = then(vec![claim("sub"), LocationStep::Capture { pattern: "m(e".into() }]).error.unwrap();
    assert_eq!((pattern.field.as_str(), pattern.from, pattern.to), ("then[1]", 1, 2));
}

#[test]
fn t8_a_preview_shows_no_cookie_credential_or_known_secret() {
    let headers = [("Set-Cookie".to_owned(), "sid=abc".to_owned()), ("Authorization".to_owned(), "word".to_owned())];
    let masking = Masking {
        redactor: Some(Redactor::new([&secrecy::SecretString::from("known-secret-of-the-login")])),
        keep_start: true,
    };
    let look = |body: &str, location: TokenLocation| preview(&document(body), &headers, &location, &masking);
    let cookie = TokenLocation { part: LocationIn::Cookie, at: "sid".into(), then: Vec::new() };
    for (shown, secret) in [
        (look("", cookie), "abc"),
        (look("", TokenLocation::header("authorization")), "word"),
        (look(r#"{"note":"is known-secret-of-the-login"}"#, TokenLocation::json("/note")), "known-secret"),
        (look(r#"{"known-secret-of-the-login":["x","y"]}"#, TokenLocation::json("$.*[*]")), "known-secret"),
    ] {
        let written = format!("{:?}", shown.values);
        assert!(!written.contains(secret), "{written}");
        assert!(!shown.values.is_empty());
    }
    let named = look(r#"{"known-secret-of-the-login":"x"}"#, TokenLocation::json("$.*"));
    assert!(named.normalised.is_none() && named.error.is_some(), "a place that a secret names is not told");
}

#[test]
fn t8_a_preview_masks_what_the_tree_masks() {
    let shown =
        |body: &str, location: &TokenLocation| preview(&document(body), &[], location, &Masking::default()).values.remove(0);
    let part = |part, at: &str| TokenLocation { part, at: at.to_owned(), then: Vec::new() };
    let capture = LocationStep::Capture { pattern: "token=(\\S+)".to_owned() };
    for (body, location) in [
        ("token=hunter2-plain ok", TokenLocation { then: vec![capture], ..part(LocationIn::Text, "") }),
        ("user=ada&token=hunter2-plain", part(LocationIn::Text, "")),
        ("<a><password x='1'>hunter2-plain</password></a>", part(LocationIn::Xml, "/a/password/text()")),
        ("<a><password/><password>hunter2-plain</password></a>", part(LocationIn::Xml, "/a/password[2]")),
        (r#"{"a":"{\"token\":\"hunter2-plain\"}"}"#, TokenLocation::json("/a")),
    ] {
        let value = shown(body, &location);
        assert!(value.masked && !value.preview.contains("hunter2"), "{location:?}: {value:?}");
    }
}
