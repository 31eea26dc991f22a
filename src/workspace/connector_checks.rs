//! What a connector may not be saved with because of others: a name that is taken, and headers that clash.

use super::connectors::{Configured, Connectors};
use super::views::Problem;
use crate::connector::ConnectorDraft;
use crate::store::{StoreFailure, connectors};

impl Connectors<'_> {
    /// A name is free when no other connector has it, also while it only stands in a draft copy.
    pub(super) async fn check_name(&self, name: &str, connector_id: Option<&str>) -> Result<(), Problem> {
        let wanted = name.to_owned();
        let row = self.workspace.database().read_async(move |connection| connectors::by_name(connection, &wanted)).await?;
        match row {
            Some(row) if Some(row.id.as_str()) != connector_id => Err(StoreFailure::Taken.into()),
            _ => Ok(()),
        }
    }

    /// Two tokens on one header, or a token on a header that the connector sets itself, can't both be sent.
    pub(super) async fn check_tokens(&self, draft: &ConnectorDraft) -> Result<(), Problem> {
        let tokens = self.attached(&draft.token_ids).await?;
        for (position, token) in tokens.iter().enumerate() {
            let key = &token.request_header_key;
            if let Some(other) = tokens[..position].iter().find(|other| other.request_header_key.eq_ignore_ascii_case(key)) {
                return Err(Problem::invalid(
                    format!("token_ids[{position}]"),
                    format!("The tokens {} and {} are both sent as the header {key}.", other.name, token.name),
                    "Detach one of them, or give one another header.",
                ));
            }
            if let Some(index) = draft.headers.iter().position(|header| header.name.trim().eq_ignore_ascii_case(key)) {
                return Err(Problem::invalid(
                    format!("headers[{index}].name"),
                    format!("The header {key} is already sent by the token {}.", token.name),
                    "Remove this header, or detach the token.",
                ));
            }
        }
        Ok(())
    }

    /// Whether a token may be sent as another header by all connectors that use it, live and in draft.
    ///
    /// # Errors
    /// When another token or a header of one of them is sent as that already.
    pub(super) async fn check_new_header(&self, token_id: &str, name: &str, key: &str) -> Result<(), Problem> {
        let rows = self.workspace.database().read_async(connectors::list).await?;
        for row in rows {
            let configured = Configured::read(row)?;
            for config in configured.draft.iter().chain(&configured.live) {
                if !config.token_ids.iter().any(|id| id == token_id) {
                    continue;
                }
                let others: Vec<_> = config.token_ids.iter().filter(|id| *id != token_id).cloned().collect();
                let taken_by =
                    self.attached(&others).await?.into_iter().find(|other| other.request_header_key.eq_ignore_ascii_case(key));
                let own = config.headers.iter().any(|header| header.name.trim().eq_ignore_ascii_case(key));
                if taken_by.is_some() || own {
                    let by = taken_by.map_or_else(|| "itself".to_owned(), |other| format!("with the token {}", other.name));
                    return Err(Problem::invalid(
                        "request_header_key",
                        format!(
                            "The connector “{}” uses the token {name} and sends the header {key} {by} already.",
                            configured.row.name
                        ),
                        "Choose another header, or change that connector first.",
                    ));
                }
            }
        }
        Ok(())
    }
}
