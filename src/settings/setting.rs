//! What a setting is: its key, what it may hold, and how text becomes a value.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::catalogue::CATALOGUE;
use super::fault::{Fault, TextFault};

/// A setting. `K` says what it may hold: known where the engine asks for it by name, any [`Kind`] in the catalogue.
#[derive(Debug, Clone, Copy)]
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
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A whole number.
    Integer(Integer),
    /// On or off.
    Boolean(Boolean),
    /// One line of text.
    Text(Text),
    /// One of a few words.
    Choice(Choice),
    /// One line of text that is never shown again.
    Secret(Secret),
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

/// One line of text without control characters. While nothing is set it is empty, and it may be set to that.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The most characters.
    pub longest: u32,
    /// What else it has to be, if anything.
    pub check: Option<Check>,
}

/// A setting's own check of a text that is not empty: gives the text as it is kept.
pub type Check = fn(&str) -> Result<String, TextFault>;

/// One of these words; the first counts while nothing is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice(pub &'static [&'static str]);

/// One line of text that only the encrypted database keeps: clients learn whether it is set, nothing else. Spaces at
/// its ends belong to it; it is never empty and has no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The most characters.
    pub longest: u32,
}

/// What a setting holds; kept as JSON. `Debug` does not tell a secret.
#[derive(Debug, Clone)]
pub enum Value {
    /// A whole number.
    Integer(u32),
    /// On or off.
    Boolean(bool),
    /// A text, or the word that was chosen.
    Text(String),
    /// A secret.
    Secret(SecretString),
}

impl Setting<Integer> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        self.of_kind(Kind::Integer(self.kind))
    }
}

impl Setting<Boolean> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        self.of_kind(Kind::Boolean(self.kind))
    }
}

impl Setting<Text> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        self.of_kind(Kind::Text(self.kind))
    }
}

impl Setting<Choice> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        self.of_kind(Kind::Choice(self.kind))
    }
}

impl Setting<Secret> {
    /// The setting as the catalogue lists it.
    pub const fn listed(self) -> Setting {
        self.of_kind(Kind::Secret(self.kind))
    }
}

impl<K: Copy> Setting<K> {
    const fn of_kind(self, kind: Kind) -> Setting {
        Setting { key: self.key, title: self.title, help: self.help, kind }
    }
}

impl Setting {
    /// What counts while nothing is set.
    pub fn default(&self) -> Option<Value> {
        match self.kind {
            Kind::Integer(integer) => integer.default.map(Value::Integer),
            Kind::Boolean(boolean) => Some(Value::Boolean(boolean.default)),
            Kind::Text(_) => Some(Value::Text(String::new())),
            Kind::Choice(Choice(words)) => words.first().map(|&word| Value::Text(word.to_owned())),
            Kind::Secret(_) => None,
        }
    }

    /// The value that a text means; spaces around it do not count, except those of a secret.
    ///
    /// # Errors
    /// When it is no such value, or outside of the range. The fault does not repeat the text.
    pub fn parse(&self, given: &str) -> Result<Value, Fault> {
        let text = given.trim();
        match self.kind {
            Kind::Integer(Integer { min, max, unit, .. }) => {
                let refused = || Fault::NotInRange { key: self.key, min, max, unit };
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let number = if digits { text.parse().ok() } else { None };
                let value = Value::Integer(number.ok_or_else(refused)?);
                if self.accepts(&value) { Ok(value) } else { Err(refused()) }
            }
            Kind::Boolean(_) => {
                text.parse().map(Value::Boolean).map_err(|_: std::str::ParseBoolError| Fault::NotBoolean { key: self.key })
            }
            Kind::Text(kind) => self.text(kind, text).map(Value::Text),
            Kind::Choice(Choice(words)) if words.contains(&text) => Ok(Value::Text(text.to_owned())),
            Kind::Choice(Choice(words)) => Err(Fault::NotAChoice { key: self.key, words }),
            Kind::Secret(Secret { longest }) => {
                self.one_line(given, longest)?;
                if text.is_empty() { Err(Fault::Empty { key: self.key }) } else { Ok(Value::Secret(given.into())) }
            }
        }
    }

    /// Whether it may hold this value.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (Kind::Integer(Integer { min, max, .. }), Value::Integer(number)) => (min..=max).contains(number),
            (Kind::Boolean(_), Value::Boolean(_)) => true,
            (Kind::Text(kind), Value::Text(text)) => self.text(kind, text).is_ok(),
            (Kind::Choice(Choice(words)), Value::Text(word)) => words.contains(&word.as_str()),
            (Kind::Secret(Secret { longest }), Value::Secret(secret)) => {
                // Looked at, and kept nowhere.
                let secret = secret.expose_secret();
                !secret.is_empty() && self.one_line(secret, longest).is_ok()
            }
            _ => false,
        }
    }

    /// What is kept in this JSON; `None` when it holds no such value.
    pub(super) fn read(&self, json: &str) -> Option<Value> {
        let value = match self.kind {
            Kind::Integer(_) => Value::Integer(serde_json::from_str(json).ok()?),
            Kind::Boolean(_) => Value::Boolean(serde_json::from_str(json).ok()?),
            Kind::Text(_) | Kind::Choice(_) => Value::Text(serde_json::from_str(json).ok()?),
            Kind::Secret(_) => Value::Secret(serde_json::from_str::<String>(json).ok()?.into()),
        };
        self.accepts(&value).then_some(value)
    }

    fn text(&self, kind: Text, text: &str) -> Result<String, Fault> {
        self.one_line(text, kind.longest)?;
        match kind.check {
            Some(check) if !text.is_empty() => check(text).map_err(|fault| Fault::NotSuchText { key: self.key, fault }),
            _ => Ok(text.to_owned()),
        }
    }

    fn one_line(&self, text: &str, longest: u32) -> Result<(), Fault> {
        if text.contains(char::is_control) {
            Err(Fault::ControlCharacter { key: self.key })
        } else if text.chars().count() > longest as usize {
            Err(Fault::TooLong { key: self.key, longest })
        } else {
            Ok(())
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

impl Value {
    /// As clients see it; nothing of a secret.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Integer(number) => Some(number.to_string()),
            Self::Boolean(on) => Some(on.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Secret(_) => None,
        }
    }

    pub(super) fn to_json(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Integer(number) => number.to_string(),
            Self::Boolean(on) => on.to_string(),
            Self::Text(text) => quoted(text),
            // For the encrypted database, which is where it is kept.
            Self::Secret(secret) => quoted(secret.expose_secret()),
        })
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Boolean(one), Self::Boolean(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            // Compared with each other only; nobody outside gives one of them.
            (Self::Secret(one), Self::Secret(other)) => one.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }
}

impl Eq for Value {}

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

    const WORDS: Setting<Text> =
        Setting { key: "test.words", title: "Words", help: "", kind: Text { longest: 8, check: Some(even) } };
    const MODE: Setting<Choice> = Setting { key: "test.mode", title: "Mode", help: "", kind: Choice(&["off", "slow", "fast"]) };
    const KEY: Setting<Secret> = Setting { key: "test.key", title: "Key", help: "", kind: Secret { longest: 12 } };

    fn even(text: &str) -> Result<String, TextFault> {
        let fault = || TextFault { what: "It has an odd number of letters.".to_owned(), next_step: "Add one." };
        if text.chars().count().is_multiple_of(2) { Ok(text.to_lowercase()) } else { Err(fault()) }
    }

    #[rstest]
    #[case::fits("abcd", Ok("abcd"))]
    #[case::as_the_check_keeps_it(" ABcd ", Ok("abcd"))]
    #[case::characters_are_counted("éééééééé", Ok("éééééééé"))]
    #[case::empty_is_not_checked("  ", Ok(""))]
    #[case::too_long("aaaaaaaaaa", Err("test.words takes at most 8 characters."))]
    #[case::two_lines("ab\ncd", Err("test.words is one line of text without control characters."))]
    #[case::unseen("ab\u{85}c", Err("test.words is one line of text without control characters."))]
    #[case::refused_by_its_check("abc", Err("It has an odd number of letters."))]
    fn a_text_is_one_line_that_its_check_takes(#[case] text: &str, #[case] value: Result<&str, &str>) {
        let parsed = WORDS.listed().parse(text).map_err(|fault| fault.to_string());
        assert_eq!(parsed, value.map(|text| Value::Text(text.to_owned())).map_err(ToOwned::to_owned));
    }

    #[test]
    fn a_choice_takes_its_words_only_and_the_first_counts_by_itself() {
        assert_eq!(MODE.listed().default(), Some(Value::Text("off".to_owned())));
        assert_eq!(MODE.listed().parse(" fast "), Ok(Value::Text("fast".to_owned())));
        for wrong in ["", "Fast", "fas", "off, slow"] {
            let fault = MODE.listed().parse(wrong).unwrap_err();
            assert_eq!(fault.to_string(), "test.mode is one of: off, slow, fast.", "{wrong}");
        }
        assert!(!MODE.listed().accepts(&Value::Text("medium".to_owned())), "a word of another version");
    }

    #[test]
    fn a_secret_is_taken_as_it_is_and_never_told_again() {
        let secret = KEY.listed().parse(" s3cret-key ").unwrap();
        assert_eq!(secret, Value::Secret(" s3cret-key ".into()), "its spaces belong to it");
        assert_ne!(secret, Value::Text(" s3cret-key ".to_owned()));
        assert!(!format!("{secret:?}").contains("s3cret"), "{secret:?}");
        assert_eq!((secret.shown(), KEY.listed().default()), (None, None));
        for (wrong, says) in [
            ("", "can't be empty"),
            ("  ", "can't be empty"),
            ("s3cret-key-too-long", "at most 12 characters"),
            ("s3cret\nkey", "one line"),
            ("s3cret\0key", "one line"),
        ] {
            let fault = KEY.listed().parse(wrong).unwrap_err();
            assert!(fault.to_string().contains(says), "{fault}");
            assert!(!format!("{fault} {fault:?} {}", fault.next_step()).contains("s3cret"), "{fault:?}");
        }
    }

    #[test]
    fn every_value_is_read_back_from_its_json() {
        for (setting, text) in [
            (BYTES.listed(), "12"),
            (SWITCH.listed(), "true"),
            (WORDS.listed(), "a\"b\\"),
            (MODE.listed(), "slow"),
            (KEY.listed(), "k\"\\é"),
        ] {
            let value = setting.parse(text).unwrap();
            assert_eq!(setting.read(&value.to_json()), Some(value), "{}", setting.key);
            assert_eq!(setting.read("{}"), None);
        }
        assert_eq!(MODE.listed().read("\"medium\""), None);
        assert_eq!(KEY.listed().read("\"\""), None);
    }
}
