//! The connections that read: a few, opened when first needed and lent to one reader at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::connection::{Opener, Purpose};
use super::failure::StoreFailure;

/// Most readers at once; a further one waits. With encryption a reader is bound by the processor, not by the disk.
const MOST: usize = 4;

/// The connections that read.
#[derive(Default)]
pub(super) struct Readers {
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    lent: usize,
}

/// A place among the readers; given back when dropped, even after a panic.
struct Place<'a>(&'a Readers);

impl Readers {
    /// Lends a connection to `act`.
    pub fn lend<T>(
        &self,
        opener: &Opener,
        act: impl FnOnce(&Connection) -> Result<T, StoreFailure>,
    ) -> Result<T, StoreFailure> {
        let pool = self.lock();
        let mut pool = self.returned.wait_while(pool, |pool| pool.lent >= MOST).unwrap_or_else(PoisonError::into_inner);
        pool.lent += 1;
        let idle = pool.idle.pop();
        drop(pool);
        let _place = Place(self);

        let connection = match idle {
            Some(connection) => connection,
            None => open(opener)?,
        };
        let outcome = act(&connection);
        // A connection that is left inside a transaction would show an old state for ever: it is closed instead.
        if connection.is_autocommit() {
            self.lock().idle.push(connection);
        }
        outcome
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().lent -= 1;
        self.0.returned.notify_one();
    }
}

fn open(opener: &Opener) -> Result<Connection, StoreFailure> {
    let connection = opener.connect(Purpose::Read)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    Ok(connection)
}
