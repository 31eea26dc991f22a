//! What a `WWW-Authenticate` header says about a refusal (RFC 9110 11.6.1, RFC 6750 section 3): read as the grammar has it, so
//! that a comma or a quote in a text is no end of it.

use crate::redact::Redactor;

/// The most of one text, in characters.
const LONGEST: usize = 200;
/// Challenges after these are not read.
const MOST_CHALLENGES: usize = 8;

/// One challenge.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge {
    scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(key, _)| key == name);
        named.next().map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty())
    }
}

/// The reason that these headers give, in a sentence: of the first challenge that gives one. `who` begins the sentence.
pub(super) fn reason<'a>(who: &str, headers: impl Iterator<Item = &'a str>, redactor: &Redactor) -> Option<String> {
    let challenges: Vec<_> = headers.flat_map(challenges).take(MOST_CHALLENGES).collect();
    challenges.iter().find_map(|challenge| {
        let said = |name| {
            challenge.parameter(name).map(|text| sayable(text, redactor)).map(without_stop).filter(|text| !text.is_empty())
        };
        let error = match (said("error"), said("error_description")) {
            (Some(error), Some(words)) => Some(format!("{error} ({words})")),
            (Some(error), None) => Some(error),
            (None, words) => words,
        };
        let scope = said("scope").map(|scope| format!("scope {scope}"));
        match (error, scope) {
            (Some(error), Some(scope)) => Some(format!("{who} says why: {error}; it asks for the {scope}.")),
            (Some(error), None) => Some(format!("{who} says why: {error}.")),
            (None, Some(scope)) => Some(format!("{who} asks for the {scope}.")),
            (None, None) => None,
        }
    })
}

/// One line of visible text without secrets, not too long. Redacted when it is clean, since what is taken out could have
/// parted a secret, and before it is cut, since the first half of one is one too.
fn sayable(text: &str, redactor: &Redactor) -> String {
    let visible: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| !character.is_control() && !is_invisible(*character))
        .collect();
    let redacted = redactor.redact_field(visible.trim());
    match redacted.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &redacted[..end]),
        None => redacted.into_owned(),
    }
}

/// It becomes a part of a sentence, which has its own full stop.
fn without_stop(mut text: String) -> String {
    text.truncate(text.trim_end_matches(['.', ' ']).len());
    text
}

/// What changes the direction of the text around it, or is not seen at all.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The challenges of one header. What is not written by the rules ends the reading; what was read by then counts.
fn challenges(header: &str) -> Vec<Challenge> {
    let mut reader = Reader { rest: header };
    let mut challenges: Vec<Challenge> = Vec::new();
    while challenges.len() <= MOST_CHALLENGES {
        reader.skip(|character| character.is_ascii_whitespace() || character == ',');
        let Some(word) = reader.token() else { break };
        let after_word = reader.rest;
        reader.skip(|character| character == ' ' || character == '\t');
        if reader.take('=') {
            // A name with its value belongs to the challenge before; a padded token68 never comes here.
            let value = reader.value();
            if challenges.is_empty() {
                // Some servers leave the scheme out.
                challenges.push(Challenge::default());
            }
            if let Some(challenge) = challenges.last_mut() {
                challenge.parameters.push((word.to_ascii_lowercase(), value));
            }
            continue;
        }
        challenges.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
        if reader.rest.len() < after_word.len() {
            reader.pass_token68();
        }
    }
    challenges
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, which: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(which);
    }

    fn take(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn token(&mut self) -> Option<&'a str> {
        let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
        let end = self.rest.find(|character| !is_token(character)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(token).filter(|token| !token.is_empty())
    }

    /// A token or a quoted text behind `=`; an unquoted text with characters that a token may not have is taken up to the
    /// next comma, since servers write such.
    fn value(&mut self) -> String {
        self.skip(|character| character == ' ' || character == '\t');
        if !self.take('"') {
            let end = self.rest.find(',').unwrap_or(self.rest.len());
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            return value.trim().to_owned();
        }
        let mut value = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return value;
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => value.push(character),
            }
        }
        // Never closed: what there is.
        self.rest = "";
        value
    }

    /// Behind a scheme there may be one text such as `YIIC…==` instead of names and values.
    fn pass_token68(&mut self) {
        let is_68 = |character: char| character.is_ascii_alphanumeric() || "-._~+/".contains(character);
        let behind = self.rest.trim_start_matches(is_68).trim_start_matches('=');
        if behind.trim_start_matches([' ', '\t']).is_empty() || behind.trim_start_matches([' ', '\t']).starts_with(',') {
            self.rest = behind;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use secrecy::SecretString;

    use super::*;

    #[rstest]
    #[case(
        r#"Bearer error="invalid_token", error_description="The access token expired""#,
        Some("It says why: invalid_token (The access token expired).")
    )]
    #[case(
        r#"Bearer realm="a, b", error="insufficient_scope" , scope="read:orders write""#,
        Some("It says why: insufficient_scope; it asks for the scope read:orders write.")
    )]
    #[case(r#"Negotiate YIIC/+==, Basic realm="x", bearer ERROR=invalid_token"#, Some("It says why: invalid_token."))]
    #[case(r#"Bearer error_description="say \"please\", then \\ go.""#, Some(r#"It says why: say "please", then \ go."#))]
    #[case(r#"Bearer scope="orders""#, Some("It asks for the scope orders."))]
    #[case(r#"Bearer error="never closed"#, Some("It says why: never closed."))]
    #[case("Bearer error=token expired, x", Some("It says why: token expired."))]
    #[case("error=\"invalid\"", Some("It says why: invalid."))]
    #[case("Bearer", None)]
    #[case(r#"Bearer realm="orders", error="""#, None)]
    #[case("", None)]
    #[case(", ,,\u{1}", None)]
    fn e11_the_reason_is_read_as_the_grammar_has_it(#[case] header: &str, #[case] said: Option<&str>) {
        assert_eq!(reason("It", std::iter::once(header), &Redactor::default()).as_deref(), said);
    }

    #[test]
    fn s2_a_reason_repeats_no_secret_no_control_character_and_no_long_text() {
        let redactor = Redactor::new([&SecretString::from("the-token-value")]);
        let header = format!("Bearer error=\"the-to\u{202e}ken-value\u{7}\", error_description=\"{}\"", "é".repeat(5000));
        let said = reason("It", std::iter::once(header.as_str()), &redactor).unwrap();
        assert!(said.starts_with("It says why: **** (éé"), "{said}");
        assert!(said.chars().count() < 260 && !said.contains('\u{7}'), "{said}");
        let split = format!("Bearer error=\"{}the-token-value\"", "x".repeat(LONGEST - 6));
        let said = reason("It", std::iter::once(split.as_str()), &redactor).unwrap();
        assert!(!said.contains("the-to"), "{said}");
    }

    proptest! {
        #[test]
        fn e11_any_header_can_be_read(header in "[\\PC\"\\\\,= ]{0,80}") {
            let said = reason("It", std::iter::once(header.as_str()), &Redactor::default());
            prop_assert!(said.is_none_or(|said| said.len() < 4000));
        }
    }
}
