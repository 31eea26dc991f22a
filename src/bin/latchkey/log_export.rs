//! `latchkey logs --export`: what fits, to a file or to standard output.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use latchkey::execution::ExecutionFilter;
use latchkey::workspace::{ExportFormat, ExportRequest, Problem, Workspace};

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::stop::Stopping;

/// Where an export goes.
pub struct Export {
    /// As what it is written.
    pub format: ExportFormat,
    /// The file, which must not be there yet; standard output without one.
    pub file: Option<PathBuf>,
}

/// Writes every execution that fits. Ctrl-C ends it, and a file that is not whole is removed.
///
/// # Errors
/// When it can't be written or was ended; the option `--output` is named when it is at fault.
pub async fn carry_out(
    workspace: &Workspace,
    filter: ExecutionFilter,
    export: Export,
    output: &Output,
) -> Result<Exit, Failure> {
    let stopping = Stopping::listen()?;
    let executions = workspace.executions();
    let Some(file) = export.file else {
        let nobody_reads = Arc::new(AtomicBool::new(false));
        let out = Printed { out: io::stdout(), nobody_reads: Arc::clone(&nobody_reads) };
        return match executions.export_to(filter, export.format, out, stopping.asked()).await {
            // As of everything that is printed: a reader that goes away has read enough.
            Err(_) if nobody_reads.load(Ordering::Relaxed) => Ok(Exit::Succeeded),
            Ok(_) => Ok(Exit::Succeeded),
            Err(problem) => Err(problem.into()),
        };
    };
    let path = whole_path(&file)?;
    let request = ExportRequest { filter, format: export.format, path, replace: false };
    let report = executions.export(request, stopping.asked(), &|_| ()).await.map_err(named)?;
    if output.is_json() {
        output.object(&report)?;
    } else {
        output.line(&format!("{} executions are in {}.", report.executions, report.path))?;
    }
    Ok(Exit::Succeeded)
}

/// A path that begins where the command was given.
fn whole_path(file: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(file)
        .map_err(|error| Problem::invalid("--output", format!("The path can't be used: {error}."), "Write the name of a file."))
}

/// The field as the command line calls it.
fn named(problem: Problem) -> Problem {
    let field = problem.field.map(|_| "--output".to_owned());
    Problem { field, ..problem }
}

/// Standard output, remembering that nobody reads it any more.
struct Printed {
    out: io::Stdout,
    nobody_reads: Arc<AtomicBool>,
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.noticing(|out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.noticing(Write::flush)
    }
}

impl Printed {
    fn noticing<T>(&mut self, act: impl FnOnce(&mut io::Stdout) -> io::Result<T>) -> io::Result<T> {
        let done = act(&mut self.out);
        if done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.nobody_reads.store(true, Ordering::Relaxed);
        }
        done
    }
}
