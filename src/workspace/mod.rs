//! The public face of the engine: everything that a window, a headless program or a server needs.

mod connector_views;
mod token_views;
mod views;

pub use connector_views::{ConnectorDetail, ConnectorSummary, LastExecution};
pub use token_views::{
    CurlImport, FieldView, HeaderRow, LastTest, LocatedView, NamedRef, Progress, RequestView, SecretRef, TestReport, TokenDetail,
    TokenSummary, ValueChange,
};
pub use views::{Problem, ProblemCode, SandboxSamples, SandboxStatus, SlotKind, StorageView, VaultStatus, WorkspaceEvent};
