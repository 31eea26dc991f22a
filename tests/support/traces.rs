//! Looks for a secret in what was written, in every spelling that S2 names. It undoes encodings where the product's
//! redactor searches for spellings, so that one does not repeat the other's mistakes.

#![allow(dead_code, clippy::unwrap_used, reason = "each test program uses its own part, and a search may fail")]

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Fewer characters are only secret where they stand alone (S2), so they are not looked for.
pub const SHORTEST: usize = 6;

/// Escapes inside escapes that are undone.
const DEEPEST: usize = 2;

/// A text and everything that it reads as once its encodings are undone.
pub struct Traces {
    readings: Vec<(String, Vec<u8>)>,
}

impl Traces {
    /// Undoes percent, form, JSON and XML escapes two deep, and base64 at every alignment.
    pub fn of(text: &[u8]) -> Self {
        let mut readings = vec![("as it is".to_owned(), text.to_vec())];
        let mut from = 0;
        for _ in 0..DEEPEST {
            let until = readings.len();
            for index in from..until {
                let (name, reading) = readings[index].clone();
                for (escape, undone) in [
                    ("percent", percent(&reading, false)),
                    ("form", percent(&reading, true)),
                    ("JSON", json(&reading)),
                    ("XML", xml(&reading)),
                ] {
                    if !readings.iter().any(|(_, known)| *known == undone) {
                        readings.push((format!("{escape} of {name}"), undone));
                    }
                }
            }
            from = until;
        }
        let decoded: Vec<_> = readings.iter().flat_map(|(name, reading)| base64_runs(name, reading)).collect();
        readings.extend(decoded);
        Self { readings }
    }

    /// How the secret can be read in the text, if it can.
    pub fn reading(&self, secret: &str) -> Option<&str> {
        let found = self.readings.iter().find(|(_, reading)| memchr::memmem::find(reading, secret.as_bytes()).is_some());
        found.map(|(name, _)| name.as_str())
    }
}

/// What stands around the first place of a text, for a message.
pub fn around(text: &str, secret: &str) -> String {
    let Some(at) = text.find(secret) else {
        return format!("{}…", &text[..text.floor_char_boundary(200)]);
    };
    let from = text.floor_char_boundary(at.saturating_sub(80));
    let to = text.ceil_char_boundary((at + secret.len() + 20).min(text.len()));
    format!("…{}…", &text[from..to])
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    let digits = std::str::from_utf8(digits?).ok()?;
    let all_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| all_hex)
}

fn percent(text: &[u8], form: bool) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = text.get(at) {
        let code = if byte == b'%' { hex(text.get(at + 1..at + 3)) } else { None };
        out.push(match code {
            Some(code) => u8::try_from(code).unwrap(),
            None if form && byte == b'+' => b' ',
            None => byte,
        });
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}

fn json(text: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied().filter(|_| byte == b'\\');
        let (character, length) = match next {
            Some(b'n') => (Some('\n'), 2),
            Some(b't') => (Some('\t'), 2),
            Some(b'r') => (Some('\r'), 2),
            Some(b'b') => (Some('\u{8}'), 2),
            Some(b'f') => (Some('\u{c}'), 2),
            Some(mark @ (b'"' | b'\\' | b'/')) => (Some(char::from(mark)), 2),
            Some(b'u') => match (hex(text.get(at + 2..at + 6)), text.get(at + 6..at + 8), hex(text.get(at + 8..at + 12))) {
                (Some(high @ 0xd800..0xdc00), Some(b"\\u"), Some(low @ 0xdc00..0xe000)) => {
                    (char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
                }
                (Some(unit), _, _) => (char::from_u32(unit), 6),
                _ => (None, 1),
            },
            _ => (None, 1),
        };
        match character {
            Some(character) => out.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            None => out.extend(&text[at..at + length]),
        }
        at += length;
    }
    out
}

fn xml(text: &[u8]) -> Vec<u8> {
    let named = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
    let entity = |rest: &[u8]| {
        let end = rest.iter().take(12).position(|byte| *byte == b';')?;
        let name = std::str::from_utf8(&rest[1..end]).ok()?;
        let character = match name.strip_prefix('#') {
            Some(code) => match code.strip_prefix(['x', 'X']) {
                Some(code) => u32::from_str_radix(code, 16).ok().and_then(char::from_u32),
                None => code.parse().ok().and_then(char::from_u32),
            },
            None => named.iter().find(|(known, _)| *known == name).map(|(_, character)| *character),
        };
        Some((character?, end + 1))
    };
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = text.get(at) {
        if let Some((character, length)) = (byte == b'&').then(|| entity(&text[at..])).flatten() {
            out.extend(character.encode_utf8(&mut [0; 4]).bytes());
            at += length;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// Every run of base64 characters, decoded from each of its first four characters on: one of them begins a group.
fn base64_runs(name: &str, text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone);
    let engine = GeneralPurpose::new(&STANDARD, lenient);
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let mut decoded = Vec::new();
    for run in text.split(|byte| !of_base64(byte)).filter(|run| run.len() >= SHORTEST * 4 / 3) {
        let run: Vec<u8> = run
            .iter()
            .map(|byte| {
                if *byte == b'-' {
                    b'+'
                } else if *byte == b'_' {
                    b'/'
                } else {
                    *byte
                }
            })
            .collect();
        for skipped in 0..4 {
            let rest = &run[skipped..];
            // One character alone at the end holds no whole byte.
            let whole = if rest.len() % 4 == 1 { &rest[..rest.len() - 1] } else { rest };
            decoded.push((format!("base64 in {name}"), engine.decode(whole).unwrap()));
        }
    }
    decoded
}

/// A secret as it is, percent-encoded, as JSON and as `Debug` write it, and in base64 at every alignment: for texts too
/// long to be read in every way.
pub fn spellings(secret: &str) -> Vec<String> {
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut all = vec![secret.to_owned(), percent];
    for quoted in [serde_json::json!(secret).to_string(), format!("{secret:?}")] {
        all.push(quoted[1..quoted.len() - 1].to_owned());
    }
    for before in 0..3 {
        let padded = format!("{}{secret}", "x".repeat(before));
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            // The characters at both ends hold bits of their neighbours too.
            let own = &encoded[2 * before.min(1) + before..encoded.len() - 2];
            // A few characters may stand anywhere by chance.
            if own.len() >= 8 {
                all.push(own.to_owned());
            }
        }
    }
    all
}
