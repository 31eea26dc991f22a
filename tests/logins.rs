//! What login endpoints answer, written by hand after what public documentation of well-known APIs describes: each
//! example's token can be located, and is the first suggestion. `tests/fixtures/logins/README.md` says how a file reads.

use std::error::Error;
use std::path::Path;

use bytes::Bytes;
use latchkey::response::{Document, Suggestion, locate, suggest};
use latchkey::token::TokenLocation;

/// One example.
struct Login {
    name: String,
    /// The locations that hold the token; none when there is none to suggest.
    expected: Vec<TokenLocation>,
    headers: Vec<(String, String)>,
    document: Document,
}

fn logins() -> Result<Vec<Login>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/logins");
    let mut files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "http"));
    files.sort();
    files.iter().map(|file| read(file).map_err(|error| format!("{}: {error}", file.display()).into())).collect()
}

fn read(file: &Path) -> Result<Login, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (head, body) = text.split_once("\n\n").ok_or("there is no blank line")?;
    let (mut expected, mut headers, mut says_nothing) = (Vec::new(), Vec::new(), false);
    for line in head.lines().skip(1) {
        if let Some(location) = line.strip_prefix("# expect ") {
            expected.push(serde_json::from_str(location)?);
        } else if line == "# nothing" {
            says_nothing = true;
        } else if !line.starts_with("HTTP/1.1 ") {
            let (key, value) = line.split_once(": ").ok_or_else(|| format!("{line} is no header"))?;
            headers.push((key.to_owned(), value.to_owned()));
        }
    }
    if expected.is_empty() != says_nothing {
        return Err("it must say what is expected, or nothing".into());
    }
    let document = Document::of_answer(Bytes::from(body.to_owned()), &headers);
    Ok(Login { name, expected, headers, document })
}

fn suggested(login: &Login) -> Vec<Suggestion> {
    suggest(&login.document, &login.headers)
}

#[test]
fn t4_every_expected_location_of_a_login_yields_a_value() {
    let logins = logins().unwrap();
    assert!(logins.iter().filter(|login| !login.expected.is_empty()).count() >= 48);
    for login in &logins {
        let Some(location) = login.expected.first() else { continue };
        let located = locate(&login.document, &login.headers, location);
        let located = located.unwrap_or_else(|failure| panic!("{}: {failure} ({location:?})", login.name));
        assert_eq!(&located.location, location, "{}: the location is written as the tree shows it", login.name);
    }
}

#[test]
fn t4_the_token_of_a_login_is_the_first_suggestion() {
    let logins: Vec<Login> = logins().unwrap().into_iter().filter(|login| !login.expected.is_empty()).collect();
    let mut misses = Vec::new();
    for login in &logins {
        let suggestions = suggested(login);
        let first = suggestions.first().map(|suggestion| &suggestion.location);
        if !first.is_some_and(|first| login.expected.contains(first)) {
            let rank = suggestions.iter().position(|suggestion| login.expected.contains(&suggestion.location));
            misses.push(format!("{} (rank {:?}): {:?}", login.name, rank.map(|at| at + 1), suggestions.first()));
        }
        for suggestion in &suggestions {
            assert!(!suggestion.reason.is_empty() && !suggestion.label.is_empty(), "{}: {suggestion:?}", login.name);
            assert!(locate(&login.document, &login.headers, &suggestion.location).is_ok(), "{}: {suggestion:?}", login.name);
        }
    }
    let hits = logins.len() - misses.len();
    println!("first suggestion is the token: {hits} of {}; missed: {misses:#?}", logins.len());
    assert!(hits * 100 >= logins.len() * 95, "{hits} of {}; missed: {misses:#?}", logins.len());
}

#[test]
fn t4_nothing_is_suggested_where_an_answer_holds_no_token() {
    let logins = logins().unwrap();
    let without: Vec<&Login> = logins.iter().filter(|login| login.expected.is_empty()).collect();
    assert!(without.len() >= 8);
    for login in without {
        assert_eq!(suggested(login), [], "{}", login.name);
    }
}

#[test]
fn t8_no_suggestion_holds_a_value() {
    use secrecy::ExposeSecret as _;
    for login in logins().unwrap() {
        for suggestion in suggested(&login) {
            let located = locate(&login.document, &login.headers, &suggestion.location).unwrap();
            // Exposed to be looked for.
            let value = located.value.expose_secret();
            assert!(!format!("{suggestion:?}").contains(value), "{}", login.name);
        }
    }
}
