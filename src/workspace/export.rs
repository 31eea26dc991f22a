//! The log written to a file, or to whatever takes bytes. The async side walks the log and hands over one execution at a
//! time; a thread of its own reads, converts and writes them, so that neither a large record nor a slow disk holds up a run.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::executions::Executions;
use super::exported::{add_entries, add_page};
use super::logs::{ExportFormat, ExportProgress, ExportReport, ExportRequest};
use super::views::{Problem, ProblemCode};
use crate::execution::{Execution, ExecutionFilter, ExecutionRow};
use crate::log::{FileFault, Har, Unfinished, free_path};
use crate::store::executions as stored;

/// How often it is told how far an export is.
const TOLD_EVERY: Duration = Duration::from_millis(200);
/// Rows that are read at a time.
const ROWS: u32 = 200;
/// Records that may wait to be written.
const AHEAD: usize = 4;
/// Bytes that are written at a time.
const BUFFER: usize = 256 * 1024;

/// What the writing side is given.
enum Piece {
    /// A page of an archive: an execution, and its connector's name.
    Row(Box<ExecutionRow>, Arc<str>),
    /// A whole execution as it is stored.
    Record(String),
    /// All was given. Without it the export was given up.
    End,
}

impl Executions<'_> {
    /// Where an export would be put unless the user says otherwise: a new file in the folder of downloads.
    ///
    /// # Errors
    /// When the filter names a connector that is not there.
    pub async fn suggest_export_path(&self, filter: ExecutionFilter, format: ExportFormat) -> Result<String, Problem> {
        let name = match &filter.connector_id {
            Some(id) => {
                let mut names = self.connector_names().await?;
                Some(names.remove(id.as_str()).ok_or_else(Problem::connector_gone)?)
            }
            None => None,
        };
        let now = self.workspace.inner.means.clock.now();
        let date = now.to_zoned(jiff::tz::TimeZone::system()).date().to_string();
        let own = self.workspace.folder().to_owned();
        let free = tokio::task::spawn_blocking(move || {
            let folders = directories::UserDirs::new();
            let downloads = folders.as_ref().and_then(|folders| folders.download_dir()).filter(|folder| folder.is_dir());
            let folder = downloads.or_else(|| folders.as_ref().map(directories::UserDirs::home_dir)).unwrap_or(&own);
            free_path(folder, name.as_deref(), &date, format.extension()).display().to_string()
        });
        free.await.map_err(|_| Problem::interrupted())
    }

    /// Writes every execution that fits into a file, redacted as they are recorded (S2).
    ///
    /// # Errors
    /// When the file can't be written or is there already, the filter can't be taken, or it was cancelled: nothing is left
    /// of the file then.
    pub async fn export(
        &self,
        request: ExportRequest,
        cancel: &CancellationToken,
        progress: &(dyn Fn(ExportProgress) + Send + Sync),
    ) -> Result<ExportReport, Problem> {
        let ExportRequest { filter, format, path, replace } = request;
        let target = path.clone();
        let created = tokio::task::spawn_blocking(move || Unfinished::create(&target, replace));
        let (unfinished, file) = created.await.map_err(|_| Problem::interrupted())??;
        let (file, written) = self.write(filter, format, file, cancel, progress).await?;
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let finished = tokio::task::spawn_blocking(move || unfinished.finish(&file));
        finished.await.map_err(|_| Problem::interrupted())??;
        Ok(ExportReport { path: path.display().to_string(), executions: written.executions, bytes: as_f64(written.bytes) })
    }

    /// Writes every execution that fits to whatever takes bytes. Gives how many there were.
    ///
    /// # Errors
    /// When it can't be written, the filter can't be taken, or it was cancelled.
    pub async fn export_to(
        &self,
        filter: ExecutionFilter,
        format: ExportFormat,
        out: impl Write + Send + 'static,
        cancel: &CancellationToken,
    ) -> Result<u32, Problem> {
        let (_, written) = self.write(filter, format, out, cancel, &|_| ()).await?;
        Ok(written.executions)
    }

    async fn write<W: Write + Send + 'static>(
        &self,
        filter: ExecutionFilter,
        format: ExportFormat,
        out: W,
        cancel: &CancellationToken,
        progress: &(dyn Fn(ExportProgress) + Send + Sync),
    ) -> Result<(W, Written), Problem> {
        let (pieces, receiver) = mpsc::channel(AHEAD);
        let bytes = Arc::new(AtomicU64::new(0));
        let counting = Counting { out, bytes: Arc::clone(&bytes) };
        let writing = tokio::task::spawn_blocking(move || write_pieces(format, counting, receiver));
        let walk = Walk { executions: self, filter, pieces, bytes, progress, told: None, total: None, written: 0 };
        let walked = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Stop::Problem(cancelled())),
            walked = walk.walk(format) => walked,
        };
        // What the writing side met comes before that nobody took the pieces any more.
        let out = ended(writing).await;
        match (walked, out) {
            (Ok(written), Ok(out)) => Ok((out, written)),
            (Err(Stop::Problem(problem)), _) | (_, Err(problem)) => Err(problem),
            (Err(Stop::NobodyTakes), Ok(_)) => Err(Problem::interrupted()),
        }
    }

    async fn connector_names(&self) -> Result<HashMap<String, Arc<str>>, Problem> {
        let connectors = self.workspace.connectors().list().await?;
        Ok(connectors.into_iter().map(|connector| (connector.id, Arc::from(connector.name))).collect())
    }
}

/// What was written.
struct Written {
    executions: u32,
    bytes: u64,
}

/// Why the walk ended early.
enum Stop {
    Problem(Problem),
    /// The writing side has ended, and says why.
    NobodyTakes,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Walks the log from its newest execution back. What is recorded meanwhile is not part of it, and what is deleted
/// meanwhile is left out.
struct Walk<'a> {
    executions: &'a Executions<'a>,
    filter: ExecutionFilter,
    pieces: mpsc::Sender<Piece>,
    bytes: Arc<AtomicU64>,
    progress: &'a (dyn Fn(ExportProgress) + Send + Sync),
    told: Option<Instant>,
    total: Option<u32>,
    written: u32,
}

impl Walk<'_> {
    async fn walk(mut self, format: ExportFormat) -> Result<Written, Stop> {
        self.tell();
        let start = self.start().await?;
        if let Some(start) = start {
            self.total = Some(self.each(start, format, Pass::Rows).await?);
            self.each(start, format, Pass::Records).await?;
        }
        self.give(Piece::End).await?;
        // Received at the latest when there is nobody left to receive.
        self.pieces.closed().await;
        self.told = None;
        self.total = Some(self.written);
        self.tell();
        Ok(Written { executions: self.written, bytes: self.bytes.load(Ordering::Relaxed) })
    }

    /// Before which `seq` both passes begin, so that they see the same; `None` when nothing fits.
    async fn start(&self) -> Result<Option<f64>, Problem> {
        let newest = self.executions.list(self.filter.clone(), None, 1).await?;
        Ok(newest.rows.first().map(|row| row.seq + 1.0))
    }

    async fn each(&mut self, start: f64, format: ExportFormat, pass: Pass) -> Result<u32, Stop> {
        let names = self.executions.connector_names().await?;
        let (mut before, mut seen) = (Some(start), 0_u32);
        while let Some(from) = before {
            let page = self.executions.list(self.filter.clone(), Some(from), ROWS).await?;
            before = page.before;
            for row in page.rows {
                seen += 1;
                match pass {
                    Pass::Rows if format == ExportFormat::Jsonl => {}
                    Pass::Rows => {
                        let name = names.get(&row.connector_id).cloned().unwrap_or_else(|| row.connector_id.as_str().into());
                        self.give(Piece::Row(Box::new(row), name)).await?;
                    }
                    Pass::Records => self.record(row.id).await?,
                }
            }
            self.tell();
        }
        Ok(seen)
    }

    async fn record(&mut self, id: String) -> Result<(), Stop> {
        let read = self.executions.workspace.database().read_async(move |connection| stored::record(connection, &id));
        if let Some(record) = read.await.map_err(Problem::from)? {
            self.give(Piece::Record(record)).await?;
            self.written += 1;
            self.tell();
        }
        Ok(())
    }

    async fn give(&self, piece: Piece) -> Result<(), Stop> {
        self.pieces.send(piece).await.map_err(|_| Stop::NobodyTakes)
    }

    fn tell(&mut self) {
        if self.told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            self.told = Some(Instant::now());
            let bytes = as_f64(self.bytes.load(Ordering::Relaxed));
            (self.progress)(ExportProgress { written: self.written, total: self.total, bytes });
        }
    }
}

/// The log is walked twice: its short rows, which are counted and become an archive's pages, and its records.
#[derive(Clone, Copy)]
enum Pass {
    Rows,
    Records,
}

/// Writes what comes until the end of it; on a thread of its own.
fn write_pieces<W: Write>(format: ExportFormat, out: Counting<W>, mut pieces: mpsc::Receiver<Piece>) -> Result<W, WriteFault> {
    let out = BufWriter::with_capacity(BUFFER, out);
    let mut sheet = match format {
        ExportFormat::Har => Sheet::Har(Har::begin(out, env!("CARGO_PKG_VERSION"))?),
        ExportFormat::Jsonl => Sheet::Jsonl(out),
    };
    while let Some(piece) = pieces.blocking_recv() {
        match (&mut sheet, piece) {
            (Sheet::Har(har), Piece::Row(row, name)) => add_page(har, &row, &name)?,
            (Sheet::Har(har), Piece::Record(record)) => add_entries(har, &whole(&record)?)?,
            (Sheet::Jsonl(_), Piece::Row(..)) => {}
            (Sheet::Jsonl(out), Piece::Record(record)) => {
                // Read and written anew, so that older records have the same members as newer ones.
                serde_json::to_writer(&mut *out, &whole(&record)?).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
            (_, Piece::End) => {
                let out = match sheet {
                    Sheet::Har(har) => har.end()?,
                    Sheet::Jsonl(out) => out,
                };
                return Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?.out);
            }
        }
    }
    Err(WriteFault::GivenUp)
}

enum Sheet<W: Write> {
    Har(Har<W>),
    Jsonl(W),
}

fn whole(record: &str) -> Result<Execution, WriteFault> {
    serde_json::from_str(record).map_err(|_| WriteFault::Unreadable)
}

/// Why writing ended.
enum WriteFault {
    Io(io::Error),
    Unreadable,
    GivenUp,
}

impl From<io::Error> for WriteFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

async fn ended<W>(writing: JoinHandle<Result<W, WriteFault>>) -> Result<W, Problem> {
    match writing.await {
        Ok(Ok(out)) => Ok(out),
        Ok(Err(WriteFault::Io(error))) => Err(FileFault::Io(error).into()),
        Ok(Err(WriteFault::Unreadable)) => Err(Problem::other_version()),
        Ok(Err(WriteFault::GivenUp)) | Err(_) => Err(Problem::interrupted()),
    }
}

/// Counts what is written.
struct Counting<W> {
    out: W,
    bytes: Arc<AtomicU64>,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes.fetch_add(u64::try_from(written).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl ExportFormat {
    /// The end of a file's name.
    fn extension(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Jsonl => "jsonl",
        }
    }
}

impl From<FileFault> for Problem {
    fn from(fault: FileFault) -> Self {
        Self::invalid("path", fault.to_string(), fault.next_step())
    }
}

fn cancelled() -> Problem {
    Problem::new(ProblemCode::Cancelled, "The export was cancelled.", "Nothing was written.")
}

/// Exact up to eight million gigabytes.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
