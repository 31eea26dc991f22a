//! The machine that figures were taken on, and how busy it was before.

use std::fmt;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// Tells the load before the start, which building and measuring would hide.
pub const LOAD: &str = "LATCHKEY_BENCH_LOAD";

/// From this load for each processor on, figures say more about the neighbours than about us.
const BUSY: f64 = 0.3;

/// The machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many of them may be used.
    pub processors: usize,
    /// The kernel and its version.
    pub kernel: String,
    /// The load of the last minute before the start.
    pub load: f64,
}

impl Machine {
    /// The machine with the load as it is now, or as whoever built this program has seen it before.
    pub fn look() -> Self {
        let before = std::env::var(LOAD).ok();
        let now = || read("/proc/loadavg").split(' ').next().map(str::to_owned);
        Self::with_load(before.or_else(now).and_then(|load| load.parse().ok()).unwrap_or_default())
    }

    fn with_load(load: f64) -> Self {
        let cpuinfo = read("/proc/cpuinfo");
        let name = cpuinfo.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
        Self {
            processor: name.map_or("unknown processor", |(_, name)| name).to_owned(),
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load,
        }
    }

    /// Whether others were at work.
    #[expect(clippy::cast_precision_loss, reason = "a machine has fewer processors than an f64 has whole numbers")]
    pub fn is_busy(&self) -> bool {
        self.load > BUSY * self.processors as f64
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Processor time that this process has used, in seconds: of itself, or of the children that have ended. In steps of
/// 10 ms.
pub struct Used {
    pub own: f64,
    pub children: f64,
}

impl Used {
    pub fn by_now() -> Result<Self, Failure> {
        /// `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux that Rust runs on.
        const TICKS: f64 = 100.0;
        let stat = fs::read_to_string("/proc/self/stat")?;
        // The name, which may hold anything, ends with the last parenthesis; the third field follows it.
        let fields: Vec<f64> = stat
            .rsplit_once(") ")
            .map_or("", |(_, fields)| fields)
            .split(' ')
            .skip(11)
            .take(4)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [user, system, children_user, children_system] = fields[..] else {
            return Err("/proc/self/stat is not as expected.".into());
        };
        Ok(Self { own: (user + system) / TICKS, children: (children_user + children_system) / TICKS })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, processors, kernel, load } = self;
        write!(formatter, "Machine: {processor}, {processors} processors, Linux {kernel}, load before the start {load:.2}")?;
        if cfg!(debug_assertions) {
            write!(formatter, "\nWARNING: this program was built without optimisation; its figures mean nothing.")?;
        }
        if self.is_busy() {
            write!(formatter, "\nWARNING: the machine was busy before the start; ratios are rough, single figures are worse.")?;
        }
        Ok(())
    }
}
