//! How a caller proves on whose behalf it speaks (M4): a JWT signed with HS256, or the HMAC-SHA256 of the `user_id`.
//! Signatures are compared in constant time, and nothing is read from a JWT before its signature fits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::IdentityVerification;
use super::answer::{Code, Refusal};
use super::members::{check_line, missing};
use super::rules::Rules;

/// How far the clocks of two machines may be apart, in seconds. It does not lengthen a JWT's life.
const LEEWAY_SECONDS: f64 = 60.0;

/// What a call says of who it is for.
pub(super) struct Claimed {
    pub(super) user_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) jwt: Option<SecretString>,
    pub(super) user_hash: Option<SecretString>,
}

/// On whose behalf a call is believed to speak.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Believed {
    pub(super) user_id: String,
    pub(super) email: Option<String>,
}

/// On whose behalf the call speaks, if these rules are satisfied with its proof.
///
/// # Errors
/// When a proof is missing, does not fit or has expired, or there is no `user_id`.
pub(super) fn believe(rules: &Rules, claimed: Claimed, now: Timestamp) -> Result<Believed, Refusal> {
    let Claimed { user_id, email, jwt, user_hash } = claimed;
    let user_id = user_id.filter(|user_id| !user_id.trim().is_empty());
    match rules.verification {
        IdentityVerification::Off => Ok(Believed { user_id: user_id.ok_or_else(|| missing("user_id"))?, email }),
        IdentityVerification::Jwt => {
            let jwt = jwt.ok_or_else(|| no_proof("intercom_user_jwt"))?;
            let claims = verified(secret(rules)?, &jwt)?;
            in_time(&claims, now)?;
            agreed(&claims, user_id, email)
        }
        IdentityVerification::UserHash => {
            let user_id = user_id.ok_or_else(|| missing("user_id"))?;
            let hash = user_hash.ok_or_else(|| no_proof("user_hash"))?;
            // Exposed to be compared.
            let signature = from_hex(hash.expose_secret()).ok_or_else(hash_refused)?;
            signed_with(secret(rules)?, user_id.as_bytes(), &signature).map_err(|()| hash_refused())?;
            Ok(Believed { user_id, email })
        }
    }
}

fn secret(rules: &Rules) -> Result<&SecretString, Refusal> {
    rules.secret.as_ref().ok_or_else(|| {
        let message = "Identity verification is on, and has no secret to check with.";
        Refusal::new(Code::IdentityRefused, message, "Set the secret on the Messenger page of Latchkey.")
    })
}

/// The claims of a JWT that was signed with this secret and HS256, and no other algorithm.
fn verified(secret: &SecretString, jwt: &SecretString) -> Result<Map<String, Value>, Refusal> {
    // Exposed to be checked.
    let jwt = jwt.expose_secret();
    let unreadable = || jwt_refused("it is no JWT in three parts");
    let (signed, signature) = jwt.rsplit_once('.').ok_or_else(unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or_else(unreadable)?;
    let header = object(header).ok_or_else(unreadable)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(jwt_refused("its alg is not HS256"));
    }
    if header.contains_key("crit") {
        return Err(jwt_refused("it asks for an extension (crit)"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| unreadable())?;
    signed_with(secret, signed.as_bytes(), &signature).map_err(|()| jwt_refused("its signature does not fit the secret"))?;
    object(claims).ok_or_else(unreadable)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Whether the signature is this secret's, in constant time and in its full length.
fn signed_with(secret: &SecretString, message: &[u8], signature: &[u8]) -> Result<(), ()> {
    // Exposed as the key of the HMAC, which takes one of any length.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose_secret().as_bytes()).map_err(drop)?;
    mac.update(message);
    mac.verify_slice(signature).map_err(drop)
}

fn in_time(claims: &Map<String, Value>, now: Timestamp) -> Result<(), Refusal> {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let now = now.as_second() as f64;
    let time = |claim: &str| match claims.get(claim) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| jwt_refused(&format!("its {claim} is no number"))),
    };
    if time("exp")?.is_some_and(|exp| exp <= now) {
        let next_step = "Let your server sign a new JWT, then call boot again.";
        return Err(Refusal::new(Code::IdentityExpired, "The JWT has expired.", next_step).at("intercom_user_jwt"));
    }
    for claim in ["nbf", "iat"] {
        if time(claim)?.is_some_and(|from| from > now + LEEWAY_SECONDS) {
            return Err(jwt_refused(&format!("it counts only from later on ({claim})")));
        }
    }
    Ok(())
}

/// What is said beside a JWT must not differ from what the JWT says.
fn agreed(claims: &Map<String, Value>, user_id: Option<String>, email: Option<String>) -> Result<Believed, Refusal> {
    let proven = match claims.get("user_id") {
        Some(Value::String(proven)) if !proven.trim().is_empty() => proven.clone(),
        Some(_) => return Err(jwt_refused("its user_id is empty or no text")),
        None => return Err(jwt_refused("it has no user_id")),
    };
    check_line("user_id", &proven).map_err(|_| jwt_refused("its user_id is too long or holds control characters"))?;
    if user_id.is_some_and(|user_id| user_id != proven) {
        return Err(jwt_refused("its user_id is another one than the call's"));
    }
    let proven_email = match claims.get("email") {
        None | Some(Value::Null) => None,
        Some(Value::String(email)) => Some(email.clone()),
        Some(_) => return Err(jwt_refused("its email is no text")),
    };
    let Some(proven_email) = proven_email else { return Ok(Believed { user_id: proven, email }) };
    check_line("email", &proven_email).map_err(|_| jwt_refused("its email is too long or holds control characters"))?;
    if email.is_some_and(|email| !email.eq_ignore_ascii_case(&proven_email)) {
        return Err(jwt_refused("its email is another one than the call's"));
    }
    Ok(Believed { user_id: proven, email: Some(proven_email) })
}

fn no_proof(member: &str) -> Refusal {
    let message = format!("Identity verification is on, and {member} is missing.");
    Refusal::new(Code::IdentityMissing, message, format!("Let your server make {member}, and send it along.")).at(member)
}

fn jwt_refused(why: &str) -> Refusal {
    let message = format!("The JWT was refused: {why}.");
    let next_step = "Let your server sign a JWT with HS256, the secret of the Messenger page, and the user_id.";
    Refusal::new(Code::IdentityRefused, message, next_step).at("intercom_user_jwt")
}

fn hash_refused() -> Refusal {
    let message = "The user_hash does not fit this user_id and the secret.";
    let next_step =
        "Let your server make the HMAC-SHA256 of the user_id with the secret of the Messenger page, in hexadecimal digits.";
    Refusal::new(Code::IdentityRefused, message, next_step).at("user_hash")
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if digits.len() % 2 == 1 {
        return None;
    }
    digits.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests;
