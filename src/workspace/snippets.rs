//! Ready-made code with which another system sets a user token, each part of it quoted as its language wants.

use super::messenger::{Snippet, SnippetLanguage};
use crate::customer::messenger::IdentityVerification;

/// What is filled in.
pub(super) struct Filled<'a> {
    /// `http://127.0.0.1:PORT`.
    pub base_url: &'a str,
    /// Of this workspace.
    pub app_id: &'a str,
    /// The name of the user token.
    pub token: &'a str,
    /// How callers prove on whose behalf they speak.
    pub verification: IdentityVerification,
    /// One whose pages may call.
    pub origin: Option<&'a str>,
}

/// Stands for an origin while none is allowed.
const SOME_ORIGIN: &str = "http://localhost:3000";

/// A snippet for each language.
pub(super) fn snippets(filled: &Filled<'_>) -> Vec<Snippet> {
    let snippet = |language, about: &str, code| Snippet { language, about: about.to_owned(), code };
    vec![
        snippet(
            SnippetLanguage::Javascript,
            "In the page that your customers use. Its origin has to be allowed on the Messenger page.",
            javascript(filled),
        ),
        snippet(
            SnippetLanguage::Swift,
            "In an app of Apple's systems, with the file Messenger.swift. Apps need identity verification.",
            swift(filled),
        ),
        snippet(
            SnippetLanguage::Kotlin,
            "In an Android app or another program of the JVM, with the file Messenger.kt. Apps need identity verification.",
            kotlin(filled),
        ),
        snippet(SnippetLanguage::Curl, "On a command line such as bash or zsh, to try it.", curl(filled)),
    ]
}

/// What the caller's own server makes, so that the customer is believed.
struct Proof {
    /// As a member of `boot`.
    member: &'static str,
    /// As an argument of the SDKs for apps.
    argument: &'static str,
    /// Stands where it goes.
    words: &'static str,
    /// Where it comes from.
    comment: &'static str,
}

const JWT: Proof = Proof {
    member: "intercom_user_jwt",
    argument: "jwt",
    words: "JWT_FROM_YOUR_SERVER",
    comment: "Your server signs the JWT: the identity secret stays there.",
};

const HASH: Proof = Proof {
    member: "user_hash",
    argument: "userHash",
    words: "HASH_FROM_YOUR_SERVER",
    comment: "Your server makes the hash: the identity secret stays there.",
};

impl Filled<'_> {
    fn proof(&self) -> Option<&'static Proof> {
        match self.verification {
            IdentityVerification::Off => None,
            IdentityVerification::Jwt => Some(&JWT),
            IdentityVerification::UserHash => Some(&HASH),
        }
    }

    /// Apps are heard with a proof only (M4).
    fn proof_of_an_app(&self) -> &'static Proof {
        self.proof().unwrap_or(&JWT)
    }
}

fn javascript(filled: &Filled<'_>) -> String {
    let proof = filled.proof().map(|proof| format!("\n    // {}\n    {}: '{}',", proof.comment, proof.member, proof.words));
    let proof = proof.unwrap_or_default();
    let (token, app_id, base) = (javascript_text(filled.token), filled.app_id, filled.base_url);
    format!(
        "<script>
  (function () {{ var w = window; w.Intercom = w.Intercom || function () {{ (w.Intercom.q = w.Intercom.q || []).push(arguments); }}; }})();

  Intercom('boot', {{
    app_id: '{app_id}',
    user_id: 'USER_ID',{proof}
    auth_tokens: {{ {token}: 'VALUE' }},
  }});

  // Whenever there is a newer value:
  // Intercom('setAuthTokens', {{ {token}: 'NEWER_VALUE' }});
</script>
<script async crossorigin src=\"{base}/messenger.js\"></script>
"
    )
}

fn swift(filled: &Filled<'_>) -> String {
    let Proof { argument, words, comment, .. } = filled.proof_of_an_app();
    let (token, app_id, base) = (swift_text(filled.token), filled.app_id, filled.base_url);
    format!(
        "Intercom.initialize(address: \"{base}\", appId: \"{app_id}\")

// {comment}
Intercom.loginIdentifiedUser(userId: \"USER_ID\", {argument}: \"{words}\")

// At once, and whenever there is a newer value:
Intercom.setAuthTokens([{token}: \"VALUE\"]) {{ result in
    if case .failure(let error) = result {{
        print(error.localizedDescription)
    }}
}}
"
    )
}

fn kotlin(filled: &Filled<'_>) -> String {
    let Proof { argument, words, comment, .. } = filled.proof_of_an_app();
    let (token, app_id, base) = (kotlin_text(filled.token), filled.app_id, filled.base_url);
    format!(
        "import latchkey.*

Intercom.initialize(\"{base}\", \"{app_id}\")

// {comment}
Intercom.client().loginIdentifiedUser(\"USER_ID\", {argument} = \"{words}\")

// At once, and whenever there is a newer value:
Intercom.client().setAuthTokens(mapOf({token} to \"VALUE\"), object : IntercomStatusCallback {{
    override fun onSuccess() {{}}
    override fun onFailure(error: MessengerException) {{
        println(\"${{error.message}} ${{error.nextStep}}\")
    }}
}})
"
    )
}

fn curl(filled: &Filled<'_>) -> String {
    let (app_id, base) = (filled.app_id, filled.base_url);
    let token = json_in_single_quotes(filled.token);
    let content_type = "-H 'Content-Type: application/json'";
    // Who proves whose customer it is need not call as a page does.
    let (comment, proof, headers) = match (filled.proof(), filled.origin) {
        (Some(Proof { member, words, comment, .. }), _) => {
            (format!("# {comment}\n"), format!("\"{member}\":\"{words}\","), content_type.to_owned())
        }
        (None, Some(origin)) => (String::new(), String::new(), format!("-H 'Origin: {origin}' {content_type}")),
        (None, None) => {
            let comment = "# Allow the origin of your page on the Messenger page, and name it here.\n".to_owned();
            (comment, String::new(), format!("-H 'Origin: {SOME_ORIGIN}' {content_type}"))
        }
    };
    format!(
        "{comment}SESSION=$(curl -sS {base}/v1/boot \\
  {headers} \\
  -d '{{\"app_id\":\"{app_id}\",\"user_id\":\"USER_ID\",{proof}\"auth_tokens\":{{{token}:\"VALUE\"}}}}' |
  sed -n 's/.*\"session\":\"\\([^\"]*\\)\".*/\\1/p')

curl -sS {base}/v1/auth_tokens \\
  {headers} -H \"Authorization: Bearer $SESSION\" \\
  -d '{{\"app_id\":\"{app_id}\",\"auth_tokens\":{{{token}:\"NEWER_VALUE\"}}}}'
"
    )
}

/// Text between quotation marks, with what `special` gives for a character in place of it.
fn quoted(text: &str, quotation: char, special: impl Fn(char) -> Option<String>) -> String {
    let mut quoted = String::from(quotation);
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            _ if character == quotation => quoted.extend(['\\', character]),
            _ => match special(character) {
                Some(written) => quoted.push_str(&written),
                None => quoted.push(character),
            },
        }
    }
    quoted.push(quotation);
    quoted
}

/// `<` is escaped too, so that a name can't end the script that it stands in.
fn javascript_text(text: &str) -> String {
    quoted(text, '\'', |character| unprinted(character, |code| format!("\\u{{{code:x}}}")))
}

fn swift_text(text: &str) -> String {
    quoted(text, '"', |character| if character == '<' { None } else { unprinted(character, |code| format!("\\u{{{code:x}}}")) })
}

fn kotlin_text(text: &str) -> String {
    quoted(text, '"', |character| match character {
        '$' => Some("\\$".to_owned()),
        '<' => None,
        _ => unprinted(character, |code| format!("\\u{code:04x}")),
    })
}

fn json_in_single_quotes(text: &str) -> String {
    let json = quoted(
        text,
        '"',
        |character| {
            if character == '<' { None } else { unprinted(character, |code| format!("\\u{code:04x}")) }
        },
    );
    // A shell ends the single quotes, gives one in double ones, and begins again.
    json.replace('\'', "'\"'\"'")
}

/// What is escaped in every language: control characters, the separators of lines, and `<`.
fn unprinted(character: char, escape: impl Fn(u32) -> String) -> Option<String> {
    (character.is_control() || matches!(character, '<' | '\u{2028}' | '\u{2029}')).then(|| escape(u32::from(character)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn code(language: SnippetLanguage, token: &str, verification: IdentityVerification) -> String {
        let (base_url, app_id, origin) = ("http://127.0.0.1:47900", "0123456789ab", Some("http://shop.example"));
        let filled = Filled { base_url, app_id, token, verification, origin };
        snippets(&filled).into_iter().find(|snippet| snippet.language == language).unwrap().code
    }

    #[rstest]
    #[case::plain("security_token", "'security_token'", "\"security_token\"", "\"security_token\"", "\"security_token\"")]
    #[case::quotation("it's \"x\"", "'it\\'s \"x\"'", "\"it's \\\"x\\\"\"", "\"it's \\\"x\\\"\"", "\"it'\"'\"'s \\\"x\\\"\"")]
    #[case::dollar_and_backslash("$a\\b", "'$a\\\\b'", "\"$a\\\\b\"", "\"\\$a\\\\b\"", "\"$a\\\\b\"")]
    #[case::the_end_of_a_script("</script>", "'\\u{3c}/script>'", "\"</script>\"", "\"</script>\"", "\"</script>\"")]
    #[case::a_line("a\nb", "'a\\u{a}b'", "\"a\\u{a}b\"", "\"a\\u000ab\"", "\"a\\u000ab\"")]
    #[case::letters("naïve–✓", "'naïve–✓'", "\"naïve–✓\"", "\"naïve–✓\"", "\"naïve–✓\"")]
    fn the_name_of_a_token_is_quoted_as_each_language_wants(
        #[case] token: &str,
        #[case] javascript: &str,
        #[case] swift: &str,
        #[case] kotlin: &str,
        #[case] curl: &str,
    ) {
        let off = IdentityVerification::Off;
        let has = |language, expected: &str| {
            let code = code(language, token, off);
            assert!(code.contains(expected), "{expected} in {code}");
        };
        has(SnippetLanguage::Javascript, &format!("auth_tokens: {{ {javascript}: 'VALUE' }}"));
        has(SnippetLanguage::Swift, &format!("setAuthTokens([{swift}: \"VALUE\"])"));
        has(SnippetLanguage::Kotlin, &format!("mapOf({kotlin} to \"VALUE\")"));
        has(SnippetLanguage::Curl, &format!("\"auth_tokens\":{{{curl}:\"VALUE\"}}"));
    }

    #[test]
    fn m4_a_snippet_gives_the_proof_that_is_asked_for() {
        for language in [SnippetLanguage::Javascript, SnippetLanguage::Swift, SnippetLanguage::Kotlin, SnippetLanguage::Curl] {
            assert_eq!(code(language, "t", IdentityVerification::Jwt).matches("Your server").count(), 1);
            assert!(code(language, "t", IdentityVerification::Jwt).contains("JWT_FROM_YOUR_SERVER"));
            assert!(code(language, "t", IdentityVerification::UserHash).contains("HASH_FROM_YOUR_SERVER"));
            let all = code(language, "t", IdentityVerification::Jwt);
            assert!(all.contains("0123456789ab") && all.contains("http://127.0.0.1:47900"), "{all}");
        }
        for language in [SnippetLanguage::Javascript, SnippetLanguage::Curl] {
            assert!(!code(language, "t", IdentityVerification::Off).contains("FROM_YOUR_SERVER"));
        }
        let proven = code(SnippetLanguage::Curl, "t", IdentityVerification::Jwt);
        assert!(!proven.contains("Origin"), "an origin that is not allowed would be refused: {proven}");
    }

    #[test]
    fn m4_a_command_line_calls_as_a_page_of_an_allowed_origin_while_no_proof_is_asked_for() {
        let allowed = code(SnippetLanguage::Curl, "t", IdentityVerification::Off);
        assert_eq!(allowed.matches("-H 'Origin: http://shop.example'").count(), 2, "{allowed}");
        let off = IdentityVerification::Off;
        let none = Filled { base_url: "http://127.0.0.1:1", app_id: "a", token: "t", verification: off, origin: None };
        let none = curl(&none);
        assert!(none.starts_with("# Allow the origin") && none.contains(SOME_ORIGIN), "{none}");
    }
}
