//! The response tree on large bodies: from the last byte to the first rows, far rows, searches, and memory.

mod first_rows;
pub mod memory;
mod scroll;
mod search;
mod shapes;

use std::path::Path;

use latchkey::redact::Redactor;
use latchkey::response::Masking;
use secrecy::SecretString;

use crate::Failure;
use crate::figures::Figure;
use crate::fixture::CLIENT_SECRET;
use crate::nginx::TOKEN_VALUE;
use crate::options::Options;
pub use shapes::Shape;

const MEGABYTE: usize = 1_000_000;

/// All of them.
pub fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let mut figures = first_rows::measure(options)?;
    figures.extend(scroll::measure(options)?);
    figures.extend(search::measure(options)?);
    figures.extend(memory::measure(options, folder)?);
    Ok(figures)
}

/// The sizes of bodies, in megabytes.
fn sizes(options: &Options) -> &'static [usize] {
    if options.quick { &[1, 10] } else { &[1, 10, 100] }
}

/// The largest of them.
fn largest(options: &Options) -> usize {
    sizes(options).last().copied().unwrap_or(1)
}

/// Masking as a test has it: with the secrets that were sent and are stored.
fn masking() -> Masking {
    let bearer = format!("Bearer {TOKEN_VALUE}");
    let secrets = [CLIENT_SECRET, TOKEN_VALUE, bearer.as_str()].map(SecretString::from);
    Masking { redactor: Some(Redactor::new(&secrets)), keep_start: true }
}
