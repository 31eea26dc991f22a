//! Peak memory of a document and of a whole *Test request*, each in a process of its own, beside the body.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use latchkey::response::{Document, TreeView, suggest};
use latchkey::token::{Encoding, RequestDraft};
use latchkey::workspace::{Seams, TestHandle, Workspace};
use serde::{Deserialize, Serialize};

use super::shapes::{SHAPES, Shape};
use super::{MEGABYTE, largest, masking};
use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::fixture::PASSPHRASE;
use crate::options::Options;
use crate::serve;

/// What a process is to do and to measure of itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Open a body and a few levels of it.
    Document { shape: String, megabytes: usize },
    /// Test a request that is answered with it.
    Request { url: String, folder: PathBuf },
}

/// In bytes.
#[derive(Serialize, Deserialize)]
struct Used {
    body: f64,
    /// The peak above what the process had before.
    peak: f64,
    /// What every open row costs when all are open, if more could be opened.
    each_row: Option<f64>,
}

/// Both ways of each shape.
pub fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let size = largest(options);
    std::fs::create_dir(folder)?;
    let (_server, origin) = serve::start()?;
    let mut figures = Vec::new();
    for shape in SHAPES {
        let of_document = in_a_process(&Task::Document { shape: shape.key().to_owned(), megabytes: size })?;
        figures.push(figure(&of_document, shape, size, "document", "a document and a few open levels"));
        figures.extend(of_document.each_row.map(|each_row| {
            let what = format!("memory for each open row when all are, {}", shape.words());
            Figure::alone(&format!("memory_row_{}", shape.key()), what, "bytes", [each_row])
        }));
        for coding in ["plain", "unknown-length", "gzip", "mark"] {
            let url = format!("{origin}/large/{}/{size}/{coding}", shape.key());
            let of_request = Task::Request { url, folder: folder.join(format!("{}-{coding}", shape.key())) };
            let (key, what) = (format!("request_{coding}"), format!("a whole test of a request ({coding})"));
            figures.push(figure(&in_a_process(&of_request)?, shape, size, &key, &what));
        }
    }
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
fn figure(used: &Used, shape: Shape, size: usize, key: &str, what: &str) -> Figure {
    let pair = [(used.peak / 1e6, used.body / 1e6)];
    Figure::alone(
        &format!("memory_{key}_{}", shape.key()),
        format!("peak memory of {what}, {}", shape.words()),
        "MB",
        [pair[0].0],
    )
    .beside("MB of body", &pair)
    .aiming(Aim::AtMost(1.15 + 10.0 / size as f64))
}

fn in_a_process(task: &Task) -> Result<Used, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("memory").arg(serde_json::to_string(task)?).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut said = String::new();
    child.stdout.take().ok_or("The process has no output.")?.read_to_string(&mut said)?;
    if !child.wait()?.success() {
        return Err("A process that measures its memory failed.".into());
    }
    Ok(serde_json::from_str(&said)?)
}

/// Does the task, and prints what it took.
pub async fn carry_out(task: Task) -> Result<(), Failure> {
    let used = match task {
        Task::Document { shape, megabytes } => {
            of_document(Shape::named(&shape).ok_or("There is no such shape.")?, megabytes * MEGABYTE)?
        }
        Task::Request { url, folder } => of_request(&url, &folder).await?,
    };
    println!("{}", serde_json::to_string(&used)?);
    Ok(())
}

fn of_document(shape: Shape, bytes: usize) -> Result<Used, Failure> {
    let body = shape.body(bytes);
    let (length, before) = (count(body.len()), begin()?);
    let document = Arc::new(Document::open(Bytes::from(body), None));
    suggest(&document, &[]);
    let mut view = TreeView::new(document, masking());
    // The array, and some of what is in it.
    for row in [3, 4, 5, 6, 1000, 100_000] {
        view.set_expanded(row, true)?;
        view.rows(row, 100, Timestamp::UNIX_EPOCH);
    }
    // The body was there before.
    let peak = kilobytes("VmHWM:")? - before + length;
    let (rows, closed) = (view.total(), kilobytes("VmRSS:")?);
    view.set_all_expanded(true);
    let opened = f64::from(view.total().saturating_sub(rows));
    let used = kilobytes("VmRSS:")? - closed;
    let each_row = (opened > 0.0).then(|| used / opened);
    Ok(Used { body: length, peak, each_row })
}

async fn of_request(url: &str, folder: &Path) -> Result<Used, Failure> {
    let workspace = Workspace::open(folder, Some(PASSPHRASE.into()), Seams::real()).await?;
    let before = begin()?;
    let request = RequestDraft {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        parameters: Vec::new(),
        encoding: Encoding::Query,
    };
    let report = workspace.test_request(&request, None, &TestHandle::default(), |_| ()).await?;
    workspace.responses().rows(&report.response_id, 0, 100).await?;
    Ok(Used { body: f64::from(report.body.bytes), peak: kilobytes("VmHWM:")? - before, each_row: None })
}

/// Forgets the peak so far; gives the memory that is used now, in bytes.
fn begin() -> Result<f64, Failure> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    kilobytes("VmRSS:")
}

/// A line of the process's status, in bytes.
fn kilobytes(line: &str) -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)).ok_or("The process has no such figure.")?;
    Ok(value.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than an f64 has whole numbers")]
fn count(bytes: usize) -> f64 {
    bytes as f64
}
