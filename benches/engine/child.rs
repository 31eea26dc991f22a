//! A program that runs beside this one and ends with it.

use std::process::Child;

/// Ended when it is dropped.
pub struct Beside(pub Child);

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end and only its status to collect.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
