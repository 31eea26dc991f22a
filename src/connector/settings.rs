//! A connector's configuration with Intercom's field names; our own fields are `background` and `reliability`.

use serde::{Deserialize, Serialize};

use crate::token::FieldDraft;

/// Everything an admin sets up about a connector.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct ConnectorDraft {
    /// Unique among connectors.
    pub name: String,
    /// What it does; may be empty.
    pub description: String,
    /// HTTP method.
    pub http_method: HttpMethod,
    /// An absolute URL; `{{input}}` stands for a data input (E10).
    pub url: String,
    /// Headers, in order, with templates. Values of credential-like headers are secret fields.
    pub headers: Vec<FieldDraft>,
    /// Body template; empty for none.
    pub body: String,
    /// The inputs it takes.
    pub data_inputs: Vec<DataInput>,
    /// The tokens attached to it, by id.
    pub token_ids: Vec<String>,
    /// Whether Fin may use it directly (R4).
    pub direct_fin_usage: bool,
    /// The kinds of customer it is for (R4); empty is all.
    pub audiences: Vec<Audience>,
    /// Where it runs (R5).
    pub execution_type: ExecutionType,
    /// Where `response_fields` came from (R2).
    pub configuration_response_type: Option<ConfigurationResponseType>,
    /// What happens to the response (R5).
    pub data_transformation_type: DataTransformationType,
    /// Kept as it came (R5).
    pub client_function_name: Option<String>,
    /// Kept as it came (R5), in milliseconds.
    pub client_function_timeout_ms: Option<u32>,
    /// The fields of the response, and which are redacted (R2).
    pub response_fields: Vec<ResponseField>,
    /// Which value goes to which attribute (R3).
    pub object_mappings: Vec<ObjectMapping>,
    /// A sample response as JSON text; a dry run can be played with it (R2). Empty for none.
    pub mock_response: String,
    /// Email verification before each run (O1).
    pub customer_authentication: bool,
    /// Send no token at all (R4).
    pub bypass_authentication: bool,
    /// Refuse a run that lacks a required input (E10).
    pub validate_missing_attributes: bool,
    /// Used in background workflows (R4).
    pub background: bool,
    /// Timeouts and the circuit breaker's numbers.
    pub reliability: Reliability,
}

impl Default for ConnectorDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            http_method: HttpMethod::Get,
            url: String::new(),
            headers: Vec::new(),
            body: String::new(),
            data_inputs: Vec::new(),
            token_ids: Vec::new(),
            direct_fin_usage: false,
            audiences: Vec::new(),
            execution_type: ExecutionType::ServerSide,
            configuration_response_type: None,
            data_transformation_type: DataTransformationType::FullAccess,
            client_function_name: None,
            client_function_timeout_ms: None,
            response_fields: Vec::new(),
            object_mappings: Vec::new(),
            mock_response: String::new(),
            customer_authentication: false,
            bypass_authentication: false,
            validate_missing_attributes: true,
            background: false,
            reliability: Reliability::default(),
        }
    }
}

/// Never the header values: they may be secrets.
impl std::fmt::Debug for ConnectorDraft {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ConnectorDraft").field("name", &self.name).field("url", &self.url).finish_non_exhaustive()
    }
}

/// The HTTP methods of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum HttpMethod {
    #[default]
    Get,
    Post,
    Put,
    Delete,
    Patch,
}

/// A typed parameter of a connector, used as `{{name}}`.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct DataInput {
    /// Letters, digits, `_`, `-` and `.`; unique in the connector.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub input_type: InputType,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Whether a run needs it.
    #[serde(default)]
    pub required: bool,
    /// Used when a run gives none; empty is no default.
    #[serde(default)]
    pub default_value: String,
}

/// The type of a data input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum InputType {
    String,
    Integer,
    Decimal,
    Boolean,
}

/// A kind of customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum Audience {
    Users,
    Leads,
    Visitors,
}

/// Where a connector runs (R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionType {
    /// Here.
    ServerSide,
    /// In a browser: kept, and refused when run.
    ClientSide,
}

/// Where the response fields came from (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConfigurationResponseType {
    /// From the last test.
    TestResponseType,
    /// From the sample response.
    MockResponseType,
}

/// What happens to the response (R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum DataTransformationType {
    /// All of it is used.
    FullAccess,
    /// Fields marked `redacted` are left out.
    RedactedAccess,
    /// Kept, and refused when run.
    CodeBlockTransformation,
}

/// A field of the response (R2).
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ResponseField {
    /// Dotted path, such as `order.id`; `[]` steps into every element of an array.
    pub path: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: ResponseFieldType,
    /// An example as JSON text, if one is known.
    #[serde(default)]
    pub example_value: Option<String>,
    /// Redacted in log and mapped output.
    #[serde(default)]
    pub redacted: bool,
}

/// The type of a response field; a `datetime` is an ISO 8601 string (E12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum ResponseFieldType {
    Unknown,
    String,
    Integer,
    Decimal,
    Datetime,
    Boolean,
}

/// Which values of an object in the response go to which attributes (R3).
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ObjectMapping {
    /// Dotted path of the object; empty is the whole response.
    pub response_object_path: String,
    /// `conversation` or `user`.
    pub intercom_object_type: String,
    /// The values.
    #[serde(default)]
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Kept as they came.
    #[serde(default)]
    pub reference_mappings: Vec<ReferenceMapping>,
}

/// One value of the response and its attribute.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AttributeMapping {
    /// Dotted path inside the object.
    pub response_attribute_path: String,
    /// The attribute it goes to.
    pub intercom_attribute_identifier: String,
    /// How it is kept.
    #[serde(default)]
    pub mapping_type: MappingType,
}

/// How a mapped value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Intercom's names")]
pub enum MappingType {
    #[default]
    PrimitiveMapping,
    ContextMapping,
}

/// A reference between objects; kept as it came.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[expect(missing_docs, reason = "Intercom's names")]
pub struct ReferenceMapping {
    pub intercom_object_type: String,
    pub intercom_attribute_identifier: String,
}

/// Timeouts (E13) and the circuit breaker's numbers (C3).
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Reliability {
    /// Failures in a row that open the breaker.
    pub failures: u32,
    /// Within how many seconds they must fall.
    pub window_seconds: u32,
    /// After how many seconds one probe is allowed.
    pub open_seconds: u32,
    /// Connect timeout of each request, in milliseconds.
    pub connect_timeout_ms: u32,
    /// Total timeout of each request, in milliseconds.
    pub timeout_ms: u32,
}

impl Default for Reliability {
    fn default() -> Self {
        Self { failures: 5, window_seconds: 600, open_seconds: 60, connect_timeout_ms: 10_000, timeout_ms: 30_000 }
    }
}

impl HttpMethod {
    /// Intercom's spelling, such as `get`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Patch => "patch",
        }
    }
}

impl ConnectorDraft {
    /// The whole configuration as JSON, header values included: for the encrypted database only.
    pub fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Reads a configuration; what it does not name has its default, so that older ones can always be read.
    ///
    /// # Errors
    /// When it is no JSON object, or a field holds something of the wrong kind.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        Self::from_value(serde_json::from_str(text)?)
    }

    /// [`Self::from_json`] of a value that was read already.
    ///
    /// # Errors
    /// See [`Self::from_json`].
    pub fn from_value(given: serde_json::Value) -> Result<Self, serde_json::Error> {
        let mut whole = serde_json::json!(Self::default());
        merge(&mut whole, given);
        serde_json::from_value(whole)
    }
}

/// Puts what is given in place of the defaults, member by member.
fn merge(defaults: &mut serde_json::Value, given: serde_json::Value) {
    use serde_json::Value;
    match (defaults, given) {
        (Value::Object(defaults), Value::Object(given)) => {
            for (name, value) in given {
                match defaults.get_mut(&name) {
                    Some(default) if default.is_object() => merge(default, value),
                    _ => {
                        defaults.insert(name, value);
                    }
                }
            }
        }
        (defaults, given) => *defaults = given,
    }
}
