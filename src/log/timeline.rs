//! What a log looks like over time.

/// Successes, failures and durations over time.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct Timeline {
    /// Where the first bucket begins (RFC 3339).
    pub since: String,
    /// Where the last bucket ends (RFC 3339).
    pub until: String,
    /// How long a bucket is.
    pub bucket_seconds: u32,
    /// All buckets from first to last, empty ones too.
    pub buckets: Vec<TimelineBucket>,
    /// Set when so many executions fit that only the newest of them, so many, were looked at.
    pub newest_only: Option<u32>,
}

/// The executions that began within one bucket.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct TimelineBucket {
    /// Where it begins (RFC 3339).
    pub start: String,
    /// How many succeeded.
    pub succeeded: u32,
    /// How many did not; those that wait for a code are in neither.
    pub failed: u32,
    /// The median of their durations; `None` when there were none.
    pub p50_ms: Option<u32>,
    /// The duration that 95 of 100 stayed within.
    pub p95_ms: Option<u32>,
}

/// How many executions fit a filter, and where to enter their list, so that it can be walked from anywhere.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct LogOutline {
    /// How many there are.
    pub total: u32,
    /// So many rows lie between two elements of `before`.
    pub every: u32,
    /// Element `n` is what a list is continued before so that it begins with row `n × every`, counted from the newest at 0;
    /// element 0 begins with the newest.
    pub before: Vec<f64>,
}
