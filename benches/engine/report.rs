//! The table that is printed, the JSON that is kept, and the comparison with figures that were kept earlier.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::figures::{Aim, Figure, Spread};
use crate::machine::Machine;
use crate::options::Options;

/// What is kept of a measurement.
#[derive(Serialize, Deserialize)]
struct Kept {
    taken_at: String,
    quick: bool,
    machine: Machine,
    figures: Vec<Figure>,
}

/// Prints the table, keeps it as the last one and under its name, and compares it.
pub fn report(options: &Options, machine: &Machine, figures: &[Figure]) -> Result<(), Failure> {
    let baseline = options.baseline.as_deref().map(read).transpose()?;
    println!("\n{}", table(figures, baseline.as_ref()));
    if let Some(kept) = &baseline {
        println!("Compared with figures of {}.\n{}", kept.taken_at, kept.machine);
    }
    let kept = Kept {
        taken_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        quick: options.quick,
        machine: machine.clone(),
        figures: figures.to_vec(),
    };
    let names = ["last"].into_iter().chain(options.save.as_deref());
    let text = serde_json::to_string_pretty(&kept)?;
    for name in names {
        let file = file(name);
        fs::create_dir_all(folder())?;
        fs::write(&file, &text)?;
        println!("Kept in {}.", file.display());
    }
    Ok(())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench-results")
}

fn file(name: &str) -> PathBuf {
    folder().join(format!("{name}.json"))
}

fn read(name: &str) -> Result<Kept, Failure> {
    let file = file(name);
    let text = fs::read_to_string(&file)
        .map_err(|error| format!("{} can't be read: {error}. Make it with --save {name}.", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} can't be read: {error}.", file.display()).into())
}

fn table(figures: &[Figure], baseline: Option<&Kept>) -> String {
    let mut rows = vec![["", "ours", "beside", "ratio", "aim", ""].map(str::to_owned).to_vec()];
    if baseline.is_some() {
        rows[0].push("before".to_owned());
    }
    for figure in figures {
        let (beside, ratio) = figure.beside.as_ref().map_or_else(Default::default, |beside| {
            (format!("{} {}", number(beside.spread.median), beside.what), with_spread(&beside.ratio))
        });
        let verdict = figure.is_met().map_or("", |met| if met { "met" } else { "NOT MET" });
        let ours = format!("{} {}", with_spread(&figure.ours), figure.unit);
        let mut row = vec![figure.what.clone(), ours, beside, ratio, aim(figure), verdict.to_owned()];
        row.extend(baseline.map(|kept| compared(figure, &kept.figures)));
        rows.push(row);
    }
    aligned(&rows)
}

fn aim(figure: &Figure) -> String {
    figure.aim.map_or_else(String::new, |aim| match aim {
        Aim::AtLeast(bound) => format!("≥ {bound}"),
        Aim::AtMost(bound) => format!("≤ {bound}"),
        Aim::Exactly(wanted) => format!("= {wanted}"),
    })
}

fn compared(figure: &Figure, before: &[Figure]) -> String {
    before.iter().find(|earlier| earlier.key == figure.key).map_or_else(
        || "new".to_owned(),
        |earlier| {
            let (now, then) = (figure.judged(), earlier.judged());
            if then == 0.0 { number(then) } else { format!("{} ({:+.0} %)", number(then), (now / then - 1.0) * 100.0) }
        },
    )
}

fn with_spread(spread: &Spread) -> String {
    if spread.low.total_cmp(&spread.high).is_eq() {
        return number(spread.median);
    }
    format!("{} ({}–{})", number(spread.median), number(spread.low), number(spread.high))
}

/// Three digits that matter.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        0.0 => 0,
        _ => 2,
    };
    format!("{value:.digits$}")
}

/// Columns of one width, counted in characters.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // Writing into a string can't fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
