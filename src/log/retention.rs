//! How long executions are kept: what is older than so many days, or makes the database larger than so many MiB, is
//! deleted from the oldest on, and its space is given back to the file system.
//!
//! Everything is done in small steps between which others write, and whatever was done stays done: it may be interrupted
//! at any moment, and several programs may do the same at once.

use std::ops::ControlFlow;
use std::time::Duration;

use super::trust::Trust;
use crate::clock::{Clock, to_millis};
use crate::store::executions::{self, ExecutionQuery};
use crate::store::log_buckets::{self, Resolution, Whose};
use crate::store::{Database, StoreFailure, log_trust, oldest_records, records_bytes, space};

const MIB: u64 = 1024 * 1024;
const DAY_SECONDS: i64 = 86_400;
/// For so long minutes are counted beside hours.
const MINUTES_FOR_SECONDS: i64 = 3 * DAY_SECONDS;
/// A step may take so long, after which everybody else may write.
const STEP_GOAL: Duration = Duration::from_millis(20);
/// The most executions of a step.
const MOST_ROWS: usize = 256;
/// The most executions of an hour that are looked at at once.
const MOST_FOUND: usize = 4096;
/// The most bytes of records of a step, unless one execution alone has more.
const STEP_BYTES: u64 = 2 * MIB;
/// The most pages that one step gives back.
const STEP_PAGES: u64 = 64;
/// Pages that stay free for what is recorded next.
const SPARE_PAGES: u64 = 256;
/// Rows of minutes that one step forgets.
const STEP_MINUTES: u32 = 500;

/// How long executions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// After so many days they are deleted.
    pub days: u32,
    /// The database may hold so many MiB before the oldest are.
    pub mib: u32,
}

impl LogLimits {
    /// The most bytes that the database may hold.
    pub fn bytes(self) -> u64 {
        u64::from(self.mib) * MIB
    }

    /// Down to so many bytes the oldest are deleted once it holds more than it may.
    fn bytes_left(self) -> u64 {
        self.bytes() / 100 * 95
    }
}

/// What a while of keeping came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Executions that were deleted.
    pub deleted: usize,
    /// Whether there is more to do.
    pub more: bool,
}

/// Keeps a log within its limits. To be kept as well, from one while to the next.
#[derive(Debug)]
pub struct Keeper {
    step: Step,
    /// More than the limit was used, and it is not yet as much less as it is to become.
    shrinks: bool,
    /// Something was deleted or given back since the file was last made as small as its pages.
    unsettled: bool,
    /// Free pages stay in the file, as in one that was made by something else.
    keeps_pages: bool,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { step: Step { rows: 32 }, shrinks: false, unsettled: false, keeps_pages: false }
    }
}

impl Keeper {
    /// Keeps for a while, about `limit` long; blocks. `stops` ends it after the step that it is at.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub fn keep(
        &mut self,
        database: &Database,
        clock: &dyn Clock,
        limits: LogLimits,
        limit: Duration,
        stops: &dyn Fn() -> bool,
    ) -> Result<Kept, StoreFailure> {
        let began = clock.monotonic();
        let mut kept = Kept::default();
        let mut doomed = Vec::new();
        loop {
            if stops() || clock.monotonic().saturating_sub(began) >= limit {
                kept.more = self.unsettled || !doomed.is_empty() || self.find(database, clock, limits)?.is_some();
                return Ok(kept);
            }
            if doomed.is_empty() {
                match self.find(database, clock, limits)? {
                    Some(Work::Delete(found)) => doomed = found,
                    Some(other) => {
                        self.carry_out(&other, database)?;
                        self.unsettled = true;
                        continue;
                    }
                    None => break,
                }
            }
            let step = doomed.drain(..self.step.length(&doomed)).map(|(seq, _)| seq).collect::<Vec<_>>();
            let from = clock.monotonic();
            kept.deleted += database.delete_executions(&step)?;
            let took = clock.monotonic().saturating_sub(from);
            self.step = self.step.after(took);
            self.unsettled = true;
            // For as long others have the file, and the processor, for themselves.
            std::thread::sleep(took);
        }
        if std::mem::take(&mut self.unsettled) {
            database.cut_log()?;
        }
        Ok(kept)
    }

    /// What is to be done next.
    fn find(&mut self, database: &Database, clock: &dyn Clock, limits: LogLimits) -> Result<Option<Work>, StoreFailure> {
        let now_ms = to_millis(clock.now());
        let looked = database.read(|connection| {
            let oldest_hour = log_buckets::oldest(connection, Resolution::Hour, Whose::Everybodys)?;
            let oldest_minute = log_buckets::oldest(connection, Resolution::Minute, Whose::Everybodys)?;
            Ok((space(connection)?, oldest_hour, oldest_minute, log_trust::get(connection)?, newest_ms(connection)?))
        });
        let (space, oldest_hour, oldest_minute, noted, newest_ms) = looked?;
        if let Some(hour) = oldest_hour {
            let trust = Trust::look(noted, newest_ms, now_ms);
            if let Some(note) = trust.note {
                database.trust(note)?;
            }
            let cutoff = trust.now_ms.div_euclid(1000) - i64::from(limits.days) * DAY_SECONDS;
            if hour + Resolution::Hour.seconds() <= cutoff {
                return hour_to_delete(database, hour).map(Some);
            }
        }
        self.shrinks = space.used_bytes() > if self.shrinks { limits.bytes_left() } else { limits.bytes() };
        if self.shrinks {
            let oldest = database.read(|connection| oldest_records(connection, MOST_ROWS))?;
            if !oldest.is_empty() {
                return Ok(Some(Work::Delete(oldest)));
            }
        }
        let minutes_from = now_ms.div_euclid(1000) - MINUTES_FOR_SECONDS;
        // An hour at a time, so that it is not worth a look each minute.
        if oldest_minute.is_some_and(|minute| minute < minutes_from - Resolution::Hour.seconds()) {
            return Ok(Some(Work::ForgetMinutes(minutes_from)));
        }
        let too_many = space.free_pages.saturating_sub(SPARE_PAGES);
        Ok((too_many > 0 && self.may_give_back(too_many)).then_some(Work::GiveBack(too_many.min(STEP_PAGES))))
    }

    /// Giving back is worth its moving of pages only when it goes on from something that was deleted, or is much.
    fn may_give_back(&self, pages: u64) -> bool {
        !self.keeps_pages && (self.unsettled || pages >= SPARE_PAGES)
    }

    fn carry_out(&mut self, work: &Work, database: &Database) -> Result<(), StoreFailure> {
        match work {
            Work::Delete(_) => Ok(()),
            Work::ForgetHour(start) => database.forget_hour(*start),
            Work::ForgetMinutes(before) => database.forget_minutes_before(*before, STEP_MINUTES).map(drop),
            Work::GiveBack(pages) => {
                self.keeps_pages = database.give_back(*pages)? == 0;
                Ok(())
            }
        }
    }
}

/// What is to be done next.
enum Work {
    /// These executions, with the bytes of their records.
    Delete(Vec<(i64, u64)>),
    /// An hour is counted in which no execution is left.
    ForgetHour(i64),
    /// Minutes before this one are counted no longer.
    ForgetMinutes(i64),
    /// So many pages go back to the file system.
    GiveBack(u64),
}

/// The executions of an hour, the oldest first.
fn hour_to_delete(database: &Database, hour: i64) -> Result<Work, StoreFailure> {
    let (since_ms, until_ms) = (Some(hour * 1000), Some((hour + Resolution::Hour.seconds()) * 1000));
    let query = ExecutionQuery { since_ms, until_ms, ..ExecutionQuery::default() };
    let found = database.read(|connection| {
        let mut seqs = Vec::new();
        executions::walk(connection, &query, |some| {
            seqs.extend_from_slice(some);
            ControlFlow::Continue(())
        })?;
        seqs.sort_unstable();
        seqs.truncate(MOST_FOUND);
        records_bytes(connection, &seqs)
    })?;
    Ok(if found.is_empty() { Work::ForgetHour(hour) } else { Work::Delete(found) })
}

fn newest_ms(connection: &rusqlite::Connection) -> Result<Option<i64>, StoreFailure> {
    let newest = ExecutionQuery { limit: 1, ..ExecutionQuery::default() };
    Ok(executions::list(connection, &newest)?.first().map(|row| row.created_at_ms))
}

/// How much one step deletes: as much as the last ones showed to fit into [`STEP_GOAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    rows: usize,
}

impl Step {
    /// How many of these, which come with the bytes of their records: one at least.
    fn length(self, doomed: &[(i64, u64)]) -> usize {
        let mut bytes = 0;
        let fits = doomed.iter().take(self.rows).take_while(|(_, of_record)| {
            bytes += of_record;
            bytes <= STEP_BYTES
        });
        fits.count().max(1).min(doomed.len())
    }

    fn after(self, took: Duration) -> Self {
        let rows = if took > STEP_GOAL {
            self.rows / 2
        } else if took < STEP_GOAL / 2 {
            self.rows * 2
        } else {
            self.rows
        };
        Self { rows: rows.clamp(1, MOST_ROWS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_took_too_long_makes_the_next_one_smaller() {
        let step = Step { rows: 64 };
        assert_eq!(step.after(Duration::from_millis(21)).rows, 32);
        assert_eq!(step.after(Duration::from_millis(15)).rows, 64);
        assert_eq!(step.after(Duration::from_millis(3)).rows, 128);
        assert_eq!(Step { rows: 1 }.after(Duration::from_secs(1)).rows, 1);
        assert_eq!(Step { rows: 200 }.after(Duration::ZERO).rows, MOST_ROWS);
    }

    #[test]
    fn a_step_deletes_few_large_executions_or_many_small_ones_but_always_one() {
        let step = Step { rows: 4 };
        let of = |bytes: &[u64]| step.length(&bytes.iter().map(|bytes| (1, *bytes)).collect::<Vec<_>>());
        assert_eq!(of(&[10; 9]), 4);
        assert_eq!(of(&[MIB, MIB, MIB]), 2);
        assert_eq!(of(&[50 * MIB, 1]), 1);
        assert_eq!(of(&[1, 50 * MIB]), 1);
        assert_eq!(of(&[]), 0);
    }

    #[test]
    fn deletion_by_size_goes_on_to_some_below_the_limit() {
        let limits = LogLimits { days: 30, mib: 1_048_576 };
        assert_eq!(limits.bytes(), 1 << 40);
        assert!(limits.bytes_left() <= limits.bytes() * 95 / 100 && limits.bytes_left() > limits.bytes() * 94 / 100);
    }
}
