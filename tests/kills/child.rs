//! A child process of a test: started, listened to, killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::BOUND;

/// Says what the child does.
pub const WORK: &str = "LATCHKEY_KILLS_WORK";
/// The folder that holds the workspace and its key.
pub const FOLDER: &str = "LATCHKEY_KILLS_FOLDER";

/// A process that works until it is killed. It never outlives the test.
pub struct Working {
    child: Child,
    lines: Receiver<String>,
}

impl Working {
    /// Starts this test program once more, with nothing but that work to do.
    pub fn start(work: &str, folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "work::works_until_it_is_killed", "--nocapture", "--test-threads=1"])
            .env(WORK, work)
            .env(FOLDER, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // A line that was broken off has acknowledged nothing.
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                if sender.send(line.trim_end().to_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Self { child, lines }
    }

    /// The next thing that it acknowledged.
    pub fn next(&self) -> String {
        self.lines.recv_timeout(BOUND).unwrap_or_else(|_| panic!("the child said nothing more"))
    }

    /// Waits until it says this.
    pub fn says(&self, wanted: &str) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let line = self.next();
            if line == wanted {
                return said;
            }
            said.push(line);
        }
    }

    /// Kills it after this time, and gives everything that it had acknowledged by then.
    pub fn killed_after(mut self, time: Duration) -> Vec<String> {
        // Not a wait for anything: the moment itself is what is tried.
        std::thread::sleep(time);
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Waits until it ends by itself, and gives everything that it had acknowledged.
    pub fn ended(mut self) -> Vec<String> {
        let lines = self.lines.iter().collect();
        assert!(self.child.wait().unwrap().success(), "it did its work: {lines:?}");
        lines
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Random moments that can be had again (splitmix64).
pub struct Moments(u64);

impl Moments {
    /// From the seed of the environment, or a new one; it is printed.
    pub fn new(test: &str) -> Self {
        let given = std::env::var("LATCHKEY_KILLS_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = given.unwrap_or_else(|| u64::from(now.subsec_nanos()) ^ now.as_secs());
        println!("{test}: LATCHKEY_KILLS_SEED={seed}");
        Self(seed)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A time below so many microseconds.
    pub fn micros(&mut self, bound: u64) -> Duration {
        Duration::from_micros(self.below(bound))
    }
}
