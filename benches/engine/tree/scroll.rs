//! Rows at random places of a tree with as many open rows as there may be.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use latchkey::response::{Document, TreeView};

use super::shapes::{SHAPES, Shape};
use super::{MEGABYTE, largest, masking};
use crate::Failure;
use crate::figures::{Aim, Figure, percentile};
use crate::options::Options;

/// The row of the array that a body consists of.
const DATA: u32 = 3;

/// Rows that a page asks for at once while it scrolls.
const PAGE: u32 = 100;

/// Each shape in the largest size.
pub fn measure(options: &Options) -> Result<Vec<Figure>, Failure> {
    let figures: Vec<Vec<Figure>> = SHAPES.into_iter().map(|shape| of_a_body(options, shape)).collect::<Result<_, _>>()?;
    Ok(figures.into_iter().flatten().collect())
}

fn of_a_body(options: &Options, shape: Shape) -> Result<Vec<Figure>, Failure> {
    let size = largest(options);
    let document = Arc::new(Document::open(Bytes::from(shape.body(size * MEGABYTE)), None));
    let mut view = TreeView::new(document, masking());
    view.set_all_expanded(true);
    // One array may have more rows than are opened at once; by itself it opens.
    view.set_expanded(DATA, true)?;
    let total = view.total();
    let (mut middle, mut slow, mut place) = (Vec::new(), Vec::new(), 0_u32);
    for _ in 0..options.rounds() {
        let mut took: Vec<f64> = (0..options.times(500))
            .map(|_| {
                // A full cycle through all numbers of 32 bits, in no order that a reader would see.
                place = place.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let began = Instant::now();
                let rows = view.rows(place % total, PAGE, Timestamp::UNIX_EPOCH);
                let took = began.elapsed().as_secs_f64() * 1000.0;
                drop(rows);
                took
            })
            .collect();
        middle.push(percentile(&mut took, 50));
        slow.push(percentile(&mut took, 99));
    }
    let what = |which: &str| format!("{PAGE} rows anywhere in {total} open ones, {size} MB of {}: {which}", shape.words());
    Ok(vec![
        Figure::alone(&format!("scroll_{}_half", shape.key()), what("half take at most"), "ms", middle),
        Figure::alone(&format!("scroll_{}_99", shape.key()), what("99 of 100"), "ms", slow).aiming(Aim::AtMost(5.0)),
    ])
}
