//! A backup's name says when and why it was made, so that the list needs neither the key nor a file of its own.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::{from_millis, to_millis};

const BEGINNING: &str = "workspace-";
const END: &str = ".db";
/// To the second; the milliseconds follow after a point.
const SECONDS: &str = "%Y%m%dT%H%M%S";

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// By itself, because the newest one was old.
    Automatic,
    /// Somebody asked for it.
    ByHand,
    /// A newer version of Latchkey was about to change the database's format.
    BeforeUpdate,
    /// Another database was about to take its place.
    BeforeRestore,
}

impl BackupReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Automatic, Self::ByHand, Self::BeforeUpdate, Self::BeforeRestore];

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::ByHand => "by hand",
            Self::BeforeUpdate => "before an update",
            Self::BeforeRestore => "before a restore",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Automatic => "",
            Self::ByHand => "-by-hand",
            Self::BeforeUpdate => "-before-update",
            Self::BeforeRestore => "-before-restore",
        }
    }
}

/// `workspace-20260131T090000.123Z-by-hand.db`.
pub(super) fn name_of(made_at: Timestamp, reason: BackupReason) -> String {
    format!("{BEGINNING}{}{}{END}", stamp(made_at), reason.suffix())
}

/// When and why a backup of this name was made; `None` for every other name, so that none leads elsewhere.
pub(super) fn parse(name: &str) -> Option<(Timestamp, BackupReason)> {
    let middle = name.strip_prefix(BEGINNING)?.strip_suffix(END)?;
    let (stamped, suffix) = middle.split_at_checked(middle.find('Z')? + 1)?;
    let reason = BackupReason::ALL.into_iter().find(|reason| reason.suffix() == suffix)?;
    let made_at: Timestamp = stamped.parse().ok()?;
    // Only what is written exactly so is a backup.
    (name_of(made_at, reason) == name).then_some((made_at, reason))
}

/// `20260131T090000.123Z`: a time that may stand in the name of a file on every system.
pub(super) fn stamp(at: Timestamp) -> String {
    // Cut to milliseconds first, so that both parts are of the same second.
    let at = from_millis(to_millis(at));
    let millis = at.subsec_millisecond().rem_euclid(1000);
    format!("{}.{millis:03}Z", at.to_zoned(TimeZone::UTC).strftime(SECONDS))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_name_says_when_and_why() {
        let at: Timestamp = "2026-01-31T09:00:00.123Z".parse().unwrap();
        assert_eq!(name_of(at, BackupReason::Automatic), "workspace-20260131T090000.123Z.db");
        for reason in BackupReason::ALL {
            assert_eq!(parse(&name_of(at, reason)), Some((at, reason)));
        }
        let whole: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
        assert_eq!(parse(&name_of(whole, BackupReason::ByHand)), Some((whole, BackupReason::ByHand)));
    }

    #[rstest]
    #[case("workspace.db")]
    #[case("workspace-20260131T090000.123Z.db-journal")]
    #[case("workspace-20260131T090000.123Z-other.db")]
    #[case("workspace-20260131T090000Z.db")]
    #[case("workspace-20261331T090000.123Z.db")]
    #[case("workspace-2026-01-31T09:00:00.123Z.db")]
    #[case("../workspace-20260131T090000.123Z.db")]
    #[case("workspace-20260131T090000.123Z.db/../../x")]
    #[case("workspace-/../../etc/20260131T090000.123Z.db")]
    #[case("")]
    fn only_what_is_written_so_is_a_backup(#[case] name: &str) {
        assert_eq!(parse(name), None);
    }
}
