//! A search of a whole body beside a scan for the same text that only counts.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use latchkey::response::{Document, SearchQuery, TreeView};
use memchr::memmem;

use super::shapes::Shape;
use super::{MEGABYTE, largest, masking};
use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::options::Options;

struct Wanted {
    key: &'static str,
    what: &'static str,
    text: &'static str,
    regex: bool,
    case_sensitive: bool,
    /// What the scan counts.
    scanned: &'static str,
    /// No text helps to find it, so each name and value has to be asked; there is no aim then.
    asks_all: bool,
}

const WANTED: [Wanted; 6] = [
    Wanted {
        key: "absent",
        what: "a text that is not there",
        text: "nowhere to be found",
        regex: false,
        case_sensitive: false,
        scanned: "nowhere to be found",
        asks_all: false,
    },
    Wanted {
        key: "rare",
        what: "a text that is there once or so",
        text: "777 ",
        regex: false,
        case_sensitive: false,
        scanned: "777 ",
        asks_all: false,
    },
    Wanted {
        key: "exact",
        what: "a text, capitals counting",
        text: "Nowhere",
        regex: false,
        case_sensitive: true,
        scanned: "Nowhere",
        asks_all: false,
    },
    Wanted {
        key: "frequent",
        what: "a text in each record",
        text: "example",
        regex: false,
        case_sensitive: false,
        scanned: "example",
        asks_all: false,
    },
    Wanted {
        key: "regex",
        what: "an expression with a word",
        text: r"nowhere \d+",
        regex: true,
        case_sensitive: true,
        scanned: "nowhere ",
        asks_all: false,
    },
    Wanted {
        key: "regex_all",
        what: "an expression without one",
        text: r"^\d{9}$",
        regex: true,
        case_sensitive: true,
        scanned: "nowhere ",
        asks_all: true,
    },
];

/// Each search of two shapes in the largest size.
pub fn measure(options: &Options) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for shape in [Shape::Records, Shape::Prose] {
        let size = largest(options);
        let body = shape.body(size * MEGABYTE);
        let document = Arc::new(Document::open(Bytes::from(body.clone()), None));
        let mut view = TreeView::new(document, masking());
        for wanted in &WANTED {
            let mut pairs = Vec::new();
            for _ in 0..options.rounds() {
                let began = Instant::now();
                black_box(memmem::find_iter(body.as_bytes(), wanted.scanned).count());
                let scan = began.elapsed().as_secs_f64() * 1000.0;
                let query =
                    SearchQuery { text: wanted.text.to_owned(), regex: wanted.regex, case_sensitive: wanted.case_sensitive };
                let began = Instant::now();
                black_box(view.search(&query)?);
                pairs.push((began.elapsed().as_secs_f64() * 1000.0, scan));
            }
            let what = format!("search of {size} MB of {}: {}", shape.words(), wanted.what);
            let key = format!("search_{}_{}", shape.key(), wanted.key);
            let figure = Figure::alone(&key, what, "ms", pairs.iter().map(|pair| pair.0)).beside("a memmem scan", &pairs);
            figures.push(if wanted.asks_all { figure } else { figure.aiming(Aim::AtMost(4.0)) });
        }
    }
    Ok(figures)
}
