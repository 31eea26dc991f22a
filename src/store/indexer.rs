//! The thread that brings what is recorded into the index, in transactions of some milliseconds each, and only when nobody
//! else wants to write. How far it is stands in the database: it may be killed at any moment, and several processes may
//! each have one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::execution_index::{self, TextOf};
use super::failure::StoreFailure;
use super::log_writer::LogWriter;

/// Between two looks at what other processes recorded.
const PAUSE: Duration = Duration::from_secs(1);
/// What is recorded within this time comes in together.
const GATHER: Duration = Duration::from_millis(200);

/// The indexing thread; it ends, after the step it is at, when this is dropped.
pub(super) struct Indexer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

#[derive(Default)]
struct Wishes {
    end: bool,
    /// Something was recorded.
    news: bool,
    /// How often somebody asked that all be in the index soon, and which of these wishes has been met.
    asked: u64,
    met: u64,
}

impl Indexer {
    pub fn start(log: Arc<LogWriter>, text_of: TextOf) -> Result<Self, StoreFailure> {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::Builder::new()
            .name("indexer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.follow(&log, text_of)
            })
            .map_err(|error| StoreFailure::Other(error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Tells that something was recorded.
    pub fn wake(&self) {
        let mut wishes = self.shared.lock();
        if !wishes.news {
            wishes.news = true;
            self.shared.changed.notify_all();
        }
    }

    /// Waits until everything that is recorded by now is in the index; says whether it is, within the limit.
    pub fn caught_up(&self, limit: Duration) -> bool {
        let mut wishes = self.shared.lock();
        wishes.asked += 1;
        let mine = wishes.asked;
        self.shared.changed.notify_all();
        let waits = |wishes: &mut Wishes| wishes.met < mine && !wishes.end;
        let (wishes, _) = self.shared.changed.wait_timeout_while(wishes, limit, waits).unwrap_or_else(PoisonError::into_inner);
        wishes.met >= mine
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.shared.lock().end = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // One that panicked has rolled its step back; whoever opens the database next goes on.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(&self, log: &LogWriter, text_of: TextOf) {
        loop {
            let idle = |wishes: &mut Wishes| !wishes.end && !wishes.news && wishes.met == wishes.asked;
            let (wishes, _) = self.changed.wait_timeout_while(self.lock(), PAUSE, idle).unwrap_or_else(PoisonError::into_inner);
            let gathers = |wishes: &mut Wishes| !wishes.end && wishes.met == wishes.asked;
            let gather = if wishes.news { GATHER } else { Duration::ZERO };
            let (mut wishes, _) =
                self.changed.wait_timeout_while(wishes, gather, gathers).unwrap_or_else(PoisonError::into_inner);
            if wishes.end {
                return;
            }
            wishes.news = false;
            let asked = wishes.asked;
            drop(wishes);
            match self.bring_in(log, text_of) {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => {
                    tracing::warn!(%failure, "the log's index was not brought up to date this time");
                }
            }
            let mut wishes = self.lock();
            wishes.met = wishes.met.max(asked);
            self.changed.notify_all();
        }
    }

    /// Steps until all is in and tidy, or something new asks for the next round; `false` when the thread is to end.
    fn bring_in(&self, log: &LogWriter, text_of: TextOf) -> Result<bool, StoreFailure> {
        let mut turns = Turns::default();
        loop {
            let began = Instant::now();
            let goes_on = turns.step(log, text_of)?;
            // As long as a step took, others have the processor and the file for themselves, unless somebody waits.
            let calm = |wishes: &mut Wishes| !wishes.end && wishes.met == wishes.asked;
            let pause = if goes_on { began.elapsed() } else { Duration::ZERO };
            let (wishes, _) = self.changed.wait_timeout_while(self.lock(), pause, calm).unwrap_or_else(PoisonError::into_inner);
            if wishes.end {
                return Ok(false);
            }
            // Whoever waits does so for the words, not for the tidying.
            if !goes_on || (turns.all_in && (wishes.news || wishes.met != wishes.asked)) {
                return Ok(true);
            }
        }
    }
}

/// Which of its works the index is at.
#[derive(Default)]
pub(super) struct Turns {
    /// Whether everything was in when it was last looked.
    all_in: bool,
    /// Whether the next step is one of merging and clearing away.
    tidies: bool,
}

impl Turns {
    /// One small step; says whether there may be another to do.
    pub fn step(&mut self, log: &LogWriter, text_of: TextOf) -> Result<bool, StoreFailure> {
        // Between two steps of bringing words in, one of merging, so that what a search has to look into stays small.
        if std::mem::take(&mut self.tidies) {
            let more = log.write(|transaction| execution_index::tidy(transaction))?;
            self.tidies = self.all_in && more;
            return Ok(more || !self.all_in);
        }
        if log.read(execution_index::has_no_facets)? {
            log.write(|transaction| execution_index::add_facets(transaction))?;
            self.all_in = false;
            return Ok(true);
        }
        let texts = log.read(|connection| execution_index::next_texts(connection, text_of))?;
        self.all_in = texts.is_none();
        if let Some(texts) = texts {
            log.write(|transaction| execution_index::add_words(transaction, texts))?;
            self.tidies = true;
            return Ok(true);
        }
        self.tidies = log.read(execution_index::wants_tidying)?;
        Ok(self.tidies)
    }
}
