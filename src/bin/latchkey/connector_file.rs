//! The connector file: Intercom's `create_data_connector_request`, with tokens by name and a few fields of
//! `data_connector_detail` and of our own. Its fields are a public contract.

use std::path::Path;

use latchkey::connector::{
    AttributeMapping, ConnectorDraft, DataInput, ObjectMapping, ReferenceMapping, Reliability, ResponseField,
};
use latchkey::token::FieldDraft;
use latchkey::workspace::{Problem, ProblemCode, Workspace};
use serde_json::Value;

use crate::failure::Failure;
use crate::json_file::{Members, read, wrong};

/// A connector as its file has it.
pub struct ConnectorFile {
    /// The connector, without the tokens that are given by name.
    pub draft: ConnectorDraft,
    /// The names of its tokens, when they are given by name.
    pub tokens: Option<Vec<String>>,
}

/// Reads a connector file.
///
/// # Errors
/// The first fault, with the path of its field.
pub fn read_connector(file: &Path) -> Result<ConnectorFile, Problem> {
    let mut members = read(file)?;
    let defaults = ConnectorDraft::default();
    refuse_state(&mut members)?;
    let (tokens, token_ids) = (members.texts("tokens")?, members.texts("token_ids")?);
    if tokens.is_some() && token_ids.is_some() {
        return Err(Problem::invalid("token_ids", "The file has both tokens and token_ids.", "Keep one of the two."));
    }
    let draft = ConnectorDraft {
        name: members.needed("name")?,
        description: members.text("description")?.unwrap_or_default(),
        http_method: members.choice("http_method", &["get", "post", "put", "delete", "patch"])?.unwrap_or_default(),
        url: members.text("url")?.unwrap_or_default(),
        headers: members.each("headers", header)?,
        body: members.text("body")?.unwrap_or_default(),
        data_inputs: members.each("data_inputs", data_input)?,
        token_ids: token_ids.unwrap_or_default(),
        direct_fin_usage: members.flag("direct_fin_usage")?.unwrap_or(defaults.direct_fin_usage),
        audiences: members.choices("audiences", &["users", "leads", "visitors"])?,
        execution_type: members.choice("execution_type", &["server_side", "client_side"])?.unwrap_or(defaults.execution_type),
        configuration_response_type: None,
        data_transformation_type: members
            .choice("data_transformation_type", &["full_access", "redacted_access", "code_block_transformation"])?
            .unwrap_or(defaults.data_transformation_type),
        client_function_name: members.text("client_function_name")?,
        client_function_timeout_ms: members.number("client_function_timeout_ms")?,
        response_fields: members.each("response_fields", response_field)?,
        object_mappings: members.each("object_mappings", object_mapping)?,
        mock_response: mock_response(&mut members)?,
        customer_authentication: members.flag("customer_authentication")?.unwrap_or(defaults.customer_authentication),
        bypass_authentication: members.flag("bypass_authentication")?.unwrap_or(defaults.bypass_authentication),
        validate_missing_attributes: members
            .flag("validate_missing_attributes")?
            .unwrap_or(defaults.validate_missing_attributes),
        background: members.flag("background")?.unwrap_or(defaults.background),
        reliability: reliability(&mut members)?,
    };
    members.finish()?;
    Ok(ConnectorFile { draft, tokens })
}

impl ConnectorFile {
    /// The connector with its tokens looked up by their names.
    ///
    /// # Errors
    /// When there is no token of a name.
    pub async fn with_tokens(self, workspace: &Workspace) -> Result<ConnectorDraft, Failure> {
        let mut draft = self.draft;
        for (position, name) in self.tokens.unwrap_or_default().iter().enumerate() {
            match workspace.tokens().id_of(name).await {
                Ok(id) => draft.token_ids.push(id),
                Err(problem) if problem.code == ProblemCode::NotFound => {
                    let field = format!("tokens[{position}]");
                    return Err(Problem { field: Some(field), code: ProblemCode::Invalid, ..problem }.into());
                }
                Err(problem) => return Err(problem.into()),
            }
        }
        Ok(draft)
    }
}

/// A problem that the engine has with a connector, its field named as it stands in a file with tokens by name.
pub fn in_the_file(mut problem: Problem) -> Problem {
    if let Some(position) = problem.field.as_deref().and_then(|field| field.strip_prefix("token_ids")) {
        problem.field = Some(format!("tokens{position}"));
    }
    problem
}

fn refuse_state(members: &mut Members) -> Result<(), Problem> {
    match members.text("state")?.as_deref() {
        None | Some("draft") => Ok(()),
        Some(_) => Err(Problem::invalid(
            "state",
            "A connector is saved as a draft.",
            "Leave state out, and set the connector live with latchkey connector live NAME.",
        )),
    }
}

fn header(members: &mut Members) -> Result<FieldDraft, Problem> {
    Ok(FieldDraft {
        name: members.needed("name")?,
        value: Some(members.text("value")?.unwrap_or_default()),
        // Headers whose names say that they carry a credential are secret anyway.
        secret: members.flag("secret")?.unwrap_or(false),
        stored: None,
    })
}

fn data_input(members: &mut Members) -> Result<DataInput, Problem> {
    let types = ["string", "integer", "decimal", "boolean"];
    Ok(DataInput {
        name: members.needed("name")?,
        input_type: members.choice("type", &types)?.ok_or_else(|| members.missing("type"))?,
        description: members.text("description")?.unwrap_or_default(),
        required: members.flag("required")?.unwrap_or(false),
        default_value: default_value(members)?,
    })
}

/// A string, whatever the input's type: so Intercom has it, and so `12.50` keeps its digits.
fn default_value(members: &mut Members) -> Result<String, Problem> {
    match members.value("default_value") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(other) => {
            let problem = wrong(&members.at("default_value"), "a string for inputs of every type", &other);
            Err(Problem { next_step: "Write it in quotes, such as \"12.50\".".to_owned(), ..problem })
        }
    }
}

fn response_field(members: &mut Members) -> Result<ResponseField, Problem> {
    let types = ["unknown", "string", "integer", "decimal", "datetime", "boolean"];
    Ok(ResponseField {
        path: members.needed("path")?,
        field_type: members.choice("type", &types)?.ok_or_else(|| members.missing("type"))?,
        example_value: members.value("example_value").map(|example| example.to_string()),
        redacted: members.flag("redacted")?.unwrap_or(false),
    })
}

const OBJECT_TYPES: [&str; 2] = ["conversation", "user"];

fn object_mapping(members: &mut Members) -> Result<ObjectMapping, Problem> {
    Ok(ObjectMapping {
        response_object_path: members.text("response_object_path")?.unwrap_or_default(),
        intercom_object_type: object_type(members)?,
        attribute_mappings: members.each("attribute_mappings", |mapping| {
            Ok(AttributeMapping {
                response_attribute_path: mapping.needed("response_attribute_path")?,
                intercom_attribute_identifier: mapping.needed("intercom_attribute_identifier")?,
                mapping_type: mapping.choice("mapping_type", &["primitive_mapping", "context_mapping"])?.unwrap_or_default(),
            })
        })?,
        reference_mappings: members.each("reference_mappings", |mapping| {
            Ok(ReferenceMapping {
                intercom_object_type: object_type(mapping)?,
                intercom_attribute_identifier: mapping.needed("intercom_attribute_identifier")?,
            })
        })?,
    })
}

fn object_type(members: &mut Members) -> Result<String, Problem> {
    let name = "intercom_object_type";
    members.choice(name, &OBJECT_TYPES)?.ok_or_else(|| members.missing(name))
}

fn mock_response(members: &mut Members) -> Result<String, Problem> {
    match members.value("mock_response") {
        None => Ok(String::new()),
        Some(value @ (Value::Object(_) | Value::Array(_))) => Ok(format!("{value:#}")),
        Some(other) => Err(wrong("mock_response", "an object, the response itself and not its text", &other)),
    }
}

fn reliability(members: &mut Members) -> Result<Reliability, Problem> {
    let defaults = Reliability::default();
    let Some(mut numbers) = members.object("reliability")? else { return Ok(defaults) };
    let reliability = Reliability {
        failures: numbers.number("failures")?.unwrap_or(defaults.failures),
        window_seconds: numbers.number("window_seconds")?.unwrap_or(defaults.window_seconds),
        open_seconds: numbers.number("open_seconds")?.unwrap_or(defaults.open_seconds),
        connect_timeout_ms: numbers.number("connect_timeout_ms")?.unwrap_or(defaults.connect_timeout_ms),
        timeout_ms: numbers.number("timeout_ms")?.unwrap_or(defaults.timeout_ms),
    };
    numbers.finish()?;
    Ok(reliability)
}
