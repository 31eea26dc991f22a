//! What is shown of a stored token, its secrets left out (T8).

use super::token_views::{FieldView, LastTest, Moved, NamedRef, RequestView, TokenDetail, TokenSummary, ValueChange};
use super::views::Problem;
use crate::clock::millis_to_rfc3339;
use crate::refresh::generation;
use crate::response::compare_shapes;
use crate::store::connector_tokens::TokenUse;
use crate::store::token_shapes::{FailedShape, TokenShapesRow};
use crate::store::token_tests::TokenTestRow;
use crate::store::token_values::TokenValueRow;
use crate::store::tokens::TokenRow;
use crate::token::{AuthenticationRequest, RequestField, Token, TokenId, TokenKind, from_stored, header_line};

/// Everything the database has about one token.
pub(super) struct Gathered {
    pub row: TokenRow,
    pub value: Option<TokenValueRow>,
    pub test: Option<TokenTestRow>,
    pub shapes: TokenShapesRow,
    pub used_by: Vec<TokenUse>,
}

pub(super) fn token_of(row: &TokenRow) -> Result<Token, Problem> {
    Ok(from_stored(TokenId(row.id.clone()), row.name.clone(), &row.config)?)
}

fn summary(token: &Token, gathered: &Gathered) -> TokenSummary {
    use secrecy::ExposeSecret;
    let value = gathered.value.as_ref();
    // Exposed to be masked.
    let shown = value.and_then(|row| row.value.as_ref()).map(ExposeSecret::expose_secret);
    let change = value.and_then(|row| change_of(&row.change));
    TokenSummary {
        id: token.id.0.clone(),
        name: token.name.clone(),
        description: token.description.clone(),
        token_type: token.token_type(),
        header_preview: header_line(&token.request_header_key, &token.token_prefix, shown),
        domain: token.domain.clone(),
        used_by: gathered
            .used_by
            .iter()
            .map(|used| NamedRef { id: used.connector_id.clone(), name: used.connector_name.clone() })
            .collect(),
        has_value: shown.is_some(),
        generation: value.map_or(0, |row| generation(row.generation)),
        last_refreshed_at: value.filter(|row| row.value.is_some()).map(|row| millis_to_rfc3339(row.changed_at_ms)),
        last_change: change,
        last_test: gathered.test.as_ref().map(|test| LastTest {
            at: millis_to_rfc3339(test.at_ms),
            http_status: test.http_status.and_then(|status| u16::try_from(status).ok()),
            ok: test.ok,
        }),
    }
}

pub(super) fn detail(token: &Token, gathered: &Gathered) -> TokenDetail {
    let (request, location, refresh_before_seconds) = match &token.kind {
        TokenKind::Text | TokenKind::User => (None, None, None),
        TokenKind::HttpRequest { request, location, refresh_before_seconds } => {
            (Some(request_view(request)), Some(location.clone()), *refresh_before_seconds)
        }
    };
    let expiry = gathered.value.as_ref().and_then(|value| value.expiry.as_ref());
    TokenDetail {
        summary: summary(token, gathered),
        request_header_key: token.request_header_key.clone(),
        token_prefix: token.token_prefix.clone(),
        request,
        location,
        refresh_before_seconds,
        expires_at: expiry.map(|expiry| millis_to_rfc3339(expiry.at_ms)),
        lifetime_from: expiry.map(|expiry| expiry.seen.clone()),
        moved: gathered.shapes.failed.as_ref().map(|failed| moved(failed, gathered.shapes.good.as_deref())),
    }
}

fn moved(failed: &FailedShape, good: Option<&str>) -> Moved {
    let (saved_shape, new_shape) = compare_shapes(good.unwrap_or_default(), &failed.shape);
    Moved {
        at: millis_to_rfc3339(failed.at_ms),
        sentence: failed.sentence.clone(),
        saved_shape,
        new_shape,
        // Written by this engine; what an older one wrote otherwise is only a proposal less.
        proposals: serde_json::from_str(&failed.proposals).unwrap_or_default(),
    }
}

fn request_view(request: &AuthenticationRequest) -> RequestView {
    RequestView {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: field_views(&request.headers),
        parameters: field_views(&request.parameters),
        encoding: request.encoding,
    }
}

fn field_views(fields: &[RequestField]) -> Vec<FieldView> {
    use secrecy::ExposeSecret;
    let view = |(position, field): (usize, &RequestField)| FieldView {
        name: field.name.clone(),
        // A field that the user unmarked is no secret, so it may be seen.
        value: (!field.secret).then(|| field.value.expose_secret().to_owned()),
        secret: field.secret,
        stored: u32::try_from(position).unwrap_or(u32::MAX),
    };
    fields.iter().enumerate().map(view).collect()
}

fn change_of(stored: &str) -> Option<ValueChange> {
    Some(match stored {
        "saved" => ValueChange::Saved,
        "fetched" => ValueChange::Fetched,
        "refreshed" => ValueChange::Refreshed,
        "refreshed_by_hand" => ValueChange::RefreshedByHand,
        "forgotten_by_hand" => ValueChange::ForgottenByHand,
        _ => return None,
    })
}
