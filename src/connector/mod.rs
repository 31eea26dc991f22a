//! What a data connector is: a configured request to an outside API, in Intercom's words (R1–R5).
//!
//! [`ConnectorDraft`] is the configuration as typed, stored and sent to a page. The parts that need
//! rules of their own stand in files of their own.

mod inputs;
mod mapping;
mod places;
mod response_path;
mod settings;
mod template;
mod validate;

pub use inputs::{InputFault, InputValue, ResolvedInputs, resolve_inputs};
pub use mapping::{Mapped, MappingFault, keep_redaction_marks, map_objects, marked_nodes, response_fields_from};
pub use places::RenderFault;
pub use response_path::{Found, PathFault, ResponseNode, ResponsePath};
pub use settings::{
    AttributeMapping, Audience, ConfigurationResponseType, ConnectorDraft, DataInput, DataTransformationType, ExecutionType,
    HttpMethod, InputType, MappingType, ObjectMapping, ReferenceMapping, Reliability, ResponseField, ResponseFieldType,
};
pub use template::{BodyKind, Template, TemplateFault, is_input_name};
pub use validate::{check, content_type, ready};

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
