//! Flights: one refresh in progress per token, which every run that needs it joins (E6).
//!
//! A flight is a task of its own, so a caller that goes away does not cancel it for the others. All who
//! joined get its outcome, failure included. A run whose request was already under way when a flight
//! failed counts as one that waited for it: it gets that failure instead of asking the login again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;

use super::attempt::{Attempt, fly};
use super::login::LoginFailure;
use crate::clock::Clock;
use crate::http::{Client, Exchange, LiveLimits};
use crate::store::Database;
use crate::token::TokenId;

/// How long an attempt may take beside its request, to read and to store, before others stop waiting for it.
const ATTEMPT_MARGIN: Duration = Duration::from_secs(10);

/// The order in which runs began to need a token and flights ended, within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What a flight brought.
#[derive(Debug)]
pub struct Landing {
    /// Names the attempt.
    pub attempt_id: String,
    /// The generation that was stored when the flight began.
    pub generation_before: u32,
    /// The value that is stored now, or why there is none.
    pub result: Result<Renewed, LoginFailure>,
    /// What went over the wire, redacted; `None` when nothing had to be sent.
    pub exchange: Option<Exchange>,
    /// From the flight's start to its end.
    pub duration: Duration,
}

/// A token value with its generation.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The value.
    pub value: SecretString,
    /// Its generation.
    pub generation: u32,
}

/// Why a token is renewed; recorded with its value (T9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A run had no value (E3).
    Missing,
    /// A run met a 401 (E4).
    Refused,
    /// *Refresh now*.
    ByHand,
}

/// The flights of one workspace in this process.
#[derive(Clone)]
pub struct Flights {
    shared: Arc<Shared>,
}

struct Shared {
    database: Arc<Database>,
    client: Client,
    limits: LiveLimits,
    clock: Arc<dyn Clock>,
    ticket: AtomicU64,
    board: Mutex<Board>,
}

#[derive(Default)]
struct Board {
    flying: HashMap<TokenId, watch::Receiver<Option<Arc<Landing>>>>,
    failed: HashMap<TokenId, (Ticket, Arc<Landing>)>,
}

impl Flights {
    /// No flight is under way yet.
    pub fn new(database: Arc<Database>, client: Client, limits: LiveLimits, clock: Arc<dyn Clock>) -> Self {
        let shared = Shared { database, client, limits, clock, ticket: AtomicU64::new(1), board: Mutex::new(Board::default()) };
        Self { shared: Arc::new(shared) }
    }

    /// Taken by a run just before it sends, or before it asks for a missing value.
    pub fn ticket(&self) -> Ticket {
        self.shared.next_ticket()
    }

    /// Joins the flight of a token, or begins one. `sent_generation` is the generation that was refused, or
    /// the one that has no value; when something newer is stored by then, that is the outcome and nothing is sent.
    /// The second part says whether the flight was another's.
    ///
    /// A flight that set out to replace an older generation than the one that was sent is none of this caller's: it is
    /// waited for, and if it brought nothing newer, the next one is taken.
    pub async fn renew(&self, token_id: &TokenId, sent_generation: u32, since: Ticket, reason: Reason) -> (Arc<Landing>, bool) {
        loop {
            let (landing, joined) = self.board_once(token_id, sent_generation, since, reason).await;
            let brought_newer = matches!(&landing.result, Ok(renewed) if renewed.generation > sent_generation);
            if brought_newer || !joined || landing.generation_before >= sent_generation {
                return (landing, joined);
            }
        }
    }

    async fn board_once(
        &self,
        token_id: &TokenId,
        sent_generation: u32,
        since: Ticket,
        reason: Reason,
    ) -> (Arc<Landing>, bool) {
        let (mut receiver, joined) =
            match self.shared.board(|board| self.join_or_begin(board, token_id, sent_generation, since, reason)) {
                Boarding::Landed(landing) => return (landing, true),
                Boarding::Flying(receiver) => (receiver, true),
                Boarding::Begun(receiver) => (receiver, false),
            };
        let landing = receiver.wait_for(Option::is_some).await.ok().and_then(|landing| landing.clone());
        (landing.unwrap_or_else(|| Arc::new(lost(sent_generation))), joined)
    }

    /// Forgets the last failure of a token: its settings or its value were changed, so the next run asks afresh.
    pub fn forget_failure(&self, token_id: &TokenId) {
        self.shared.board(|board| board.failed.remove(token_id));
    }

    fn join_or_begin(
        &self,
        board: &mut Board,
        token_id: &TokenId,
        sent_generation: u32,
        since: Ticket,
        reason: Reason,
    ) -> Boarding {
        if let Some(receiver) = board.flying.get(token_id) {
            return Boarding::Flying(receiver.clone());
        }
        if let Some((ended, landing)) = board.failed.get(token_id)
            && since < *ended
            && landing.generation_before == sent_generation
        {
            return Boarding::Landed(Arc::clone(landing));
        }
        let (sender, receiver) = watch::channel(None);
        board.flying.insert(token_id.clone(), receiver.clone());
        let flight = Flight { shared: Arc::clone(&self.shared), token_id: token_id.clone(), sender, ended: false };
        tokio::spawn(flight.carry_out(sent_generation, reason));
        Boarding::Begun(receiver)
    }
}

enum Boarding {
    Landed(Arc<Landing>),
    Flying(watch::Receiver<Option<Arc<Landing>>>),
    Begun(watch::Receiver<Option<Arc<Landing>>>),
}

impl Shared {
    fn next_ticket(&self) -> Ticket {
        Ticket(self.ticket.fetch_add(1, Ordering::SeqCst))
    }

    fn board<T>(&self, act: impl FnOnce(&mut Board) -> T) -> T {
        // A poisoned board still holds a true picture: every change of it is a single insert or remove.
        act(&mut self.board.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One flight under way. Whatever ends it, even a panic, takes it off the board, so that no run waits for ever.
struct Flight {
    shared: Arc<Shared>,
    token_id: TokenId,
    sender: watch::Sender<Option<Arc<Landing>>>,
    ended: bool,
}

impl Flight {
    async fn carry_out(mut self, sent_generation: u32, reason: Reason) {
        let began = self.shared.clock.monotonic();
        let limits = self.shared.limits.authentication();
        let attempt = Attempt {
            id: uuid::Uuid::now_v7().to_string(),
            database: Arc::clone(&self.shared.database),
            client: self.shared.client.clone(),
            limits,
            now: self.shared.clock.now(),
            token_id: self.token_id.clone(),
            sent_generation,
            reason,
        };
        let attempt_id = attempt.id.clone();
        let flown = tokio::time::timeout(limits.total_timeout + ATTEMPT_MARGIN, fly(attempt)).await;
        let duration = self.shared.clock.monotonic().saturating_sub(began);
        let landing = match flown {
            Ok(flown) => Landing {
                attempt_id,
                generation_before: flown.generation_before,
                result: flown.result,
                exchange: flown.exchange,
                duration,
            },
            Err(_) => Landing { duration, ..lost(sent_generation) },
        };
        self.land(Arc::new(landing));
    }

    fn land(&mut self, landing: Arc<Landing>) {
        self.ended = true;
        self.shared.board(|board| {
            if landing.result.is_err() {
                board.failed.insert(self.token_id.clone(), (self.shared.next_ticket(), Arc::clone(&landing)));
            } else {
                board.failed.remove(&self.token_id);
            }
            // Sent before the flight leaves the board: whoever looks sees it flying, or landed.
            self.sender.send_replace(Some(landing));
            board.flying.remove(&self.token_id);
        });
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.board(|board| board.flying.remove(&self.token_id));
        }
    }
}

fn lost(generation: u32) -> Landing {
    Landing {
        attempt_id: String::new(),
        generation_before: generation,
        result: Err(LoginFailure::Lost),
        exchange: None,
        duration: Duration::ZERO,
    }
}
