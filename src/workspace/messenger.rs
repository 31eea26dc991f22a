//! The Messenger of a workspace: where it listens, who may call, and the latest calls (M4).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use super::messenger_rules::SecretChange;
use super::snippets::{Filled, snippets};
use super::views::{Problem, ProblemCode, WorkspaceEvent};
use super::{Workspace, messenger_rules};
use crate::customer::messenger::{IdentityVerification, Means, Messenger, MessengerCall, Rules, StartFailure};
use crate::settings::catalogue::{MESSENGER_PORT, MESSENGER_STARTS_WITH_WINDOW};
use crate::settings::{Setting, Value, Values};
use crate::token::TokenType;

/// The port that is tried first when none is remembered.
const FIRST_PORT: u16 = 47_900;
/// How many ports from there on are tried before any other one is taken.
const NEAR: u16 = 10;
/// Between two events that tell of calls.
const EVENT_PAUSE: Duration = Duration::from_millis(100);

/// Where the running Messenger sits.
#[derive(Default)]
pub(super) struct MessengerSeat {
    running: Mutex<Option<Messenger>>,
    /// The workspace was locked or closed: it does not start any more, whoever is just about to.
    over: AtomicBool,
    starting: tokio::sync::Mutex<()>,
    /// Why it could not start with the window.
    problem: Mutex<Option<Problem>>,
}

impl MessengerSeat {
    fn with<T>(&self, act: impl FnOnce(&mut Option<Messenger>) -> T) -> T {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn problem(&self) -> Option<Problem> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_problem(&self, problem: Option<Problem>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    /// Ends it at once and for good: its callers are not waited for, and it keeps the database no longer.
    pub(super) fn drop_running(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.with(Option::take);
    }

    /// Whether there was a place for it.
    fn take_in(&self, messenger: Messenger) -> bool {
        self.with(|running| {
            let open = !self.over.load(Ordering::SeqCst);
            if open {
                *running = Some(messenger);
            }
            open
        })
    }
}

/// The Messenger of a workspace.
pub struct MessengerControl<'a> {
    pub(super) workspace: &'a Workspace,
}

/// The Messenger as its page shows it.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct MessengerStatus {
    /// Whether it listens.
    pub running: bool,
    /// The loopback port it listens on, or will.
    pub port: u16,
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The `app_id` of this workspace.
    pub app_id: String,
    /// The origins whose pages may call.
    pub allowed_origins: Vec<String>,
    /// How callers prove on whose behalf they speak.
    pub identity_verification: IdentityVerification,
    /// Whether there is a secret for that.
    pub has_secret: bool,
    /// Why it could not start with the window.
    pub problem: Option<Problem>,
    /// The newest calls, newest first.
    pub calls: Vec<MessengerCall>,
}

/// What can be set of the Messenger. It counts at once, also while it runs.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct MessengerDraft {
    /// The origins whose pages may call, such as `http://localhost:3000`.
    pub allowed_origins: Vec<String>,
    /// How callers prove on whose behalf they speak.
    pub identity_verification: IdentityVerification,
    /// A new secret; `None` keeps the stored one, empty removes it.
    #[serde(default)]
    pub identity_secret: Option<String>,
}

/// A language of ready-made snippets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum SnippetLanguage {
    /// A page in a browser.
    Javascript,
    /// An app of Apple's systems.
    Swift,
    /// An Android app, or any other program in Kotlin.
    Kotlin,
    /// A command line.
    Curl,
}

/// How another system sets a user token, ready to be pasted.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Snippet {
    /// The language.
    pub language: SnippetLanguage,
    /// What to do with it, in a sentence.
    pub about: String,
    /// The code.
    pub code: String,
}

impl MessengerControl<'_> {
    /// Whether it listens, where, and the latest calls.
    ///
    /// # Errors
    /// When the settings can't be read.
    pub async fn status(&self) -> Result<MessengerStatus, Problem> {
        let seat = &self.workspace.inner.messenger;
        let running = seat.with(|running| running.as_ref().map(|messenger| (messenger.port(), messenger.calls())));
        let reading = self
            .workspace
            .database()
            .read_async(|connection| Ok((messenger_rules::read(connection)?, remembered_port(&Values::read(connection)?))));
        let (rules, remembered) = reading.await?;
        let is_running = running.is_some();
        let (port, calls) = running.unwrap_or_else(|| (remembered.unwrap_or(FIRST_PORT), Vec::new()));
        Ok(MessengerStatus {
            running: is_running,
            port,
            base_url: format!("http://127.0.0.1:{port}"),
            app_id: self.app_id(),
            allowed_origins: rules.allowed_origins,
            identity_verification: rules.verification,
            has_secret: rules.secret.is_some(),
            problem: seat.problem(),
            calls,
        })
    }

    /// Starts it on this port, or on the one it had last; the first time, on any free one near 47900. While it runs, another
    /// port moves it there, which ends the sessions. It starts with the window from now on.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(&self, port: Option<u16>) -> Result<MessengerStatus, Problem> {
        if let Some(port) = self.listen(port).await? {
            self.remember_port(port).await?;
        }
        self.remember(MESSENGER_STARTS_WITH_WINDOW.listed(), Value::Boolean(true)).await?;
        self.workspace.tell(WorkspaceEvent::MessengerChanged);
        self.status().await
    }

    /// The same for a program that serves until it ends: whether it starts with the window stays as it is, and a port that
    /// is named counts this once. The port is remembered when there was none.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn serve(&self, port: Option<u16>) -> Result<MessengerStatus, Problem> {
        if let Some(listening) = self.listen(port).await?
            && port.is_none()
        {
            self.remember_port(listening).await?;
        }
        self.status().await
    }

    /// Each call that is answered from now on, while it runs; at most 256 wait for whoever falls behind.
    ///
    /// # Errors
    /// When it does not run.
    pub fn follow(&self) -> Result<broadcast::Receiver<MessengerCall>, Problem> {
        let running = self.workspace.inner.messenger.with(|running| running.as_ref().map(Messenger::follow));
        running.ok_or_else(|| Problem::new(ProblemCode::Failed, "The Messenger does not run.", "Start it first."))
    }

    /// Stops it; it does not start with the window any more.
    ///
    /// # Errors
    /// When that can't be remembered.
    pub async fn stop(&self) -> Result<MessengerStatus, Problem> {
        self.stop_running().await;
        self.workspace.inner.messenger.set_problem(None);
        self.remember(MESSENGER_STARTS_WITH_WINDOW.listed(), Value::Boolean(false)).await?;
        self.workspace.tell(WorkspaceEvent::MessengerChanged);
        self.status().await
    }

    /// Ends it with the workspace; it starts with the window as before.
    pub(super) async fn end(&self) {
        self.workspace.inner.messenger.over.store(true, Ordering::SeqCst);
        self.stop_running().await;
    }

    async fn stop_running(&self) {
        // Whoever is starting it finishes first, and then it is there to be stopped.
        let _starting = self.workspace.inner.messenger.starting.lock().await;
        let running = self.workspace.inner.messenger.with(Option::take);
        if let Some(messenger) = running {
            messenger.stop().await;
        }
    }

    /// Starts it if the window should. Why it could not is in its status.
    ///
    /// # Errors
    /// When its port is taken.
    pub async fn start_if_wanted(&self) -> Result<(), Problem> {
        if !self.values().await?.is_on(&MESSENGER_STARTS_WITH_WINDOW) {
            return Ok(());
        }
        let started = self.start(None).await;
        if let Err(problem) = &started {
            self.workspace.inner.messenger.set_problem(Some(problem.clone()));
            self.workspace.tell(WorkspaceEvent::MessengerChanged);
        }
        started.map(drop)
    }

    /// Sets who may call and how they prove on whose behalf. It counts with the next call.
    ///
    /// # Errors
    /// The first fault of the draft, with its field.
    pub async fn set_up(&self, draft: MessengerDraft) -> Result<MessengerStatus, Problem> {
        let checked = messenger_rules::check(&draft)?;
        let writing = self.workspace.database().write_async(move |transaction| {
            let secret = match checked.secret {
                SecretChange::Set(secret) => Some(secret),
                SecretChange::Remove => None,
                SecretChange::Keep => messenger_rules::read(transaction)?.secret,
            };
            if checked.verification != IdentityVerification::Off && secret.is_none() {
                return Ok(false);
            }
            let rules = Rules { allowed_origins: checked.allowed_origins, verification: checked.verification, secret };
            messenger_rules::write(transaction, &rules)?;
            Ok(true)
        });
        if !writing.await? {
            return Err(messenger_rules::secret_is_missing());
        }
        self.workspace.tell(WorkspaceEvent::MessengerChanged);
        self.status().await
    }

    /// Makes a new secret of 256 random bits for identity verification. It is shown when it is asked for, as every secret.
    ///
    /// # Errors
    /// When the operating system gives no random bytes, or the database can't be written.
    pub async fn make_secret(&self) -> Result<MessengerStatus, Problem> {
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits)
            .map_err(|_| Problem::new(ProblemCode::Failed, "The operating system gave no random bytes.", "Try again."))?;
        let digits = bits.iter().fold(String::with_capacity(64), |digits, byte| digits + &format!("{byte:02x}"));
        let secret = SecretString::from(digits);
        let writing = self.workspace.database().write_async(move |transaction| {
            let rules = Rules { secret: Some(secret), ..messenger_rules::read(transaction)? };
            messenger_rules::write(transaction, &rules)
        });
        writing.await?;
        self.workspace.tell(WorkspaceEvent::MessengerChanged);
        self.status().await
    }

    /// The secret of identity verification.
    pub(super) async fn secret(&self) -> Result<SecretString, Problem> {
        let rules = self.workspace.database().read_async(messenger_rules::read).await?;
        rules.secret.ok_or_else(|| {
            Problem::new(ProblemCode::NotFound, "Identity verification has no secret yet.", "Set one on the Messenger page.")
        })
    }

    /// How other systems set this user token.
    ///
    /// # Errors
    /// When there is no such token, or it is of another type.
    pub async fn snippets(&self, token_id: &str) -> Result<Vec<Snippet>, Problem> {
        let token = self.workspace.tokens().token(token_id).await?;
        if token.token_type() != TokenType::User {
            let message = format!("{} is no token of type User.", token.name);
            return Err(Problem::invalid("token_id", message, "Other systems set only those: choose one."));
        }
        let status = self.status().await?;
        Ok(snippets(&Filled {
            base_url: &status.base_url,
            app_id: &status.app_id,
            token: &token.name,
            verification: status.identity_verification,
            origin: status.allowed_origins.first().map(String::as_str),
        }))
    }

    /// The last 12 hexadecimal digits of the workspace's id, which never changes.
    fn app_id(&self) -> String {
        let digits: String = self.workspace.inner.workspace_id.chars().filter(char::is_ascii_hexdigit).collect();
        digits[digits.len().saturating_sub(12)..].to_ascii_lowercase()
    }

    /// Starts it unless it runs there, moves it if it runs on another port, and gives the port that it got.
    async fn listen(&self, port: Option<u16>) -> Result<Option<u16>, Problem> {
        let seat = &self.workspace.inner.messenger;
        let _starting = seat.starting.lock().await;
        let present = seat.with(|running| running.as_ref().map(Messenger::port));
        if present.is_some() && (port.is_none() || port == present) {
            return Ok(None);
        }
        let messenger = match port.or(remembered_port(&self.values().await?)) {
            Some(port) => self.on_port(port).await,
            None => self.near_the_first_port().await,
        };
        let messenger = messenger.map_err(|failure| Problem::invalid("port", failure.to_string(), failure.next_step()))?;
        let (port, changes, events) = (messenger.port(), messenger.subscribe(), self.workspace.inner.events.clone());
        tokio::spawn(tell_of_calls(changes, events));
        // Only now that the other port is taken, so that a failure leaves it where it was.
        if let Some(before) = seat.with(Option::take) {
            before.stop().await;
        }
        if !seat.take_in(messenger) {
            return Err(Problem::interrupted());
        }
        seat.set_problem(None);
        Ok(Some(port))
    }

    async fn on_port(&self, port: u16) -> Result<Messenger, StartFailure> {
        let inner = &self.workspace.inner;
        let means = Means {
            database: Arc::clone(&inner.database),
            clock: Arc::clone(&inner.means.clock),
            app_id: self.app_id(),
            rules: messenger_rules::read,
        };
        Messenger::start(means, port).await
    }

    async fn near_the_first_port(&self) -> Result<Messenger, StartFailure> {
        for port in FIRST_PORT..FIRST_PORT + NEAR {
            if let Ok(messenger) = self.on_port(port).await {
                return Ok(messenger);
            }
        }
        self.on_port(0).await
    }

    async fn values(&self) -> Result<Values, Problem> {
        Ok(self.workspace.database().read_async(Values::read).await?)
    }

    async fn remember_port(&self, port: u16) -> Result<(), Problem> {
        self.remember(MESSENGER_PORT.listed(), Value::Integer(port.into())).await
    }

    async fn remember(&self, setting: Setting, value: Value) -> Result<(), Problem> {
        Ok(self.workspace.database().write_async(move |transaction| setting.put(transaction, &value)).await?)
    }
}

/// The port that it had last; `None` before its first start.
fn remembered_port(values: &Values) -> Option<u16> {
    values.integer(&MESSENGER_PORT).and_then(|port| u16::try_from(port).ok())
}

/// Tells of calls, at most ten times a second, until the Messenger is stopped.
async fn tell_of_calls(mut changes: tokio::sync::watch::Receiver<u64>, events: broadcast::Sender<WorkspaceEvent>) {
    while changes.changed().await.is_ok() {
        // Nobody may be listening, and that is fine.
        let _ = events.send(WorkspaceEvent::MessengerChanged);
        tokio::time::sleep(EVENT_PAUSE).await;
    }
}
