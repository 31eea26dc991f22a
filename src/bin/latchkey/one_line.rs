//! A value that is no argument but stands in a file or comes from standard input, so that other users of the machine can't
//! read it.

use std::fs::File;
use std::io::{self, Read};

use latchkey::workspace::Problem;

/// The most bytes that a file or standard input may hold for one value.
const LARGEST: u64 = 64 * 1024;

/// The line in the file behind `@`, or that of standard input for `-`, without white space at its end; `None` for anything
/// else.
///
/// # Errors
/// When it can't be read, is too large, not UTF-8, or more than one line; the field is named.
pub fn one_line(field: &str, source: &str) -> Result<Option<String>, Problem> {
    let (named, read) = match (source, source.strip_prefix('@')) {
        ("-", _) => ("Standard input".to_owned(), at_most(io::stdin().lock())),
        (_, Some(file)) => (format!("The file {file}"), File::open(file).and_then(at_most)),
        (_, None) => return Ok(None),
    };
    let refused = |what: &str| {
        let next_step = "Write the value as one line of text of at most 64 KiB.";
        Problem::invalid(field, format!("{named} {what}."), next_step)
    };
    let bytes = read.map_err(|error| refused(&format!("can't be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused("is larger than 64 KiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("is not UTF-8 text"))?;
    let line = text.trim_end();
    if line.contains(['\n', '\r']) {
        return Err(refused("holds more than one line"));
    }
    Ok(Some(line.to_owned()))
}

fn at_most(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
