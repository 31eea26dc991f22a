//! Flights: one refresh in progress per token, which every run that needs it joins (E6).
//!
//! A flight is a task of its own, so a caller that goes away does not cancel it for the others. All who joined get its
//! outcome, failure included. Within this process runs join on the board; across processes a flight's attempt waits for
//! the token's lock and finds the other's outcome in the database (`attempt.rs`). A run whose request was already under
//! way when a flight failed counts as one that waited for it: its ticket says so.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;

use super::attempt::{Attempt, Waits, fly};
use super::lock::FlightLocks;
use super::login::LoginFailure;
use super::standing::Ticket;
use super::under_way::UnderWay;
use crate::clock::Clock;
use crate::http::{Client, Exchange, LiveLimits};
use crate::store::{Database, StoreFailure, tokens};
use crate::token::TokenId;

/// What a flight brought.
#[derive(Debug)]
pub struct Landing {
    /// Names the attempt, which may be another process's.
    pub attempt_id: String,
    /// The generation that was stored when the flight began.
    pub generation_before: u32,
    /// The value that is stored now, or why there is none.
    pub result: Result<Renewed, LoginFailure>,
    /// What went over the wire, redacted; `None` when nothing had to be sent.
    pub exchange: Option<Exchange>,
    /// Whether another process's outcome was taken, and nothing sent.
    pub anothers: bool,
    /// From the flight's start to its end.
    pub duration: Duration,
    failure: Option<i64>,
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
    /// A value's life was about to end, and the token is set to be refreshed before that (E4).
    ExpiresSoon,
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
    locks: FlightLocks,
    under_way: UnderWay,
    board: Mutex<Board>,
}

/// The flights that are under way.
type Board = HashMap<TokenId, watch::Receiver<Option<Arc<Landing>>>>;

impl Flights {
    /// No flight is under way yet. `folder` is the workspace's: the lock files that all its processes share are in it.
    pub fn new(database: Arc<Database>, client: Client, limits: LiveLimits, clock: Arc<dyn Clock>, folder: &Path) -> Self {
        let (locks, under_way) = (FlightLocks::of(folder), UnderWay::none());
        let shared = Shared { database, client, limits, clock, locks, under_way, board: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Joins the flight of a token, or begins one. `sent_generation` is the generation that was refused, or
    /// the one that has no value; when something newer is stored by then, that is the outcome and nothing is sent.
    /// `since` was read with that generation: a login that failed after it, in whatever process, is the outcome too.
    /// The second part says whether the outcome is another's.
    ///
    /// A flight that set out to replace an older generation than the one that was sent, or that came to a failure from
    /// before the ticket, is none of this caller's: it is waited for, and if it brought nothing newer, the next one is
    /// taken.
    pub async fn renew(&self, token_id: &TokenId, sent_generation: u32, since: Ticket, reason: Reason) -> (Arc<Landing>, bool) {
        loop {
            let (landing, joined) = self.board_once(token_id, sent_generation, since, reason).await;
            if !joined || landing.is_for(sent_generation, since) {
                let anothers = joined || landing.anothers;
                return (landing, anothers);
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
            self.shared.board(|board| self.join_or_begin(board, token_id, sent_generation, since, reason));
        let landing = receiver.wait_for(Option::is_some).await.ok().and_then(|landing| landing.clone());
        (landing.unwrap_or_else(|| Arc::new(lost(sent_generation))), joined)
    }

    fn join_or_begin(
        &self,
        board: &mut Board,
        token_id: &TokenId,
        sent_generation: u32,
        since: Ticket,
        reason: Reason,
    ) -> (watch::Receiver<Option<Arc<Landing>>>, bool) {
        if let Some(receiver) = board.get(token_id) {
            return (receiver.clone(), true);
        }
        let (sender, receiver) = watch::channel(None);
        board.insert(token_id.clone(), receiver.clone());
        let shared = &self.shared;
        let limits = shared.limits.authentication();
        let attempt = Attempt {
            id: uuid::Uuid::now_v7().to_string(),
            database: Arc::clone(&shared.database),
            client: shared.client.clone(),
            limits,
            locks: shared.locks.clone(),
            under_way: shared.under_way.clone(),
            waits: Waits::of(&limits),
            clock: Arc::clone(&shared.clock),
            token_id: token_id.clone(),
            sent_generation,
            since,
            reason,
        };
        let flight = Flight { shared: Arc::clone(shared), token_id: token_id.clone(), sender, ended: false };
        tokio::spawn(flight.carry_out(attempt));
        (receiver, false)
    }

    /// Whether a login is under way: asked by this process, its outcome not committed yet.
    pub fn login_under_way(&self) -> bool {
        self.shared.under_way.any()
    }

    /// Waits until the logins that are under way have landed, so that a program which ends loses no answer. It takes
    /// no longer than an attempt may.
    pub async fn landed(&self) {
        let longest = Waits::of(&self.shared.limits.authentication()).other;
        // What takes longer is lost either way.
        let _ = tokio::time::timeout(longest, self.shared.under_way.ended()).await;
    }

    /// Removes the lock files of tokens that are gone.
    ///
    /// # Errors
    /// When the tokens can't be read.
    pub async fn sweep_locks(&self) -> Result<(), StoreFailure> {
        let locks = self.shared.locks.clone();
        // Listed first: a token that is made later has no file in this list.
        let listed = tokio::task::spawn_blocking(move || locks.tokens()).await.unwrap_or_default();
        let there = self.shared.database.read_async(tokens::list).await?;
        let there: HashSet<_> = there.into_iter().map(|row| TokenId(row.id)).collect();
        for gone in listed.difference(&there) {
            self.shared.locks.remove(gone).await;
        }
        Ok(())
    }
}

impl Landing {
    /// Whether it is the outcome of a run that sent this generation and took this ticket.
    fn is_for(&self, sent_generation: u32, since: Ticket) -> bool {
        match &self.result {
            Ok(renewed) if renewed.generation > sent_generation => true,
            _ => self.generation_before >= sent_generation && self.failure.is_none_or(|number| since.is_before(number)),
        }
    }
}

impl Shared {
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
    async fn carry_out(mut self, attempt: Attempt) {
        let began = self.shared.clock.monotonic();
        let flown = fly(&attempt).await;
        self.land(Landing {
            attempt_id: flown.attempt_id,
            generation_before: flown.generation_before,
            result: flown.result,
            exchange: flown.exchange,
            anothers: flown.anothers,
            duration: self.shared.clock.monotonic().saturating_sub(began),
            failure: flown.failure,
        });
    }

    fn land(&mut self, landing: Landing) {
        self.ended = true;
        self.shared.board(|board| {
            // Sent before the flight leaves the board: whoever looks sees it flying, or landed.
            self.sender.send_replace(Some(Arc::new(landing)));
            board.remove(&self.token_id);
        });
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.board(|board| board.remove(&self.token_id));
        }
    }
}

fn lost(generation: u32) -> Landing {
    Landing {
        attempt_id: String::new(),
        generation_before: generation,
        result: Err(LoginFailure::Lost),
        exchange: None,
        anothers: false,
        duration: Duration::ZERO,
        failure: None,
    }
}
