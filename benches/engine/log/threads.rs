//! Processor time of this process's threads by their names, to the nanosecond.

use std::collections::BTreeMap;
use std::fs;

use crate::Failure;

/// Processor time of each name so far, in seconds; of threads that have ended, nothing.
pub fn used() -> Result<BTreeMap<String, f64>, Failure> {
    let mut used = BTreeMap::new();
    for thread in fs::read_dir("/proc/self/task")? {
        let folder = thread?.path();
        // A thread that ended meanwhile has no files any more.
        let (Ok(name), Ok(schedule)) = (fs::read_to_string(folder.join("comm")), fs::read_to_string(folder.join("schedstat")))
        else {
            continue;
        };
        let on_processor = schedule.split(' ').next().and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        *used.entry(name.trim().to_owned()).or_default() += on_processor / 1e9;
    }
    Ok(used)
}
