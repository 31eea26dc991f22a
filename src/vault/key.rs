//! The key that encrypts a workspace's database.

use zeroize::Zeroizing;

/// Bytes of a database key.
pub const KEY_BYTES: usize = 32;

/// The key of one workspace's database: 32 random bytes, wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; KEY_BYTES]>);

impl DatabaseKey {
    /// A new key from the operating system's random source; `None` when that source fails.
    pub fn generate() -> Option<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// The key made of exactly these 32 bytes; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The bytes themselves. Exposes the secret: only to a slot that keeps it.
    pub fn expose_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// 64 hexadecimal digits, wiped when dropped. Exposes the secret: only for the database's raw-key pragma.
    pub fn hex(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES));
        for byte in self.0.iter() {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text
    }

    /// Whether both are the same key, compared without stopping at the first difference.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0.iter()).fold(0, |difference, (mine, theirs)| difference | (mine ^ theirs)) == 0
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DatabaseKey(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_two_keys_are_never_the_same() {
        let (one, other) = (DatabaseKey::generate().unwrap(), DatabaseKey::generate().unwrap());
        assert!(one.is_same_as(&one.clone()));
        assert!(!one.is_same_as(&other));
    }

    #[test]
    fn s1_the_key_has_a_hex_form_and_no_debug_form() {
        let mut bytes = [0; KEY_BYTES];
        bytes[0] = 0xA5;
        bytes[31] = 0x0F;
        let key = DatabaseKey::from_bytes(&bytes).unwrap();
        assert_eq!(*key.hex(), format!("a5{}0f", "00".repeat(30)));
        assert_eq!(format!("{key:?}"), "DatabaseKey(****)");
    }

    #[test]
    fn s1_another_length_is_no_key() {
        assert!(DatabaseKey::from_bytes(&[0; 31]).is_none());
        assert!(DatabaseKey::from_bytes(&[0; 33]).is_none());
    }
}
