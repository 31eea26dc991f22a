//! What the name of a value says about it: a token, another kind of token, or nothing of the kind. Names are read by their
//! words and endings, so that no vendor need be known.

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It is likely the token.
    Token(Named),
    /// A token for another use: what its name says stays below any likely one.
    OtherKind(Named),
    /// It is certainly not: a CSRF token, the token of a list's next page, a certificate.
    Never,
    /// Nothing.
    Nothing,
}

/// All that is read from a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// Of its value.
    pub says: Says,
    /// Whether it tells that a token stands beside it.
    pub companion: bool,
}

/// How much a name says, and in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// 100 is the most.
    pub score: i32,
    /// Such as `named like a token`.
    pub words: &'static str,
    /// The name is often used for other things too: the value has to look the part.
    pub only: Only,
}

/// What else must be true of a value whose name alone proves little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// Nothing.
    Any,
    /// It is a text of at least so many bytes, with a digit.
    Long(usize),
    /// It is a JWT or looks random.
    Random,
}

/// Whose tokens are for something else than calling an API.
const OTHER_USES: [&str; 36] = [
    "page",
    "continuation",
    "sync",
    "delta",
    "pagination",
    "next",
    "cursor",
    "device",
    "push",
    "fcm",
    "apns",
    "registration",
    "reset",
    "confirmation",
    "confirm",
    "verification",
    "verify",
    "activation",
    "invite",
    "invitation",
    "unsubscribe",
    "upload",
    "tracking",
    "mfa",
    "otp",
    "totp",
    "skip",
    "resume",
    "state",
    "csrf",
    "xsrf",
    "forgery",
    "verificationtoken",
    "captcha",
    "recaptcha",
    "prevention",
];

/// Long and random by nature, and no tokens; as whole names or endings.
const NO_TOKENS: [&str; 19] = [
    "certificate",
    "signature",
    "signaturevalue",
    "digest",
    "digestvalue",
    "modulus",
    "thumbprint",
    "fingerprint",
    "publickey",
    "code",
    "state",
    "nonce",
    "verifier",
    "challenge",
    "cursor",
    "etag",
    "checksum",
    "version",
    "password",
];

/// What a plain token's name may have before `token`.
const PLAIN: [&str; 24] = [
    "",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "api",
    "security",
    "binarysecurity",
    "user",
    "client",
    "service",
    "login",
    "oauth",
    "oauth2",
    "jwt",
    "app",
    "application",
    "plaintext",
    "subject",
    "admin",
    "customer",
    "web",
    "personal",
    "full",
];

/// Names that say so little that the name of what is around them counts.
const GENERIC: [&str; 10] = ["value", "id", "key", "string", "text", "token", "jwt", "result", "content", "data"];

/// Reads a name; `around` is the name of what it stands in.
pub(super) fn says(name: &str, around: Option<&str>) -> Says {
    let plain = plain(name);
    let around = around.map(self::plain).filter(|_| GENERIC.contains(&plain.as_str()));
    let Some(around) = around else { return of_plain(&plain) };
    match (of_plain(&format!("{around}{plain}")), of_plain(&plain)) {
        (Says::OtherKind(named), _) => Says::OtherKind(named),
        (Says::Never, _) if plain == "token" => Says::Never,
        (Says::Token(named), _) if named.score == 100 => Says::Token(named),
        (_, Says::Token(named)) => Says::Token(named),
        _ => match of_plain(around.strip_suffix('s').unwrap_or(&around)) {
            Says::Token(named) if named.only == Only::Any => Says::Token(Named { only: Only::Long(16), ..named }),
            other => other,
        },
    }
}

/// Reads the name of a cookie, which is most often a session's.
pub(super) fn cookie_says(name: &str) -> Says {
    const NEVER: [&str; 6] = ["csrf", "xsrf", "forgery", "remember", "persist", "device"];
    let lower = name.to_ascii_lowercase();
    if NEVER.iter().any(|part| lower.contains(part)) {
        return Says::Never;
    }
    if let says @ (Says::Token(_) | Says::OtherKind(_)) = of_plain(&plain(name)) {
        return says;
    }
    let session = lower.contains("sess") || lower.rsplit(['.', '_', '-']).next() == Some("sid");
    let login = (lower.contains("auth") && !lower.contains("author")) || lower.contains("aspnet");
    if session {
        token(70, "named like a session")
    } else if login || ["login", "logged_in", "signin", "identity"].iter().any(|part| lower.contains(part)) {
        token(80, "named like a login")
    } else {
        Says::Nothing
    }
}

/// Whether a value of this name tells that a token stands beside it.
pub(super) fn is_companion(name: &str) -> bool {
    let plain = plain(name);
    let plain = plain.strip_suffix("utc").unwrap_or(&plain);
    matches!(
        plain,
        "expiresin"
            | "expiresat"
            | "expireson"
            | "expires"
            | "expiry"
            | "expiration"
            | "expirationtime"
            | "expirationtimestamp"
            | "expirydate"
            | "expirationdate"
            | "tokentype"
            | "validuntil"
            | "validto"
            | "leaseduration"
            | "tokenexpires"
    )
}

/// A name without prefix, separators and capitals.
fn plain(name: &str) -> String {
    let local = name.rsplit(':').next().unwrap_or(name);
    local.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_lowercase()
}

fn of_plain(plain: &str) -> Says {
    let name = plain.strip_suffix("value").filter(|name| name.ends_with("token")).unwrap_or(plain);
    if NO_TOKENS.iter().any(|ending| name.ends_with(ending)) && name != "apppassword" {
        return Says::Never;
    }
    if let Some(before) = name.strip_suffix("token") {
        return of_token(before);
    }
    match name {
        "refresh" => OTHER_REFRESH,
        "access" => only(85, "named like an access token", Only::Random),
        "auth" => only(75, "named like a login", Only::Random),
        "bearer" => token(90, "named like a token"),
        // Most are a number or a UUID and name a token of which the value stands elsewhere.
        "tokenid" => only(75, "named like a token", Only::Long(40)),
        "secret" => only(60, "named like a secret", Only::Random),
        "clientsecret" => only(50, "named like a secret", Only::Random),
        "apppassword" => token(60, "named like an app's password"),
        "key" => only(55, "named like a key", Only::Random),
        "sid" => token(50, "named like a session"),
        "session" => token(70, "named like a session"),
        _ if name.ends_with("jwt") => token(88, "named like a token"),
        _ if name.ends_with("sessionid") || name.ends_with("sessid") || name.ends_with("sessionkey") => {
            token(70, "named like a session")
        }
        _ if name.ends_with("ticket") || name.ends_with("authorization") => token(75, "named like a credential"),
        _ if name.ends_with("apikey") => token(70, "named like a credential"),
        _ if is_login_result(name) => only(60, "what a login gave back", Only::Long(8)),
        _ => Says::Nothing,
    }
}

const OTHER_REFRESH: Says = Says::OtherKind(Named {
    score: 30,
    words: "a refresh token: it fetches new tokens and is rarely sent to an API",
    only: Only::Any,
});

fn of_token(before: &str) -> Says {
    if before.ends_with("refresh") {
        return OTHER_REFRESH;
    }
    if OTHER_USES.iter().any(|other| before.ends_with(other)) || before.contains("csrf") || before.contains("xsrf") {
        return Says::Never;
    }
    if before == "id" {
        let words = "an ID token: it tells who logged in and is rarely sent to an API";
        return Says::OtherKind(Named { score: 45, words, only: Only::Any });
    }
    let bare = before.strip_prefix('x').unwrap_or(before);
    if before.ends_with("access") {
        token(100, "named like an access token")
    } else if before.ends_with("session") {
        token(80, "named like a session's token")
    } else if PLAIN.contains(&before) || PLAIN.contains(&bare) {
        token(90, "named like a token")
    } else {
        token(65, "named like a token")
    }
}

/// `LoginResult`, `loginReturn`, `AuthenticateResponse`.
fn is_login_result(name: &str) -> bool {
    let action = ["result", "return", "response"].iter().find_map(|ending| name.strip_suffix(ending));
    action.is_some_and(|action| ["login", "logon", "signin", "authenticate", "token"].iter().any(|verb| action.ends_with(verb)))
}

fn token(score: i32, words: &'static str) -> Says {
    only(score, words, Only::Any)
}

fn only(score: i32, words: &'static str, only: Only) -> Says {
    Says::Token(Named { score, words, only })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn score(says: Says) -> i32 {
        match says {
            Says::Token(named) | Says::OtherKind(named) => named.score,
            Says::Never => -1,
            Says::Nothing => 0,
        }
    }

    #[rstest]
    #[case("access_token", None, 100)]
    #[case("UserAccessToken", None, 100)]
    #[case("token", None, 90)]
    #[case("@token", Some("credentials"), 90)]
    #[case("token", Some("refresh"), 30)]
    #[case("token", Some("access"), 100)]
    #[case("token", Some("device"), -1)]
    #[case("value", Some("session"), 70)]
    #[case("id", Some("token"), 90)]
    #[case("id", Some("user"), 0)]
    #[case("wsse:BinarySecurityToken", None, 90)]
    #[case("id_token", None, 45)]
    #[case("androidToken", None, 65)]
    #[case("refresh", None, 30)]
    #[case("X-CSRF-Token", None, -1)]
    #[case("CSRFPreventionToken", None, -1)]
    #[case("nextPageToken", None, -1)]
    #[case("device_code", None, -1)]
    #[case("token_type", None, 0)]
    #[case("tokens", None, 0)]
    #[case("loginReturn", None, 60)]
    fn t4_a_name_says_how_likely_its_value_is_the_token(
        #[case] name: &str,
        #[case] around: Option<&str>,
        #[case] expected: i32,
    ) {
        assert_eq!(score(says(name, around)), expected);
    }

    #[rstest]
    #[case("JSESSIONID", 70)]
    #[case("connect.sid", 70)]
    #[case("wordpress_logged_in_5bd7a9c61cda6e66fc921a05bc80ee93", 80)]
    #[case(".ASPXAUTH", 80)]
    #[case("auth_token", 90)]
    #[case("AWSALB", 0)]
    #[case("__cf_bm", 0)]
    #[case("_ga", 0)]
    #[case("BIGipServerpool_web", 0)]
    #[case("XSRF-TOKEN", -1)]
    #[case(".AspNetCore.Antiforgery.9TtSrW0hzOs", -1)]
    fn t4_a_cookie_is_known_for_a_session_by_its_name(#[case] name: &str, #[case] expected: i32) {
        assert_eq!(score(cookie_says(name)), expected);
    }
}
