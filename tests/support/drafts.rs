//! Tokens and connectors as a user would type them, so that a test writes only what it is about.

use latchkey::connector::{
    AttributeMapping, ConnectorDraft, DataInput, HttpMethod, InputType, MappingType, ObjectMapping, ResponseField,
    ResponseFieldType,
};
use latchkey::token::{Encoding, FieldDraft, RequestDraft, TokenDraft, TokenDraftKind, TokenLocation};

pub fn field(name: &str, value: &str, secret: bool) -> FieldDraft {
    FieldDraft { name: name.to_owned(), value: Some(value.to_owned()), secret, stored: None }
}

pub fn text_token(name: &str, value: &str) -> TokenDraft {
    TokenDraft {
        id: None,
        name: name.to_owned(),
        description: String::new(),
        request_header_key: "Authorization".to_owned(),
        token_prefix: "Bearer".to_owned(),
        domain: None,
        kind: TokenDraftKind::Text { value: Some(value.to_owned()) },
    }
}

/// A user token without a prefix.
pub fn user_token(name: &str, header: &str) -> TokenDraft {
    TokenDraft {
        request_header_key: header.to_owned(),
        token_prefix: String::new(),
        kind: TokenDraftKind::User,
        ..text_token(name, "")
    }
}

/// `POST url` with `client_id` (shown) and `client_secret` (hidden).
pub fn login(url: &str, secret: &str) -> RequestDraft {
    RequestDraft {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        parameters: vec![field("client_id", "shop-7", false), field("client_secret", secret, true)],
        encoding: Encoding::Json,
    }
}

pub fn login_token(name: &str, request: RequestDraft, location: TokenLocation) -> TokenDraft {
    TokenDraft {
        kind: TokenDraftKind::HttpRequest { request, location: Some(location), refresh_before_seconds: None },
        ..text_token(name, "")
    }
}

pub fn connector(name: &str, url: &str, token_ids: &[&str]) -> ConnectorDraft {
    ConnectorDraft {
        name: name.to_owned(),
        url: url.to_owned(),
        token_ids: token_ids.iter().map(|&id| id.to_owned()).collect(),
        ..ConnectorDraft::default()
    }
}

pub fn posting(name: &str, url: &str, content_type: &str, body: &str) -> ConnectorDraft {
    ConnectorDraft {
        http_method: HttpMethod::Post,
        headers: vec![field("Content-Type", content_type, false)],
        body: body.to_owned(),
        ..connector(name, url, &[])
    }
}

pub fn input(name: &str, input_type: InputType) -> DataInput {
    DataInput { name: name.to_owned(), input_type, description: String::new(), required: true, default_value: String::new() }
}

pub fn marked(path: &str, field_type: ResponseFieldType) -> ResponseField {
    ResponseField { path: path.to_owned(), field_type, example_value: None, redacted: true }
}

/// What stands at `path` in `object` goes to the conversation's `attribute`.
pub fn mapping(object: &str, path: &str, attribute: &str) -> ObjectMapping {
    ObjectMapping {
        response_object_path: object.to_owned(),
        intercom_object_type: "conversation".to_owned(),
        attribute_mappings: vec![AttributeMapping {
            response_attribute_path: path.to_owned(),
            intercom_attribute_identifier: attribute.to_owned(),
            mapping_type: MappingType::PrimitiveMapping,
        }],
        reference_mappings: Vec::new(),
    }
}
