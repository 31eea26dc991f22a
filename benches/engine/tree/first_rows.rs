//! From the last byte of a body to its first rows in hand, beside parsers that only skip the same bytes.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use latchkey::response::{Document, TreeView, suggest};

use super::shapes::{SHAPES, Shape};
use super::{MEGABYTE, masking, sizes};
use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::options::Options;

/// Rows that a page asks for at first.
const FIRST: u32 = 50;

/// Each shape in each size.
pub fn measure(options: &Options) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for shape in SHAPES {
        for &size in sizes(options) {
            figures.extend(of_a_body(options, shape, size)?);
        }
    }
    Ok(figures)
}

fn of_a_body(options: &Options, shape: Shape, size: usize) -> Result<Vec<Figure>, Failure> {
    let body = shape.body(size * MEGABYTE);
    let (mut plain, mut lazy) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let began = Instant::now();
        serde_json::from_slice::<serde::de::IgnoredAny>(black_box(body.as_bytes()))?;
        let skipped = milliseconds(began);
        let given = Bytes::from(body.clone().into_bytes());
        let began = Instant::now();
        let document = first_rows(given)?;
        let ours = milliseconds(began);
        drop(document);
        let began = Instant::now();
        black_box(sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(black_box(body.as_bytes()))?);
        plain.push((ours, skipped));
        lazy.push((ours, milliseconds(began)));
    }
    let key = |other: &str| format!("first_rows_{}_{size}_{other}", shape.key());
    let what = format!("last byte to first rows, {size} MB of {}", shape.words());
    let ours = |pairs: &[(f64, f64)]| pairs.iter().map(|pair| pair.0).collect::<Vec<_>>();
    Ok(vec![
        Figure::alone(&key("plain"), &what, "ms", ours(&plain)).beside("serde_json skips", &plain).aiming(Aim::AtMost(2.0)),
        Figure::alone(&key("simd"), &what, "ms", ours(&lazy)).beside("sonic-rs skips", &lazy),
    ])
}

/// What a test of a request does between the last byte and the page's first rows.
fn first_rows(body: Bytes) -> Result<TreeView, Failure> {
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let document = Arc::new(Document::of_answer(body, &headers));
    if suggest(&document, &headers).is_empty() {
        return Err("Nothing was suggested.".into());
    }
    let view = TreeView::new(document, masking());
    let rows = view.rows(0, FIRST, Timestamp::UNIX_EPOCH);
    if rows.rows.is_empty() { Err("There are no rows.".into()) } else { Ok(view) }
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
