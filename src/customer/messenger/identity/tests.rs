//! JWTs and hashes as servers make them, and as attackers do. The expected ones were made with OpenSSL.

use rstest::rstest;
use serde_json::json;

use super::*;

const SECRET: &str = "a-secret-of-the-shop";
const NOW: &str = "2026-01-31T09:00:00Z";
/// `printf %s 42 | openssl dgst -sha256 -hmac a-secret-of-the-shop`
const HASH_OF_42: &str = "5bf98befa2769885174de755053035b7f8137c18a155109f1abbe82b54a32536";
/// `{"alg":"HS256","typ":"JWT"}.{"user_id":"42"}`, signed with `openssl dgst -sha256 -hmac a-secret-of-the-shop -binary`.
const JWT_OF_42: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiNDIifQ.Im3hXVxfhs54TnR_fZXYDv-bOPSYj1kt9DfObI9XsLo";

fn rules(verification: IdentityVerification) -> Rules {
    Rules { verification, secret: Some(SecretString::from(SECRET)), ..Rules::default() }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn nobody() -> Claimed {
    Claimed { user_id: None, email: None, jwt: None, user_hash: None }
}

fn signed(secret: &str, header: &Value, claims: &Value) -> String {
    let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let said = format!("{}.{}", part(header), part(claims));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(said.as_bytes());
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn with_jwt(jwt: &str) -> Claimed {
    Claimed { jwt: Some(SecretString::from(jwt)), ..nobody() }
}

fn believed(claims: &Value) -> Result<Believed, Refusal> {
    believe(&rules(IdentityVerification::Jwt), with_jwt(&signed(SECRET, &hs256(), claims)), now())
}

fn why(outcome: Result<Believed, Refusal>) -> String {
    match outcome {
        Ok(believed) => panic!("it was believed: {believed:?}"),
        Err(refusal) => format!("{refusal:?}"),
    }
}

#[test]
fn m4_what_openssl_signs_is_believed() {
    let expected = Believed { user_id: "42".to_owned(), email: None };
    assert_eq!(believe(&rules(IdentityVerification::Jwt), with_jwt(JWT_OF_42), now()).unwrap(), expected);
    for hash in [HASH_OF_42.to_owned(), HASH_OF_42.to_uppercase()] {
        let claimed = Claimed { user_id: Some("42".to_owned()), user_hash: Some(SecretString::from(hash)), ..nobody() };
        assert_eq!(believe(&rules(IdentityVerification::UserHash), claimed, now()).unwrap(), expected);
    }
}

#[rstest]
#[case::none(json!({"alg": "none"}))]
#[case::none_in_capitals(json!({"alg": "NONE"}))]
#[case::another_hmac(json!({"alg": "HS512"}))]
#[case::a_public_key(json!({"alg": "RS256"}))]
#[case::lower_case(json!({"alg": "hs256"}))]
#[case::no_alg(json!({"typ": "JWT"}))]
#[case::not_text(json!({"alg": ["HS256"]}))]
#[case::an_extension(json!({"alg": "HS256", "crit": ["exp"]}))]
fn m4_only_hs256_is_believed_however_it_is_signed(#[case] header: Value) {
    let claims = json!({"user_id": "42"});
    let rules = rules(IdentityVerification::Jwt);
    let jwt = signed(SECRET, &header, &claims);
    assert!(why(believe(&rules, with_jwt(&jwt), now())).contains("IdentityRefused"));
    let unsigned = format!("{}.", jwt.rsplit_once('.').unwrap().0);
    assert!(why(believe(&rules, with_jwt(&unsigned), now())).contains("IdentityRefused"));
}

#[test]
fn m4_a_jwt_that_was_changed_or_signed_by_another_is_refused() {
    let rules = rules(IdentityVerification::Jwt);
    let claims = json!({"user_id": "42"});
    let good = signed(SECRET, &hs256(), &claims);
    let [header, said, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let of_43 = URL_SAFE_NO_PAD.encode(json!({"user_id": "43"}).to_string());
    for jwt in [
        signed("another secret", &hs256(), &claims),
        signed("", &hs256(), &claims),
        format!("{header}.{of_43}.{signature}"),
        format!("{header}.{said}.{}", &signature[..signature.len() - 4]),
        format!("{header}.{said}."),
        format!("{header}.{said}.{signature}="),
        format!("{header}.{said}.{signature}.{signature}"),
        format!("{header}.{said}"),
        format!(" {good}"),
        String::new(),
        "..".to_owned(),
    ] {
        let why = why(believe(&rules, with_jwt(&jwt), now()));
        assert!(why.contains("IdentityRefused"), "{jwt}: {why}");
        assert!(signature.len() < 20 || !why.contains(signature), "no part of a proof is repeated");
    }
}

#[rstest]
#[case::none(json!({}), Ok("42"))]
#[case::to_come(json!({"exp": 1_769_850_001}), Ok("42"))]
#[case::in_fractions(json!({"exp": 1_769_850_000.5}), Ok("42"))]
#[case::this_second(json!({"exp": 1_769_850_000}), Err("IdentityExpired"))]
#[case::long_ago(json!({"exp": 0}), Err("IdentityExpired"))]
#[case::as_text(json!({"exp": "1769850001"}), Err("its exp is no number"))]
#[case::nothing(json!({"exp": null}), Err("its exp is no number"))]
#[case::issued_a_minute_ahead(json!({"iat": 1_769_850_060}), Ok("42"))]
#[case::issued_later(json!({"iat": 1_769_850_061}), Err("from later on (iat)"))]
#[case::not_before_a_minute_ahead(json!({"nbf": 1_769_850_060}), Ok("42"))]
#[case::not_before_later(json!({"nbf": 1_769_850_061}), Err("from later on (nbf)"))]
fn m4_times_are_honoured_by_the_clock_that_is_passed_in(#[case] times: Value, #[case] outcome: Result<&str, &str>) {
    assert_eq!(now().as_second(), 1_769_850_000);
    let mut claims = times;
    claims["user_id"] = json!("42");
    match outcome {
        Ok(user_id) => assert_eq!(believed(&claims).unwrap().user_id, user_id),
        Err(words) => assert!(why(believed(&claims)).contains(words), "{}", why(believed(&claims))),
    }
}

#[rstest]
#[case::none(json!({"email": "a@b.example"}), "it has no user_id")]
#[case::a_number(json!({"user_id": 42}), "its user_id is empty or no text")]
#[case::empty(json!({"user_id": " "}), "its user_id is empty or no text")]
#[case::too_long(json!({"user_id": "x".repeat(256)}), "its user_id is too long")]
#[case::a_line_break(json!({"user_id": "a\nb"}), "its user_id is too long or holds control characters")]
#[case::an_email_of_another_type(json!({"user_id": "42", "email": 7}), "its email is no text")]
#[case::no_object(json!(["42"]), "it is no JWT")]
fn m4_the_claims_have_to_name_the_user(#[case] claims: Value, #[case] words: &str) {
    assert!(why(believed(&claims)).contains(words), "{}", why(believed(&claims)));
}

#[test]
fn m4_what_is_said_beside_a_jwt_must_agree_with_it() {
    let rules = rules(IdentityVerification::Jwt);
    let jwt = signed(SECRET, &hs256(), &json!({"user_id": "42", "email": "ann@shop.example"}));
    let said = |user_id: Option<&str>, email: Option<&str>| {
        let claimed = Claimed { user_id: user_id.map(str::to_owned), email: email.map(str::to_owned), ..with_jwt(&jwt) };
        believe(&rules, claimed, now())
    };
    let expected = Believed { user_id: "42".to_owned(), email: Some("ann@shop.example".to_owned()) };
    assert_eq!(said(None, None).unwrap(), expected, "the JWT alone is enough");
    assert_eq!(said(Some("42"), Some("Ann@Shop.example")).unwrap(), expected);
    assert!(why(said(Some("43"), None)).contains("its user_id is another one"));
    assert!(why(said(Some("42"), Some("eve@shop.example"))).contains("its email is another one"));
    let without = signed(SECRET, &hs256(), &json!({"user_id": "42", "email": null}));
    let claimed = Claimed { email: Some("bob@shop.example".to_owned()), ..with_jwt(&without) };
    assert_eq!(believe(&rules, claimed, now()).unwrap().email.as_deref(), Some("bob@shop.example"));
}

#[test]
fn m4_a_hash_of_another_user_or_secret_is_refused() {
    let said = |rules: &Rules, user_id: &str, hash: &str| {
        let user_hash = Some(SecretString::from(hash));
        believe(rules, Claimed { user_id: Some(user_id.to_owned()), user_hash, ..nobody() }, now())
    };
    let mine = rules(IdentityVerification::UserHash);
    let theirs = Rules { secret: Some(SecretString::from("another secret")), ..mine.clone() };
    for (rules, user_id, hash) in [
        (&mine, "43", HASH_OF_42),
        (&mine, "42 ", HASH_OF_42),
        (&theirs, "42", HASH_OF_42),
        (&mine, "42", &HASH_OF_42[..62]),
        (&mine, "42", &HASH_OF_42[..63]),
        (&mine, "42", ""),
        (&mine, "42", "zz"),
        (&mine, "42", "ää"),
    ] {
        let why = why(said(rules, user_id, hash));
        assert!(why.contains("IdentityRefused"), "{user_id} {hash}: {why}");
    }
}

#[test]
fn m4_while_there_is_no_secret_and_a_proof_is_needed_nobody_is_believed() {
    for verification in [IdentityVerification::Jwt, IdentityVerification::UserHash] {
        let without = Rules { secret: None, ..rules(verification) };
        let empty = signed("", &hs256(), &json!({"user_id": "42"}));
        let user_hash = Some(SecretString::from("00".repeat(32)));
        let claimed = Claimed { user_id: Some("42".to_owned()), user_hash, ..with_jwt(&empty) };
        assert!(why(believe(&without, claimed, now())).contains("has no secret"));
        let nothing = Claimed { user_id: Some("42".to_owned()), ..nobody() };
        assert!(why(believe(&rules(verification), nothing, now())).contains("IdentityMissing"));
    }
    let off = believe(&rules(IdentityVerification::Off), Claimed { user_id: Some("42".to_owned()), ..nobody() }, now());
    assert_eq!(off.unwrap().user_id, "42");
    assert!(why(believe(&rules(IdentityVerification::Off), nobody(), now())).contains("user_id is missing"));
}
