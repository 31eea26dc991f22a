//! The spellings of a secret that an [`super::Redactor`] searches for beside undoing escapes: itself, with `+` for
//! spaces, and base64 at any alignment.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{self, GeneralPurpose, NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// What `application/x-www-form-urlencoded` leaves as it is, spaces aside.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// One spelling to search for.
#[derive(PartialEq, Eq)]
pub(super) struct Spelling {
    /// The bytes.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Whether the base64 character before it holds some bits of the secret too.
    pub(super) shared_before: bool,
    /// Whether the base64 character after it holds some bits of the secret too.
    pub(super) shared_after: bool,
}

/// The secret, and when it is a whole `Authorization` value also the credential in it: servers repeat that alone.
pub(super) fn parts(secret: &str) -> Vec<Zeroizing<String>> {
    let mut parts = vec![Zeroizing::new(secret.to_owned())];
    let Some((scheme, credential)) = secret.split_once(' ') else { return parts };
    let credential = credential.trim_start();
    if ["bearer", "token", "basic", "apikey"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        parts.push(Zeroizing::new(credential.to_owned()));
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(decoded) = general_purpose::STANDARD.decode(credential.trim_end()).map(Zeroizing::new)
        && let Ok(userinfo) = std::str::from_utf8(&decoded)
        && let Some((_, password)) = userinfo.split_once(':')
    {
        parts.push(Zeroizing::new(password.to_owned()));
    }
    parts
}

/// Every spelling of the secret, each once.
pub(super) fn spellings(secret: &str) -> Vec<Spelling> {
    let mut found = Vec::new();
    let mut add = |spelling| {
        if !found.contains(&spelling) {
            found.push(spelling);
        }
    };
    let form = Zeroizing::new(utf8_percent_encode(secret, FORM).to_string().replace("%20", "+"));
    let plus = Zeroizing::new(secret.replace(' ', "+"));
    for text in [secret, plus.as_str()] {
        add(Spelling { bytes: Zeroizing::new(text.as_bytes().to_vec()), shared_before: false, shared_after: false });
    }
    // RFC 6749 2.3.1 form-encodes client id and secret before base64; claims are JSON before it.
    let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    let json = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    for text in [secret, form.as_str(), json] {
        for alphabet in [&alphabet::STANDARD, &alphabet::URL_SAFE] {
            (0..3).for_each(|before| add(base64_at(text.as_bytes(), before, alphabet)));
        }
    }
    found
}

/// The base64 characters that hold bits of nothing but `bytes` when `before` bytes (0, 1 or 2) stand before it
/// in its group of three.
fn base64_at(bytes: &[u8], before: usize, alphabet: &alphabet::Alphabet) -> Spelling {
    let mut padded = Zeroizing::new(vec![0; before]);
    padded.extend_from_slice(bytes);
    let encoded = Zeroizing::new(GeneralPurpose::new(alphabet, NO_PAD).encode(padded.as_slice()));
    // A character is six bits: the first whole one begins at or after the bit where the secret begins, and the last
    // whole one ends at or before the bit where it ends.
    let start = (before * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    Spelling {
        bytes: Zeroizing::new(encoded.as_bytes()[start..end].to_vec()),
        shared_before: before != 0,
        shared_after: !(padded.len() * 8).is_multiple_of(6),
    }
}

/// Whether the byte is a character of either base64 alphabet.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_base64_is_cut_to_what_its_neighbours_cannot_change() {
        let engine = GeneralPurpose::new(&alphabet::STANDARD, NO_PAD);
        for before in 0..3 {
            let spelling = base64_at(b"hunter2!", before, &alphabet::STANDARD);
            for filler in [b'\0', b'A', 0xff] {
                let mut whole = vec![filler; 3 + before];
                whole.extend_from_slice(b"hunter2!");
                whole.extend([filler; 4]);
                let encoded = engine.encode(whole);
                let wanted = std::str::from_utf8(&spelling.bytes).unwrap();
                assert!(encoded.contains(wanted), "{before} bytes before, filler {filler}: {wanted} not in {encoded}");
            }
        }
    }
}
