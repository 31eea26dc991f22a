//! The passphrase slot: a file with the database key, wrapped (XChaCha20-Poly1305) under a key that Argon2id makes
//! of the passphrase. The wrapping is bound to its workspace, so a slot file can't be put into another one.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::failure::{SHORTEST_PASSPHRASE, VaultFailure};
use super::files;
use super::key::{DatabaseKey, KEY_BYTES};

/// The slot's file in the workspace's folder.
pub(super) const SLOT_FILE: &str = "passphrase.slot";
const FORMAT: u32 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// What guessing a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cost {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl Cost {
    /// For new slots: above OWASP's advice for Argon2id, and about a fifth of a second on an office machine.
    pub const USUAL: Self = Self { memory_kib: 64 * 1024, iterations: 3, lanes: 1 };

    /// The most that is believed of a file: a hostile one must not take the machine's memory or an hour.
    const MOST: Self = Self { memory_kib: 256 * 1024, iterations: 16, lanes: 4 };

    /// The cheapest there is, so that tests are quick.
    #[cfg(test)]
    pub const TINY: Self = Self { memory_kib: 8, iterations: 1, lanes: 1 };

    fn is_within_bounds(self) -> bool {
        self.memory_kib <= Self::MOST.memory_kib && self.iterations <= Self::MOST.iterations && self.lanes <= Self::MOST.lanes
    }
}

#[derive(Serialize, Deserialize)]
struct SlotFile {
    format: u32,
    workspace_id: String,
    /// Always `argon2id`, version 0x13.
    derivation: String,
    cost: Cost,
    salt: String,
    nonce: String,
    wrapped_key: String,
}

/// Refuses a passphrase that is too short to be set. One that exists is never judged so.
pub(super) fn check_new(passphrase: &SecretString) -> Result<(), VaultFailure> {
    // Exposed to be counted only.
    if passphrase.expose_secret().chars().count() < SHORTEST_PASSPHRASE {
        return Err(VaultFailure::PassphraseTooShort);
    }
    Ok(())
}

/// Writes the slot, in place of any other.
pub(super) fn enrol(
    folder: &Path,
    workspace_id: &str,
    key: &DatabaseKey,
    passphrase: &SecretString,
    cost: Cost,
) -> Result<(), VaultFailure> {
    check_new(passphrase)?;
    let (salt, nonce) = (random::<SALT_BYTES>()?, random::<NONCE_BYTES>()?);
    let cipher = cipher(passphrase, &salt, cost).ok_or_else(|| VaultFailure::System("Argon2id failed".to_owned()))?;
    let bound_to = bound_to(workspace_id);
    // The database key is exposed to the cipher that wraps it.
    let wrapped = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: key.expose_bytes(), aad: &bound_to })
        .map_err(|_| VaultFailure::System("the cipher failed".to_owned()))?;
    let file = SlotFile {
        format: FORMAT,
        workspace_id: workspace_id.to_owned(),
        derivation: "argon2id".to_owned(),
        cost,
        salt: BASE64.encode(salt),
        nonce: BASE64.encode(nonce),
        wrapped_key: BASE64.encode(wrapped),
    };
    files::write_json(folder, SLOT_FILE, &file)
}

/// The key that the passphrase unwraps.
pub(super) fn open(folder: &Path, workspace_id: &str, passphrase: &SecretString) -> Result<DatabaseKey, VaultFailure> {
    let file: SlotFile = files::read_json(folder, SLOT_FILE, FORMAT)?.ok_or_else(|| damaged("is missing"))?;
    if file.workspace_id != workspace_id {
        return Err(damaged("belongs to another workspace"));
    }
    if file.derivation != "argon2id" || !file.cost.is_within_bounds() {
        return Err(damaged("asks for a key derivation that Latchkey never uses"));
    }
    let salt: [u8; SALT_BYTES] = decode(&file.salt)?;
    let nonce: [u8; NONCE_BYTES] = decode(&file.nonce)?;
    let wrapped: [u8; KEY_BYTES + 16] = decode(&file.wrapped_key)?;
    let cipher = cipher(passphrase, &salt, file.cost).ok_or_else(|| damaged("asks for a key derivation that can't be done"))?;
    let key = cipher
        .decrypt(&XNonce::from(nonce), Payload { msg: &wrapped, aad: &bound_to(workspace_id) })
        .map_err(|_| VaultFailure::WrongPassphrase)?;
    DatabaseKey::from_bytes(&Zeroizing::new(key)).ok_or_else(|| damaged("holds no key"))
}

fn cipher(passphrase: &SecretString, salt: &[u8], cost: Cost) -> Option<XChaCha20Poly1305> {
    let params = Params::new(cost.memory_kib, cost.iterations, cost.lanes, Some(KEY_BYTES)).ok()?;
    let mut derived = Zeroizing::new([0; KEY_BYTES]);
    // The passphrase is exposed to the key derivation.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose_secret().as_bytes(), salt, derived.as_mut_slice())
        .ok()?;
    XChaCha20Poly1305::new_from_slice(derived.as_slice()).ok()
}

fn bound_to(workspace_id: &str) -> Vec<u8> {
    format!("latchkey passphrase slot {FORMAT} {workspace_id}").into_bytes()
}

fn random<const N: usize>() -> Result<[u8; N], VaultFailure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| VaultFailure::System(error.to_string()))?;
    Ok(bytes)
}

fn decode<const N: usize>(text: &str) -> Result<[u8; N], VaultFailure> {
    BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| damaged("is damaged: a part of it is not whole"))
}

fn damaged(problem: &str) -> VaultFailure {
    VaultFailure::Damaged { file: SLOT_FILE, problem: problem.to_owned() }
}
