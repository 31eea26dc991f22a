//! What the engine costs beside something measured in the same run, in turns, so that the machine's mood falls on both:
//! `cargo xtask bench`, or `cargo bench --bench engine -- --help`. It is a client of the public face like any other.
//!
//! Each file measures one thing and gives [`figures::Figure`]s; `report` prints them, keeps them and compares them.

mod child;
mod customers;
mod expired;
mod figures;
mod fixture;
mod log;
mod machine;
mod nginx;
mod options;
mod pieces;
mod processes;
mod rates;
mod report;
mod serve;
mod session;
mod tree;

use std::process::ExitCode;

use figures::Figure;
use machine::Machine;
use options::{Command, Options};

/// Why a measurement could not be made: a sentence of whoever refused.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match options::read(std::env::args().skip(1)).and_then(carry_out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nThe measurement stopped: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> Result<(), Failure> {
    match command {
        Command::Help => {
            print!("{}", options::HELP);
            Ok(())
        }
        Command::Serve => runtime()?.block_on(serve::serve()),
        Command::Memory(task) => runtime()?.block_on(tree::memory::carry_out(task)),
        Command::Measure(options) if !session::is_inside() => session::measure_inside(&options, &Machine::look()),
        Command::Measure(options) => {
            let machine = Machine::look();
            println!("{machine}");
            let figures = runtime()?.block_on(measure(&options))?;
            report::report(&options, &machine, &figures)
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn measure(options: &Options) -> Result<Vec<Figure>, Failure> {
    let folder = session::folder()?;
    let mut figures = Vec::new();
    if options.wants("rates") || options.wants("processes") || options.wants("pieces") {
        let nginx = nginx::Nginx::start(&folder.join("nginx"))?;
        let fixture = fixture::Fixture::make(&folder.join("workspace"), nginx.url()).await?;
        if options.wants("rates") {
            figures.extend(rates::measure(options, &fixture).await?);
        }
        if options.wants("pieces") {
            figures.extend(pieces::measure(options, &fixture, &folder.join("pieces")).await?);
        }
        if options.wants("processes") {
            figures.extend(processes::measure(options, fixture, &folder).await?);
        }
    }
    if options.wants("expired") {
        figures.extend(expired::measure(options, &folder.join("expired")).await?);
    }
    if options.wants("tree") {
        figures.extend(tree::measure(options, &folder.join("tree"))?);
    }
    if options.wants("log") {
        figures.extend(log::measure(options, &folder.join("log")).await?);
    }
    if options.wants("customers") {
        figures.extend(customers::measure(options, &folder.join("customers")).await?);
    }
    Ok(figures)
}
