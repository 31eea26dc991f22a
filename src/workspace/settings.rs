//! The settings as clients see and change them, and the few that the engine follows while it runs.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::Serialize;

use super::Workspace;
use super::views::Problem;
use crate::http::LiveLimits;
use crate::log::LogLimits;
use crate::settings::{Choice, Integer, Kind, Setting, Value, Values, catalogue, find};
use crate::store::{Database, StoreFailure};

/// The settings of a workspace.
pub struct Settings<'a> {
    pub(super) workspace: &'a Workspace,
}

/// A setting as it is listed.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct SettingView {
    /// Its dotted key.
    pub key: String,
    /// What it may hold.
    pub kind: SettingKind,
    /// What counts now, as text; nothing where nothing is set and there is no default, and never anything of a secret.
    pub value: Option<String>,
    /// What counts while nothing is set, as text.
    pub default_value: Option<String>,
    /// Whether the value is the default.
    pub is_default: bool,
    /// Whether a value of its own is kept: all that is ever told of a secret.
    pub is_set: bool,
    /// What people call it.
    pub title: String,
    /// What it does, in plain words.
    pub help: String,
}

/// What a setting may hold.
#[derive(Debug, Clone, Serialize, specta::Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum SettingKind {
    /// A whole number.
    Integer {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
        /// What it is counted in, such as `bytes`.
        unit: Option<String>,
    },
    /// `true` or `false`.
    Boolean,
    /// One line of text, which may be empty.
    Text {
        /// The most characters.
        longest: u32,
    },
    /// One of a few words.
    Choice {
        /// The words; the first is the default.
        options: Vec<String>,
    },
    /// One line of text that can be set and removed, but not shown.
    Secret {
        /// The most characters.
        longest: u32,
    },
}

/// When backups are made by themselves, and how many of them are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSettings {
    /// How old the newest backup may become, in hours; 0: none is made by itself.
    pub every_hours: u32,
    /// How many backups of each kind are kept.
    pub keep: u32,
}

/// How the window is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecuritySettings {
    /// After how many minutes without the user it locks; 0: never.
    pub auto_lock_minutes: u32,
}

impl Settings<'_> {
    /// All settings, in the order in which people read them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn list(&self) -> Result<Vec<SettingView>, Problem> {
        let values = self.read().await?;
        Ok(catalogue::CATALOGUE.iter().map(|setting| SettingView::new(setting, &values)).collect())
    }

    /// One setting.
    ///
    /// # Errors
    /// When there is no such key, or the database can't be read.
    pub async fn get(&self, key: &str) -> Result<SettingView, Problem> {
        let setting = find(key)?;
        Ok(SettingView::new(setting, &self.read().await?))
    }

    /// Sets it to what the text means. It counts at once in this process, and within a second in every other one.
    ///
    /// # Errors
    /// When there is no such key, it does not take such a value, or the database can't be written.
    pub async fn set(&self, key: &str, text: &str) -> Result<SettingView, Problem> {
        let setting = find(key)?;
        self.put(*setting, Some(setting.parse(text)?)).await?;
        self.get(key).await
    }

    /// From now on the default counts again.
    ///
    /// # Errors
    /// When there is no such key, or the database can't be written.
    pub async fn reset(&self, key: &str) -> Result<SettingView, Problem> {
        self.put(*find(key)?, None).await?;
        self.get(key).await
    }

    /// When backups are made by themselves, as it is set at present.
    pub fn backups(&self) -> BackupSettings {
        self.workspace.inner.live.with(|values| BackupSettings {
            every_hours: values.number(&catalogue::BACKUPS_EVERY_HOURS),
            keep: values.number(&catalogue::BACKUPS_KEEP),
        })
    }

    /// How long executions are kept, as it is set at present.
    pub fn logs(&self) -> LogLimits {
        self.workspace.inner.live.with(|values| LogLimits {
            days: values.number(&catalogue::LOGS_RETENTION_DAYS),
            mib: values.number(&catalogue::LOGS_RETENTION_MIB),
        })
    }

    /// How the window is protected, as it is set at present.
    pub fn security(&self) -> SecuritySettings {
        self.workspace
            .inner
            .live
            .with(|values| SecuritySettings { auto_lock_minutes: values.number(&catalogue::AUTO_LOCK_MINUTES) })
    }

    /// The port that the sandbox had last, so that the URLs of its samples stay true; `None` before its first start.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn sandbox_port(&self) -> Result<Option<u16>, Problem> {
        let port = self.read().await?.integer(&catalogue::SANDBOX_PORT);
        Ok(port.and_then(|port| u16::try_from(port).ok()))
    }

    pub(super) async fn set_sandbox_port(&self, port: u16) -> Result<(), Problem> {
        self.put(catalogue::SANDBOX_PORT.listed(), Some(Value::Integer(port.into()))).await
    }

    /// Whether the window starts the sandbox when it opens: on once it was tried, off once it was stopped.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn sandbox_starts_with_window(&self) -> Result<bool, Problem> {
        Ok(self.read().await?.is_on(&catalogue::SANDBOX_STARTS_WITH_WINDOW))
    }

    pub(super) async fn set_sandbox_starts_with_window(&self, starts: bool) -> Result<(), Problem> {
        self.put(catalogue::SANDBOX_STARTS_WITH_WINDOW.listed(), Some(Value::Boolean(starts))).await
    }

    async fn read(&self) -> Result<Values, Problem> {
        Ok(self.workspace.database().read_async(Values::read).await?)
    }

    async fn put(&self, setting: Setting, value: Option<Value>) -> Result<(), Problem> {
        let workspace = self.workspace.clone();
        let writing = tokio::task::spawn_blocking(move || {
            workspace.database().write(|transaction| match value {
                Some(value) => setting.put(transaction, &value),
                None => setting.reset(transaction),
            })?;
            if let Err(failure) = workspace.inner.live.follow(workspace.database()) {
                // It is committed, and the watcher looks again within a second.
                tracing::warn!(%failure, "a setting that was changed could not be read back at once");
            }
            Ok::<_, StoreFailure>(())
        });
        Ok(writing.await.map_err(|_| Problem::interrupted())??)
    }
}

impl SettingView {
    fn new(setting: &Setting, values: &Values) -> Self {
        let (value, default) = (values.of(setting), setting.default());
        Self {
            key: setting.key.to_owned(),
            kind: match setting.kind {
                Kind::Integer(Integer { min, max, unit, .. }) => {
                    SettingKind::Integer { min, max, unit: unit.map(ToOwned::to_owned) }
                }
                Kind::Boolean(_) => SettingKind::Boolean,
                Kind::Text(text) => SettingKind::Text { longest: text.longest },
                Kind::Choice(Choice(words)) => {
                    SettingKind::Choice { options: words.iter().map(|&word| word.to_owned()).collect() }
                }
                Kind::Secret(secret) => SettingKind::Secret { longest: secret.longest },
            },
            value: value.as_ref().and_then(Value::shown),
            default_value: default.as_ref().and_then(Value::shown),
            is_default: value == default,
            is_set: values.is_set(setting),
            title: setting.title.to_owned(),
            help: setting.help.to_owned(),
        }
    }
}

/// What is set, kept in memory for those who ask often, and followed: at once after a change by this process, within
/// a second after one by another.
pub(super) struct LiveSettings {
    values: RwLock<Values>,
    limits: LiveLimits,
    /// Held from the reading to the taking over, so that an older reading never replaces a newer one.
    following: Mutex<()>,
}

impl LiveSettings {
    /// As they are set now; the limits go to all who share them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn open(database: &Database, limits: LiveLimits) -> Result<Arc<Self>, StoreFailure> {
        let live = Self { values: RwLock::default(), limits, following: Mutex::new(()) };
        live.follow(database)?;
        Ok(Arc::new(live))
    }

    /// Takes over what is set now; blocks.
    ///
    /// # Errors
    /// When the database can't be read; nothing is changed then.
    pub fn follow(&self, database: &Database) -> Result<(), StoreFailure> {
        let _following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        let values = database.read(Values::read)?;
        self.limits.set(
            values.number(&catalogue::RESPONSE_BYTES),
            values.number(&catalogue::AUTHENTICATION_CONNECT_TIMEOUT_MS),
            values.number(&catalogue::AUTHENTICATION_TIMEOUT_MS),
        );
        *self.values.write().unwrap_or_else(PoisonError::into_inner) = values;
        Ok(())
    }

    /// What is set now, without a look at the database.
    pub fn with<T>(&self, act: impl FnOnce(&Values) -> T) -> T {
        act(&self.values.read().unwrap_or_else(PoisonError::into_inner))
    }
}
