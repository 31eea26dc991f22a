//! Redaction against secrets and texts that nobody would think of (S2). What is expected is worked out from how each
//! text was put together, and looked for by undoing encodings; none of the redactor's own code takes part.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use latchkey::redact::{REDACTED, Redactor};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use secrecy::SecretString;
use support::traces::Traces;

/// Stand in no secret, so that where a secret begins and ends is never in doubt.
const FOREIGN: &str = "[ΩΨЖЩ]{1,6}";

fn knowing(secrets: &[String]) -> Redactor {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(secret.as_str())).collect();
    Redactor::new(&secrets)
}

/// How characters are chosen one by one, so that an encoder may escape any of them or none.
#[derive(Clone, Debug)]
struct Whims(Vec<u8>);

impl Whims {
    fn at(&self, index: usize) -> u8 {
        self.0[index % self.0.len()]
    }
}

fn whims() -> impl Strategy<Value = Whims> {
    vec(any::<u8>(), 1..40).prop_map(Whims)
}

/// One layer of encoding.
#[derive(Clone, Debug)]
enum Layer {
    Percent(Whims),
    Form,
    Json(Whims),
    Xml(Whims),
}

fn layer() -> impl Strategy<Value = Layer> {
    prop_oneof![
        3 => whims().prop_map(Layer::Percent),
        1 => Just(Layer::Form),
        3 => whims().prop_map(Layer::Json),
        1 => whims().prop_map(Layer::Xml),
    ]
}

impl Layer {
    fn encode(&self, text: &str) -> String {
        match self {
            Self::Percent(whims) => text.bytes().enumerate().map(|(at, byte)| percent(byte, whims.at(at))).collect(),
            Self::Form => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Self::Json(whims) => text.chars().enumerate().map(|(at, character)| json(character, whims.at(at))).collect(),
            Self::Xml(whims) => text.chars().enumerate().map(|(at, character)| xml(character, whims.at(at))).collect(),
        }
    }
}

/// What is no unreserved character is always encoded, the others sometimes, in either case of hex.
fn percent(byte: u8, whim: u8) -> String {
    let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match whim % 4 {
        0 | 1 if unreserved => char::from(byte).to_string(),
        0 | 2 => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    }
}

/// A space stands as it is: no encoder escapes it, and a form body around it would mix two ways to write it.
fn json(character: char, whim: u8) -> String {
    let whim = if character == ' ' { 0 } else { whim };
    let short = match character {
        '"' | '\\' | '/' => Some(format!("\\{character}")),
        '\n' => Some("\\n".to_owned()),
        '\r' => Some("\\r".to_owned()),
        '\t' => Some("\\t".to_owned()),
        '\u{8}' => Some("\\b".to_owned()),
        '\u{c}' => Some("\\f".to_owned()),
        _ => None,
    };
    let must = character < ' ' || matches!(character, '"' | '\\');
    match (whim % 4, short) {
        (0 | 1, Some(short)) if must || whim % 4 == 1 => short,
        (0 | 1, _) if !must => character.to_string(),
        (whim, _) => {
            let units =
                character.encode_utf16(&mut [0; 2]).iter().fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}"));
            if whim == 2 { units } else { units.to_uppercase().replace("\\U", "\\u") }
        }
    }
}

fn xml(character: char, whim: u8) -> String {
    let whim = if character == ' ' { 0 } else { whim };
    let named = match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&apos;"),
        _ => None,
    };
    match (whim % 5, named) {
        (0 | 1, Some(named)) => named.to_owned(),
        (0 | 1, None) => character.to_string(),
        (2, _) => format!("&#{};", u32::from(character)),
        (3, _) => format!("&#x{:x};", u32::from(character)),
        _ => format!("&#X{:X};", u32::from(character)),
    }
}

/// How a secret is written: perhaps in base64 between other bytes, then through up to two layers.
#[derive(Clone, Debug)]
struct Spelling {
    base64: Option<(String, String, u8)>,
    layers: Vec<Layer>,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let base64 = proptest::option::of(("[a-z0-9:]{0,7}", "[a-z0-9:]{0,7}", any::<u8>()));
    (base64, vec(layer(), 0..=2)).prop_map(|(base64, layers)| Spelling { base64, layers })
}

/// A spelled secret, and how many of its first and last characters may stay because they hold nothing of the secret.
struct Spelled {
    text: String,
    may_stay: (usize, usize),
}

impl Spelling {
    fn of(&self, secret: &str) -> Spelled {
        let (mut text, mut may_stay) = (secret.to_owned(), (0, 0));
        if let Some((before, after, engine)) = &self.base64 {
            let whole = format!("{before}{secret}{after}");
            text = match engine % 4 {
                0 => STANDARD.encode(whole),
                1 => STANDARD_NO_PAD.encode(whole),
                2 => URL_SAFE.encode(whole),
                _ => URL_SAFE_NO_PAD.encode(whole),
            };
            // A character holds six bits: those that hold no bit of the secret are none of ours.
            let first_with_secret = before.len() * 8 / 6;
            let after_secret = ((before.len() + secret.len()) * 8).div_ceil(6);
            may_stay = (first_with_secret, text.len() - after_secret);
        }
        for layer in &self.layers {
            // Whims go by position from the start, so a beginning is encoded alone as it is in the whole.
            let encoded = layer.encode(&text);
            let without_end = layer.encode(&text[..text.len() - may_stay.1]).len();
            may_stay = (layer.encode(&text[..may_stay.0]).len(), encoded.len() - without_end);
            text = encoded;
        }
        Spelled { text, may_stay }
    }
}

/// Secrets of at least six characters, none of them foreign, in which every special character is likely.
fn secret() -> impl Strategy<Value = String> {
    let special =
        select("\"\\/%+=~&<>:?#@' \n\r\t\u{8}\u{c}\0\u{1f}\u{7f}é😀\u{10ffff}-_.*{}[],;$^`|aA0zZ9".chars().collect::<Vec<_>>());
    let anything = any::<char>().prop_filter("foreign", |character| !"ΩΨЖЩ".contains(*character));
    let text = |strategy: BoxedStrategy<char>, most: usize| vec(strategy, 6..=most).prop_map(|all| all.into_iter().collect());
    prop_oneof![
        3 => text(special.boxed(), 40),
        2 => text(anything.boxed(), 200),
        2 => "[A-Za-z0-9+/=~_.-]{6,64}",
        1 => ("[a-z%\"\\\\]{1,3}", 6..60usize).prop_map(|(unit, times)| unit.repeat(times)),
        1 => "(Bearer|Basic|token) [a-zA-Z0-9./+]{6,30}",
    ]
}

/// Secrets that contain each other, overlap or begin alike.
fn secrets() -> impl Strategy<Value = Vec<String>> {
    (secret(), secret(), any::<proptest::sample::Index>()).prop_map(|(one, other, index)| {
        let middle = one.char_indices().nth(index.index(one.chars().count())).map_or(0, |(at, _)| at);
        let all = [
            one.clone(),
            one[middle..].to_owned() + &other,
            one[..middle].to_owned(),
            one[middle..].to_owned(),
            one.repeat(2),
            other,
        ];
        all.into_iter().filter(|secret| secret.chars().count() >= 6).collect()
    })
}

/// A secret of the set and how it is written.
fn written() -> impl Strategy<Value = (Vec<String>, Vec<(usize, Spelling)>)> {
    let places = vec((any::<proptest::sample::Index>(), spelling()), 1..5);
    (secrets(), places).prop_map(|(secrets, places)| {
        let places = places.into_iter().map(|(index, spelling)| (index.index(secrets.len()), spelling)).collect();
        (secrets, places)
    })
}

/// Only ordinary characters, which none of the encodings uses.
const ORDINARY: &str = "[a-zA-Z0-9 ={}:,;\"<>/._-]{0,12}";

fn is_foreign(character: char) -> bool {
    "ΩΨЖЩ".contains(character)
}

/// Whether nothing of the secret is left of one spelling, and nothing else was taken.
fn is_just_redacted(redacted: &str, spelled: &Spelled) -> bool {
    redacted.split_once(REDACTED).is_some_and(|(before, after)| {
        let stays = before.len() <= spelled.may_stay.0 && after.len() <= spelled.may_stay.1;
        stays && spelled.text.starts_with(before) && spelled.text.ends_with(after)
    })
}

fn assert_free(text: &str, secrets: &[String]) -> Result<(), TestCaseError> {
    let traces = Traces::of(text.as_bytes());
    for secret in secrets {
        if let Some(reading) = traces.reading(secret) {
            return Err(TestCaseError::fail(format!("{secret:?} is {reading} of {text:?}")));
        }
    }
    Ok(())
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 384, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn s2_each_spelling_goes_whole_and_nothing_beside_it(
        (secrets, places) in written(),
        foreign in vec(FOREIGN, 6),
    ) {
        let spelled: Vec<_> = places.iter().map(|(index, spelling)| spelling.of(&secrets[*index])).collect();
        let mut text = foreign[0].clone();
        for (spelled, after) in spelled.iter().zip(&foreign[1..]) {
            text.extend([spelled.text.as_str(), after]);
        }
        let redactor = knowing(&secrets);
        let redacted = redactor.redact(&text);
        let literals: Vec<_> = redacted.split(|character| !is_foreign(character)).filter(|piece| !piece.is_empty()).collect();
        prop_assert_eq!(&literals, &foreign[..=spelled.len()], "what is no secret stays: {}", redacted);
        let pieces: Vec<_> = redacted.split(is_foreign).filter(|piece| !piece.is_empty()).collect();
        prop_assert_eq!(pieces.len(), spelled.len(), "{}", redacted);
        for ((piece, spelled), (index, spelling)) in pieces.iter().zip(&spelled).zip(&places) {
            prop_assert!(
                is_just_redacted(piece, spelled),
                "{:?} of {:?} as {spelling:?} became {piece:?}", spelled.text, secrets[*index]
            );
        }
        prop_assert_eq!(redactor.redact(&redacted), redacted.as_ref(), "redacting again changes nothing");
    }

    #[test]
    fn s2_no_secret_can_be_read_in_a_redacted_json_document(
        (secrets, places) in written(),
        literals in vec(ORDINARY, 10),
        whims in whims(),
    ) {
        let mut document = "{".to_owned();
        for (at, (index, spelling)) in places.iter().enumerate() {
            // At most one layer of its own: the document is another.
            let inner = Spelling { layers: spelling.layers.iter().take(1).cloned().collect(), ..spelling.clone() };
            let text = format!("{}{}{}", literals[2 * at], inner.of(&secrets[*index]).text, literals[2 * at + 1]);
            let text = Layer::Json(whims.clone()).encode(&text);
            let comma = if at == 0 { "" } else { "," };
            // As a value, as a key, and inside an array.
            document = match at % 3 {
                0 => format!("{document}{comma}\"key{at}\":\"{text}\""),
                1 => format!("{document}{comma}\"{text}\":{at}"),
                _ => format!("{document}{comma}\"list{at}\":[null,\"{text}\"]"),
            };
        }
        document += "}";
        prop_assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok(), "the test writes JSON: {document}");
        let before = Traces::of(document.as_bytes());
        for (index, _) in &places {
            prop_assert!(before.reading(&secrets[*index]).is_some(), "the checker sees {:?} in {document}", secrets[*index]);
        }
        assert_free(&knowing(&secrets).redact(&document), &secrets)?;
    }

    #[test]
    fn s2_no_secret_can_be_read_in_redacted_xml(
        (secrets, places) in written(),
        literals in vec("[a-zA-Z0-9 =:,;._-]{0,12}", 10),
        whims in whims(),
    ) {
        let mut document = "<?xml version=\"1.0\"?><all>".to_owned();
        for (at, (index, spelling)) in places.iter().enumerate() {
            let inner = Spelling { layers: Vec::new(), ..spelling.clone() };
            let text = format!("{}{}{}", literals[2 * at], inner.of(&secrets[*index]).text, literals[2 * at + 1]);
            let text = Layer::Xml(whims.clone()).encode(&text);
            document = if at % 2 == 0 { format!("{document}<a b=\"{text}\"/>") } else { format!("{document}<c>{text}</c>") };
        }
        assert_free(&knowing(&secrets).redact(&document), &secrets)?;
    }

    #[test]
    fn s2_a_url_keeps_nothing_of_userinfo_query_and_fragment_and_no_secret_in_its_path(
        secret in secret(),
        whims in whims(),
        form in any::<bool>(),
    ) {
        let encoded = if form { Layer::Form } else { Layer::Percent(whims) }.encode(&secret);
        let redactor = knowing(std::slice::from_ref(&secret));
        let url = format!("https://{encoded}:x@api.example.com/aΩ{encoded}Ω/b?{encoded}=1&key#{encoded}");
        prop_assert_eq!(redactor.redact_url(&url), "https://****@api.example.com/aΩ****Ω/b?****#****");
        let (location, trace) = (format!("/Ω{encoded}Ω?next={encoded}"), format!("Ω{secret}Ω{encoded}Ω"));
        prop_assert_eq!(redactor.redact_header("Location", &location), "/Ω****Ω?****");
        prop_assert_eq!(redactor.redact_header("X-Trace", &trace), "Ω****Ω****Ω");
        prop_assert_eq!(redactor.redact_header("X-Api-Key", &secret), REDACTED);
    }

    #[test]
    fn s2_a_short_secret_goes_only_where_it_stands_alone(
        secret in "[^ΩΨЖЩ]{1,5}",
        before in FOREIGN,
        after in FOREIGN,
    ) {
        let redactor = knowing(std::slice::from_ref(&secret));
        let text = format!("{before}{secret}{after}");
        prop_assert_eq!(redactor.redact(&text), text.as_str());
        prop_assert_eq!(redactor.redact_field(&text), text.as_str());
        prop_assert_eq!(redactor.redact_field(&secret), REDACTED);
        prop_assert!(redactor.knows_short_secrets());
    }

    #[test]
    fn s2_a_text_without_a_secret_stays_as_it_is(
        secret in secret(),
        text in prop_oneof!["\\PC{0,80}", "[ -~\n]{0,200}", "(%[0-9a-fA-F]{2}|\\\\u[0-9a-f]{4}|&#[0-9]{1,5};|[a-z+]){0,40}"],
        whims in whims(),
    ) {
        // All but its last character is no secret either, however it is written.
        let mut shorter = secret.clone();
        let last = shorter.pop().unwrap_or_default();
        let near = format!("Ω{shorter}Ω{}Ω{}Ω", Layer::Percent(whims.clone()).encode(&shorter), Layer::Json(whims).encode(&shorter));
        let known = [secret.clone()];
        let redactor = knowing(&known);
        for text in [text, near] {
            let is_known = Traces::of(text.as_bytes()).reading(&secret).is_some();
            // The credential of an `Authorization` value is a secret by itself.
            let credential = secret.split_once(' ').is_some_and(|(_, credential)| text.contains(credential));
            if !is_known && !credential {
                prop_assert_eq!(redactor.redact(&text), text.as_str(), "{:?} without {:?} is not in it", secret, last);
            }
        }
    }
}

#[test]
fn s2_the_checker_sees_what_an_unredacted_text_holds() {
    let secret = "p@ss/w\"ö😀";
    let whims = Whims((0..60).collect());
    for layer in [Layer::Percent(whims.clone()), Layer::Form, Layer::Json(whims.clone()), Layer::Xml(whims)] {
        for base64 in [None, Some(("user:".to_owned(), "z".to_owned(), 2))] {
            let spelled = Spelling { base64, layers: vec![layer.clone()] }.of(secret);
            assert!(Traces::of(format!("x {} y", spelled.text).as_bytes()).reading(secret).is_some(), "{}", spelled.text);
        }
    }
    assert!(Traces::of(b"nothing of the kind, not even p@ss/w").reading(secret).is_none());
}
