//! What a setting is: its key, what it may hold, and how text becomes a value.

use super::catalogue::CATALOGUE;
use super::fault::Fault;

/// A setting. `K` says what it may hold: known where the engine asks for it by name, any [`Kind`] in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting<K = Kind> {
    /// Its dotted key.
    pub key: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it does, in plain words.
    pub help: &'static str,
    /// What it may hold.
    pub kind: K,
}

/// What a setting may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer(Integer),
    /// On or off.
    Boolean(Boolean),
}

/// A whole number within a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// The least.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// What counts while nothing is set; `None` where nothing does.
    pub default: Option<u32>,
    /// What it is counted in, such as `bytes`.
    pub unit: Option<&'static str>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boolean {
    /// What counts while nothing is set.
    pub default: bool,
}

/// What a setting holds; kept as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Integer(u32),
    /// On or off.
    Boolean(bool),
}

impl Setting<Integer> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        Setting { key: self.key, title: self.title, help: self.help, kind: Kind::Integer(self.kind) }
    }
}

impl Setting<Boolean> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        Setting { key: self.key, title: self.title, help: self.help, kind: Kind::Boolean(self.kind) }
    }
}

impl Setting {
    /// What counts while nothing is set.
    pub fn default(&self) -> Option<Value> {
        match self.kind {
            Kind::Integer(integer) => integer.default.map(Value::Integer),
            Kind::Boolean(boolean) => Some(Value::Boolean(boolean.default)),
        }
    }

    /// The value that a text means; spaces around it do not count.
    ///
    /// # Errors
    /// When it is no such value, or outside of the range.
    pub fn parse(&self, text: &str) -> Result<Value, Fault> {
        let text = text.trim();
        match self.kind {
            Kind::Integer(Integer { min, max, unit, .. }) => {
                let refused = || Fault::NotInRange { key: self.key, min, max, unit };
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                let value = Value::Integer(number.ok_or_else(refused)?);
                if self.accepts(value) { Ok(value) } else { Err(refused()) }
            }
            Kind::Boolean(_) => {
                text.parse().map(Value::Boolean).map_err(|_: std::str::ParseBoolError| Fault::NotBoolean { key: self.key })
            }
        }
    }

    /// Whether it may hold this value.
    pub fn accepts(&self, value: Value) -> bool {
        match (self.kind, value) {
            (Kind::Integer(Integer { min, max, .. }), Value::Integer(number)) => (min..=max).contains(&number),
            (Kind::Boolean(_), Value::Boolean(_)) => true,
            _ => false,
        }
    }
}

/// The setting of this key.
///
/// # Errors
/// When there is none; the fault names the nearest one.
pub fn find(key: &str) -> Result<&'static Setting, Fault> {
    CATALOGUE.iter().find(|setting| setting.key == key).ok_or_else(|| Fault::unknown(key))
}

impl std::fmt::Display for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Boolean(on) => write!(formatter, "{on}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const BYTES: Setting<Integer> = Setting {
        key: "test.bytes",
        title: "Bytes",
        help: "",
        kind: Integer { min: 10, max: 20, default: Some(15), unit: Some("bytes") },
    };
    const SWITCH: Setting<Boolean> =
        Setting { key: "test.switch", title: "Switch", help: "", kind: Boolean { default: false } };

    #[rstest]
    #[case::least("10", Some(10))]
    #[case::most("20", Some(20))]
    #[case::spaces(" 12\n", Some(12))]
    #[case::zeros("0012", Some(12))]
    #[case::below("9", None)]
    #[case::above("21", None)]
    #[case::beyond_any_number("99999999999999999999", None)]
    #[case::negative("-12", None)]
    #[case::signed("+12", None)]
    #[case::fraction("12.5", None)]
    #[case::with_unit("12 bytes", None)]
    #[case::empty("", None)]
    #[case::other_digits("१२", None)]
    fn a_whole_number_is_taken_within_its_range_only(#[case] text: &str, #[case] value: Option<u32>) {
        assert_eq!(BYTES.listed().parse(text).ok(), value.map(Value::Integer), "{text}");
    }

    #[test]
    fn a_refusal_says_the_range_the_unit_and_the_key() {
        let fault = BYTES.listed().parse("1").unwrap_err();
        assert_eq!(fault.to_string(), "test.bytes takes a whole number from 10 to 20 (bytes).");
        assert_eq!(fault.field(), "test.bytes");
        let fault = SWITCH.listed().parse("yes").unwrap_err();
        assert_eq!((fault.to_string().as_str(), fault.field()), ("test.switch is either true or false.", "test.switch"));
        assert_eq!(SWITCH.listed().parse("true"), Ok(Value::Boolean(true)));
    }

    #[rstest]
    #[case::misspelt("backups.kep", "backups.keep")]
    #[case::without_its_group("response_bytes", "limits.response_bytes")]
    #[case::in_capitals("Security.Auto_Lock_Minutes", "security.auto_lock_minutes")]
    fn an_unknown_key_names_the_nearest_one(#[case] key: &str, #[case] nearest: &str) {
        let fault = find(key).unwrap_err();
        assert!(fault.to_string().contains(key), "{fault}");
        assert!(fault.next_step().contains(nearest), "{}", fault.next_step());
    }
}
