//! The newest calls, for the people who look at them arrive. No value of a token is among them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, watch};

use super::{MaskedToken, MessengerCall};
use crate::clock::{Clock, to_rfc3339};
use crate::token::mask_value;

/// How many calls are remembered.
const REMEMBERED: usize = 100;
/// How many calls somebody who follows them may fall behind.
const BEHIND: usize = 256;
/// The longest origin, path or name that is shown, in characters.
const LONGEST_SHOWN: usize = 100;
/// What is noted of a call whose caller hung up before the answer; nginx uses the same number.
const CALLER_LEFT: u16 = 499;

pub(super) struct Calls {
    newest: Mutex<VecDeque<MessengerCall>>,
    changes: watch::Sender<u64>,
    followers: broadcast::Sender<MessengerCall>,
}

impl Calls {
    pub(super) fn new() -> Arc<Self> {
        let (followers, _) = broadcast::channel(BEHIND);
        Arc::new(Self { newest: Mutex::default(), changes: watch::Sender::new(0), followers })
    }

    /// Newest first.
    pub(super) fn newest(&self) -> Vec<MessengerCall> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn follow(&self) -> broadcast::Receiver<MessengerCall> {
        self.followers.subscribe()
    }

    fn add(&self, call: MessengerCall) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.truncate(REMEMBERED - 1);
        newest.push_front(call.clone());
        drop(newest);
        // Nobody may be following, and that is fine.
        let _ = self.followers.send(call);
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// A call that is being answered. It is noted when it is, and also when it is dropped without an answer, because its
/// caller hung up.
pub(super) struct Heard {
    calls: Arc<Calls>,
    call: Option<MessengerCall>,
}

impl Heard {
    pub(super) fn begin(calls: Arc<Calls>, clock: &dyn Clock, call: &str) -> Self {
        let call = MessengerCall {
            at: to_rfc3339(clock.now()),
            call: shown(call),
            origin: None,
            user_id: None,
            tokens: Vec::new(),
            refused: Vec::new(),
            http_status: CALLER_LEFT,
            sentence: "The caller hung up before the answer.".to_owned(),
        };
        Self { calls, call: Some(call) }
    }

    fn learn(&mut self, learn: impl FnOnce(&mut MessengerCall)) {
        if let Some(call) = &mut self.call {
            learn(call);
        }
    }

    /// It is called otherwise by the SDK that calls.
    pub(super) fn named(&mut self, name: &str) {
        self.learn(|call| name.clone_into(&mut call.call));
    }

    pub(super) fn came_from(&mut self, origin: Option<&str>) {
        self.learn(|call| call.origin = origin.map(shown));
    }

    pub(super) fn on_behalf_of(&mut self, user_id: &str) {
        self.learn(|call| call.user_id = Some(user_id.to_owned()));
    }

    pub(super) fn tokens(&mut self, stored: Vec<MaskedToken>, refused: &[String]) {
        self.learn(|call| {
            call.tokens = stored;
            call.refused = refused.iter().map(|name| shown_name(name)).collect();
        });
    }

    pub(super) fn answered(mut self, http_status: u16, sentence: &str) {
        self.learn(|call| {
            call.http_status = http_status;
            sentence.clone_into(&mut call.sentence);
        });
    }

    /// What nobody has to see, such as a preflight that was granted.
    pub(super) fn unremarkable(mut self) {
        self.call = None;
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            self.calls.add(call);
        }
    }
}

fn shown(text: &str) -> String {
    if text.chars().count() <= LONGEST_SHOWN {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST_SHOWN).collect();
    format!("{start}…")
}

/// A name as people see it. One that is as long as tokens are may be a value that stands where a name belongs.
pub(super) fn shown_name(name: &str) -> String {
    const LONGEST: usize = 64;
    if name.chars().count() <= LONGEST { name.to_owned() } else { mask_value(name) }
}
