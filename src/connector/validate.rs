//! What is wrong with a connector's configuration, all of it at once, each with its field (E10, R1).
//!
//! Names of tokens, and whether another connector has the same name, are not known here.

use std::collections::HashSet;

use serde_json::Value;

use super::inputs::{default_value, expected};
use super::response_path::ResponsePath;
use super::template::{BodyKind, Template, is_input_name};
use super::{ConnectorDraft, DataInput};
use crate::token::{Fault, FieldDraft, NAME_LIMIT, OWN_HEADERS};

/// Any day's length is enough for a breaker; in seconds.
const ONE_DAY: u32 = 86_400;

/// Everything that forbids saving this configuration. An empty URL is no fault yet (see [`ready`]).
/// A header whose value is left out because it is stored already is checked without its value.
pub fn check(draft: &ConnectorDraft) -> Vec<Fault> {
    let mut faults = Faults { found: Vec::new(), inputs: &draft.data_inputs };
    faults.name(&draft.name);
    faults.url(&draft.url);
    faults.headers(&draft.headers);
    faults.body(draft);
    faults.data_inputs(&draft.data_inputs);
    faults.token_ids(&draft.token_ids);
    faults.response(draft);
    faults.reliability(draft);
    if draft.background && draft.customer_authentication {
        let message = "A connector for background workflows can't ask for email verification.";
        faults.add("customer_authentication", message, "Turn one of the two off.");
    }
    faults.found
}

/// Everything that forbids setting this configuration live: what forbids saving it, and an empty URL (R1).
pub fn ready(draft: &ConnectorDraft) -> Vec<Fault> {
    let mut faults = check(draft);
    if draft.url.is_empty() {
        faults.insert(0, fault("url", "The connector has no URL yet.", "Enter the address of the API."));
    }
    faults
}

fn fault(field: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) -> Fault {
    Fault { field: field.into(), message: message.into(), next_step: next_step.into() }
}

struct Faults<'a> {
    found: Vec<Fault>,
    inputs: &'a [DataInput],
}

impl Faults<'_> {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) {
        self.found.push(fault(field, message, next_step));
    }

    fn name(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.add("name", "The connector has no name.", "Give it a name.");
        } else if name.chars().count() > NAME_LIMIT {
            self.add("name", "The name is longer than 255 characters.", "Choose a shorter one.");
        } else if name.chars().any(char::is_control) {
            self.add("name", "The name holds a line break or another control character.", "Type it on one line.");
        }
    }

    fn url(&mut self, url: &str) {
        if url.is_empty() {
            return;
        }
        if url.trim() != url || url.chars().any(char::is_control) {
            self.add("url", "The URL has spaces around it or a line break in it.", "Remove them.");
            return;
        }
        let Some(template) = self.template("url", Template::parse(url)) else { return };
        if !template.host_is_fixed() {
            let message = "The URL takes its scheme, host or port from an input, so its tokens could be sent anywhere.";
            self.add("url", message, "Write the scheme, host and port out, and use inputs after them.");
            return;
        }
        let sample = template.render_url(&samples(&template)).unwrap_or_default();
        let scheme_is_http = ["http://", "https://"]
            .iter()
            .any(|scheme| sample.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if !scheme_is_http {
            self.add("url", "The URL must begin with http:// or https://.", "Enter the whole address.");
            return;
        }
        match url::Url::parse(&sample) {
            Err(reason) => {
                self.add("url", format!("This is not a URL: {reason}."), "Compare it with the API's documentation.");
            }
            Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
                let next_step = "Remove it, and attach a token that is sent as an Authorization header.";
                self.add("url", "The URL holds a user name or password.", next_step);
            }
            Ok(_) => {}
        }
    }

    fn headers(&mut self, headers: &[FieldDraft]) {
        let mut has_content_type = false;
        for (position, header) in headers.iter().enumerate() {
            let (name_field, value_field) = (format!("headers[{position}].name"), format!("headers[{position}].value"));
            let name = header.name.to_ascii_lowercase();
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                let next_step = "Use letters, digits and dashes, such as X-Api-Version.";
                self.add(name_field, "This can't be the name of a header.", next_step);
            } else if OWN_HEADERS.contains(&name.as_str()) {
                let message = format!("The header {} is not yours to set.", header.name);
                self.add(name_field, message, "Remove it: what is needed is sent by itself.");
            } else if name == "content-type" && std::mem::replace(&mut has_content_type, true) {
                self.add(name_field, "There is a second Content-Type header.", "Keep one of them.");
            }
            match &header.value {
                Some(value) => self.header_value(&name, value_field, value),
                None if header.stored.is_some() => {}
                None => self.add(value_field, "The header has no value.", "Type its value."),
            }
        }
    }

    fn header_value(&mut self, name: &str, field: String, value: &str) {
        if value.chars().any(|character| character.is_ascii_control() && character != '\t') {
            self.add(field, "The value holds a line break or another control character.", "Type it on one line.");
            return;
        }
        let Some(template) = self.template(&field, Template::parse(value)) else { return };
        if name == "content-type" && template.names().next().is_some() {
            let message = "The Content-Type can't come from an input: it decides how inputs are written into the body.";
            self.add(field, message, "Write it out, such as application/json.");
        }
    }

    fn body(&mut self, draft: &ConnectorDraft) {
        let Some(template) = self.template("body", Template::parse_body(&draft.body)) else { return };
        let is_json = content_type(&draft.headers).map(BodyKind::announced) == Some(BodyKind::Json);
        if is_json
            && !draft.body.trim().is_empty()
            && let Some(fault) = template.json_fault()
        {
            let next_step = "Correct it there; an input that is a whole value stands without quotes, a key needs quotes.";
            self.add("body", fault.to_string(), next_step);
        }
    }

    /// The template, if it is one; unknown names are faults (E10).
    fn template(&mut self, field: &str, parsed: Result<Template, super::template::TemplateFault>) -> Option<Template> {
        let template = match parsed {
            Ok(template) => template,
            Err(fault) => {
                self.add(field, fault.to_string(), "Write an input as {{name}}.");
                return None;
            }
        };
        let mut named = HashSet::new();
        for (name, position) in template.names() {
            if named.insert(name) && !self.inputs.iter().any(|input| input.name == name) {
                let message = format!("The connector has no input “{name}” (at character {position}).");
                self.add(field, message, "Add it under Data inputs, or correct the name.");
            }
        }
        Some(template)
    }

    fn data_inputs(&mut self, inputs: &[DataInput]) {
        let mut names = HashSet::new();
        for (position, input) in inputs.iter().enumerate() {
            let field = format!("data_inputs[{position}].name");
            if !is_input_name(&input.name) {
                let message = "The name of an input has 1 to 100 letters, digits, “_”, “-” or “.”, and nothing else.";
                self.add(field, message, "Rename it, such as order_id.");
            } else if !names.insert(input.name.as_str()) {
                self.add(field, format!("There is another input “{}”.", input.name), "Rename one of them.");
            }
            if !input.default_value.is_empty() && default_value(input).is_none() {
                let message = format!("The default value must be {}.", expected(input.input_type));
                self.add(format!("data_inputs[{position}].default_value"), message, "Correct it, or leave it empty.");
            }
        }
    }

    fn token_ids(&mut self, token_ids: &[String]) {
        let mut attached = HashSet::new();
        for (position, id) in token_ids.iter().enumerate() {
            if !attached.insert(id) {
                self.add(format!("token_ids[{position}]"), "This token is attached twice.", "Detach it once.");
            }
        }
    }

    fn response(&mut self, draft: &ConnectorDraft) {
        if !draft.mock_response.trim().is_empty()
            && let Err(reason) = serde_json::from_str::<Value>(&draft.mock_response)
        {
            let message = format!("The mock response is not valid JSON: {reason}.");
            self.add("mock_response", message, "Correct it there, or leave it empty.");
        }
        for (position, field) in draft.response_fields.iter().enumerate() {
            self.path(format!("response_fields[{position}].path"), &field.path, false);
        }
        for (position, object) in draft.object_mappings.iter().enumerate() {
            let at = format!("object_mappings[{position}]");
            self.path(format!("{at}.response_object_path"), &object.response_object_path, true);
            if object.intercom_object_type.trim().is_empty() {
                let next_step = "Choose conversation or user.";
                self.add(format!("{at}.intercom_object_type"), "The mapping has no object to go to.", next_step);
            }
            for (position, attribute) in object.attribute_mappings.iter().enumerate() {
                let at = format!("{at}.attribute_mappings[{position}]");
                self.path(format!("{at}.response_attribute_path"), &attribute.response_attribute_path, false);
                if attribute.intercom_attribute_identifier.trim().is_empty() {
                    let field = format!("{at}.intercom_attribute_identifier");
                    self.add(field, "The mapping has no attribute to go to.", "Name the attribute.");
                }
            }
        }
    }

    fn path(&mut self, field: String, path: &str, may_be_empty: bool) {
        if path.is_empty() && !may_be_empty {
            self.add(field, "The path is empty.", "Name a field of the response, such as order.id.");
        } else if let Err(fault) = ResponsePath::parse(path) {
            self.add(field, fault.to_string(), "Write it like order.id or lines[].sku.");
        }
    }

    fn reliability(&mut self, draft: &ConnectorDraft) {
        let numbers = &draft.reliability;
        let ranges = [
            ("failures", numbers.failures, 1, 100, ""),
            ("window_seconds", numbers.window_seconds, 1, ONE_DAY, " seconds"),
            ("open_seconds", numbers.open_seconds, 1, ONE_DAY, " seconds"),
            ("connect_timeout_ms", numbers.connect_timeout_ms, 100, 300_000, " milliseconds"),
            ("timeout_ms", numbers.timeout_ms, 100, 300_000, " milliseconds"),
        ];
        for (name, value, least, most, unit) in ranges {
            if !(least..=most).contains(&value) {
                let message = format!("This number must be from {least} to {most}{unit}.");
                self.add(format!("reliability.{name}"), message, "Choose a number in that range.");
            }
        }
    }
}

/// The value of the connector's Content-Type header, if it has one that is known here.
pub fn content_type(headers: &[FieldDraft]) -> Option<&str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"))?.value.as_deref()
}

/// A harmless value for every input that a template names.
fn samples(template: &Template) -> super::inputs::ResolvedInputs {
    template.names().map(|(name, _)| (name, super::inputs::InputValue::String("x".to_owned()))).collect()
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
