//! One run of a connector, from its gates to its record; the only place that sends a connector's request (E1).

mod authenticate;
mod build;
mod customer;
mod gates;
mod given;
mod guard;
mod hint;
mod journal;
mod map;
mod outcome;
mod read;
mod record;
mod run;
mod send;
mod text;

pub use build::{Parts, parts};
pub use customer::ForCustomer;
pub use guard::{Verdict, breaker_of, keep_breaker, numbers, read_breaker};
pub use outcome::{Ending, ErrorType};
pub use record::{
    Execution, ExecutionFilter, ExecutionPage, ExecutionRow, MappedField, RecordedInput, SentGeneration, SourceType, Step,
    StepKind, StepOutcome, StepToken,
};
pub use run::{Means, Ran, Runnable, run};
pub use text::start_of_cut;
