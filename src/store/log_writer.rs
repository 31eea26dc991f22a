//! The connection that changes the log in the background: its index, and what is deleted from it. It is made when it is
//! first needed, which a program that only looks something up never does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use super::connection::{BUSY_LIMIT, Opener, Purpose, begin_reading, begin_writing, patiently};
use super::failure::StoreFailure;
use super::turn::Turn;

/// Writes to the log when nobody else wants to write.
pub(super) struct LogWriter {
    opener: Arc<Opener>,
    turn: Arc<Turn>,
    connection: Mutex<Option<Connection>>,
}

impl LogWriter {
    pub fn new(opener: Arc<Opener>, turn: Arc<Turn>) -> Self {
        Self { opener, turn, connection: Mutex::new(None) }
    }

    /// Lets `act` read one state of the database.
    pub fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        let mut kept = self.kept();
        let transaction = begin_reading(self.connection(&mut kept)?)?;
        act(&transaction)
    }

    /// Lets `act` write in one transaction.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        let mut kept = self.kept();
        let connection = self.connection(&mut kept)?;
        let _turn = self.turn.take_patiently();
        let transaction = begin_writing(connection)?;
        let outcome = act(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// Moves the write-ahead log into the file, and cuts it if nobody reads or writes at that moment. Only the cut takes the
    /// turn, and finds little left to move.
    pub fn cut(&self) -> Result<(), StoreFailure> {
        let mut kept = self.kept();
        let connection = self.connection(&mut kept)?;
        checkpoint(connection, "PASSIVE")?;
        let _turn = self.turn.take_patiently();
        // Whoever is in the way is not waited for: the next time comes.
        connection.busy_timeout(Duration::ZERO)?;
        let cut = checkpoint(connection, "TRUNCATE");
        connection.busy_timeout(BUSY_LIMIT)?;
        cut
    }

    fn kept(&self) -> MutexGuard<'_, Option<Connection>> {
        // A thread that panicked while it wrote has rolled its transaction back; the connection is as good as before.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection<'a>(&self, kept: &'a mut Option<Connection>) -> Result<&'a Connection, StoreFailure> {
        match kept {
            Some(connection) => Ok(connection),
            none => Ok(none.insert(self.opener.connect(Purpose::Record)?)),
        }
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<(), StoreFailure> {
    // It says how far it came, and whether somebody was in the way, which is no failure.
    patiently(|| connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())))
}
