//! One run of a connector, from its gates to its record; the only place that sends a connector's request (E1).

mod outcome;
mod record;

pub use outcome::ErrorType;
pub use record::{
    Exchange, Execution, ExecutionFilter, ExecutionPage, ExecutionRow, MappedField, RecordedHeader, SourceType, Step, StepKind,
    StepOutcome, StepToken,
};
