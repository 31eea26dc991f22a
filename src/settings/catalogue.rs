//! Every setting there is. A further one is a constant here and a line in [`CATALOGUE`].

use super::origins;
use super::setting::{Boolean, Choice, Integer, Secret, Setting, Text};

/// All settings, in the order in which people read them.
pub const CATALOGUE: [Setting; 15] = [
    RESPONSE_BYTES.listed(),
    AUTHENTICATION_CONNECT_TIMEOUT_MS.listed(),
    AUTHENTICATION_TIMEOUT_MS.listed(),
    AUTO_LOCK_MINUTES.listed(),
    BACKUPS_EVERY_HOURS.listed(),
    BACKUPS_KEEP.listed(),
    LOGS_RETENTION_DAYS.listed(),
    LOGS_RETENTION_MIB.listed(),
    SANDBOX_PORT.listed(),
    SANDBOX_STARTS_WITH_WINDOW.listed(),
    MESSENGER_PORT.listed(),
    MESSENGER_STARTS_WITH_WINDOW.listed(),
    MESSENGER_ALLOWED_ORIGINS.listed(),
    MESSENGER_IDENTITY_VERIFICATION.listed(),
    MESSENGER_IDENTITY_SECRET.listed(),
];

/// The limit of the body of a connector's response, in bytes after decompression (S4).
pub const RESPONSE_BYTES: Setting<Integer> = Setting {
    key: "limits.response_bytes",
    title: "Largest answer of a connector",
    help: "A run whose answer is larger, counted after decompression, ends with “could not get an answer”. Answers of login endpoints may always have 256 MiB.",
    kind: Integer { min: 1024, max: 256 * 1024 * 1024, default: Some(10 * 1024 * 1024), unit: Some("bytes") },
};

/// How long an authentication request may take to connect (E13).
pub const AUTHENTICATION_CONNECT_TIMEOUT_MS: Setting<Integer> = Setting {
    key: "limits.authentication_connect_timeout_ms",
    title: "Time to connect to a login endpoint",
    help: "How long a test or a refresh of a token waits for the connection. Connectors have their own times among their advanced settings.",
    kind: Integer { min: 100, max: 300_000, default: Some(10_000), unit: Some("ms") },
};

/// How long an authentication request may take in all (E13).
pub const AUTHENTICATION_TIMEOUT_MS: Setting<Integer> = Setting {
    key: "limits.authentication_timeout_ms",
    title: "Time for a whole login",
    help: "How long a test or a refresh of a token may take from its first to its last byte, redirects included.",
    kind: Integer { min: 100, max: 600_000, default: Some(30_000), unit: Some("ms") },
};

/// After how many minutes without the user the window locks; 0 never.
pub const AUTO_LOCK_MINUTES: Setting<Integer> = Setting {
    key: "security.auto_lock_minutes",
    title: "Lock the window when nobody is there",
    help: "After so many minutes without keyboard or mouse, time asleep included, the window closes the workspace and forgets its key. 0: never.",
    kind: Integer { min: 0, max: 24 * 60, default: Some(0), unit: Some("minutes") },
};

/// How old the newest backup may become before another one is made; 0 never.
pub const BACKUPS_EVERY_HOURS: Setting<Integer> = Setting {
    key: "backups.every_hours",
    title: "Automatic backups",
    help: "When the newest backup is older than this, another one is made by itself while Latchkey is used. 0: never.",
    kind: Integer { min: 0, max: 365 * 24, default: Some(24), unit: Some("hours") },
};

/// How many backups of each kind are kept.
pub const BACKUPS_KEEP: Setting<Integer> = Setting {
    key: "backups.keep",
    title: "Backups of each kind to keep",
    help: "Kinds are: made by itself, by hand, before an update, before a restore. When there are more of a kind, its oldest are deleted.",
    kind: Integer { min: 1, max: 50, default: Some(5), unit: None },
};

/// After how many days executions are deleted.
pub const LOGS_RETENTION_DAYS: Setting<Integer> = Setting {
    key: "logs.retention_days",
    title: "Days to keep executions",
    help: "Executions that began longer ago are deleted in the background while Latchkey is used, in small steps.",
    kind: Integer { min: 1, max: 3650, default: Some(30), unit: Some("days") },
};

/// How large the database may become before the oldest executions are deleted, in MiB.
pub const LOGS_RETENTION_MIB: Setting<Integer> = Setting {
    key: "logs.retention_mib",
    title: "Space for executions",
    help: "When the database holds more than this, its oldest executions are deleted until it holds 5 % less. Backups are not counted.",
    kind: Integer { min: 16, max: 1_048_576, default: Some(1024), unit: Some("MiB") },
};

/// The port of the sandbox; not set before its first start.
pub const SANDBOX_PORT: Setting<Integer> = Setting {
    key: "sandbox.port",
    title: "Port of the sandbox",
    help: "The sandbox listens here on 127.0.0.1 when it is started next. It is set at the first start, so that the URLs of the samples stay true.",
    kind: Integer { min: 1, max: 65_535, default: None, unit: None },
};

/// Whether the window starts the sandbox when it opens.
pub const SANDBOX_STARTS_WITH_WINDOW: Setting<Boolean> = Setting {
    key: "sandbox.starts_with_window",
    title: "Start the sandbox with the window",
    help: "Switched on when the sandbox is started in the window, and off when it is stopped there.",
    kind: Boolean { default: false },
};

/// The port of the Messenger; not set before its first start (M4).
pub const MESSENGER_PORT: Setting<Integer> = Setting {
    key: "messenger.port",
    title: "Port of the Messenger",
    help: "The Messenger listens here on 127.0.0.1 when it is started next. It is set at the first start, so that the pages and apps that call it find it again.",
    kind: Integer { min: 1, max: 65_535, default: None, unit: None },
};

/// Whether the window starts the Messenger when it opens.
pub const MESSENGER_STARTS_WITH_WINDOW: Setting<Boolean> = Setting {
    key: "messenger.starts_with_window",
    title: "Start the Messenger with the window",
    help: "Switched on when the Messenger is started in the window, and off when it is stopped there.",
    kind: Boolean { default: false },
};

/// The origins whose pages may call the Messenger (M4), as [`origins::origins`] reads them.
pub const MESSENGER_ALLOWED_ORIGINS: Setting<Text> = Setting {
    key: "messenger.allowed_origins",
    title: "Origins that may call the Messenger",
    help: "The web pages that may set tokens of customers, such as http://localhost:3000, with spaces between them. Pages of other origins are refused.",
    kind: Text { longest: 32_768, check: Some(origins::kept) },
};

/// How callers of the Messenger prove on whose behalf they speak (M4).
pub const MESSENGER_IDENTITY_VERIFICATION: Setting<Choice> = Setting {
    key: "messenger.identity_verification",
    title: "Identity verification of the Messenger",
    help: "off: pages of the allowed origins need no proof, and native apps are refused. jwt: each boot brings an intercom_user_jwt signed with the secret (HS256). user_hash: each boot brings the HMAC-SHA256 of its user_id.",
    kind: Choice(&["off", "jwt", "user_hash"]),
};

/// The secret of the identity verification (M4).
pub const MESSENGER_IDENTITY_SECRET: Setting<Secret> = Setting {
    key: "messenger.identity_secret",
    title: "Secret of the identity verification",
    help: "The other system signs with it, the Messenger verifies. It is kept in the encrypted database and never shown.",
    kind: Secret { longest: 1024 },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Value;

    #[test]
    fn every_setting_takes_its_default_and_has_a_key_of_its_own() {
        for (at, setting) in CATALOGUE.iter().enumerate() {
            assert!(setting.default().is_none_or(|default| setting.accepts(&default)), "{}", setting.key);
            assert!(setting.key.split('.').count() == 2 && !setting.title.is_empty() && !setting.help.is_empty());
            assert!(CATALOGUE[..at].iter().all(|other| other.key != setting.key), "{} twice", setting.key);
        }
    }

    #[test]
    fn e13_s4_the_defaults_are_the_limits_that_the_rules_name() {
        assert_eq!(RESPONSE_BYTES.listed().default(), Some(Value::Integer(10 * 1024 * 1024)));
        assert_eq!(AUTHENTICATION_CONNECT_TIMEOUT_MS.listed().default(), Some(Value::Integer(10_000)));
        assert_eq!(AUTHENTICATION_TIMEOUT_MS.listed().default(), Some(Value::Integer(30_000)));
    }
}
