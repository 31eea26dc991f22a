//! The secret header values of a connector: they stay here, and a page names them by position (T8).

use super::views::Problem;
use crate::connector::ConnectorDraft;
use crate::redact::is_credential_header;

/// A header's value is a secret when it is marked so, or when its name says that it carries a credential.
fn is_secret(header: &crate::token::FieldDraft) -> bool {
    header.secret || is_credential_header(&header.name)
}

/// The configuration as a page gets it: secret header values left out, each header with its position.
pub(super) fn without_secrets(config: &ConnectorDraft) -> ConnectorDraft {
    let mut shown = config.clone();
    for (position, header) in shown.headers.iter_mut().enumerate() {
        header.stored = u32::try_from(position).ok();
        if is_secret(header) {
            header.secret = true;
            header.value = None;
        }
    }
    shown
}

/// The configuration as it is stored: values that a page left out are taken from the stored headers that they name.
///
/// # Errors
/// When such a header is not stored any more.
pub(super) fn fill_secrets(mut draft: ConnectorDraft, stored: Option<&ConnectorDraft>) -> Result<ConnectorDraft, Problem> {
    for (position, header) in draft.headers.iter_mut().enumerate() {
        let kept = header.stored.take();
        if header.value.is_none() {
            let value = kept
                .and_then(|index| stored?.headers.get(usize::try_from(index).ok()?))
                .and_then(|header| header.value.clone())
                .ok_or_else(|| {
                    Problem::invalid(
                        format!("headers[{position}].value"),
                        "The value of this header is not stored any more.",
                        "Type it again.",
                    )
                })?;
            header.value = Some(value);
        }
        header.secret = is_secret(header);
    }
    Ok(draft)
}
