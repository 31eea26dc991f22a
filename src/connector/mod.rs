//! What a data connector is: a configured request to an outside API, in Intercom's words (R1–R5).
//!
//! [`ConnectorDraft`] is the configuration as typed, stored and sent to a page. The parts that need
//! rules of their own stand in files of their own.

mod settings;
mod template;

pub use settings::{
    Audience, AttributeMapping, ConfigurationResponseType, ConnectorDraft, DataInput, DataTransformationType, ExecutionType,
    HttpMethod, InputType, MappingType, ObjectMapping, ReferenceMapping, Reliability, ResponseField, ResponseFieldType,
};

use serde::{Deserialize, Serialize};

/// Identifies a connector for ever (a time-ordered UUID as text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
pub struct ConnectorId(pub String);

impl std::fmt::Display for ConnectorId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Draft or live (R1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorState {
    /// Runs from `test` only.
    Draft,
    /// Runs from every source.
    Live,
}
