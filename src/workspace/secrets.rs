//! One secret at a time, on purpose (T8): to be shown for a moment, or to go to the clipboard.

use secrecy::{ExposeSecret, SecretString};

use super::Workspace;
use super::token_views::SecretRef;
use super::views::{Problem, ProblemCode};
use crate::store::{customer_tokens, customers, token_values};
use crate::token::{AuthenticationRequest, RequestField, TokenKind};

impl Workspace {
    /// The secret that is named. The caller shows it for a moment or copies it, and keeps it nowhere.
    ///
    /// # Errors
    /// When there is no such secret.
    pub async fn secret(&self, secret: SecretRef) -> Result<SecretString, Problem> {
        match secret {
            SecretRef::TokenValue { token_id } => self.token_value(token_id).await,
            SecretRef::TokenHeader { token_id, index } => self.token_field(&token_id, index, |request| &request.headers).await,
            SecretRef::TokenParameter { token_id, index } => {
                self.token_field(&token_id, index, |request| &request.parameters).await
            }
            SecretRef::CustomerToken { user_id, token_id } => self.customer_token(user_id, token_id).await,
            SecretRef::MessengerSecret => self.messenger().secret().await,
            SecretRef::ConnectorHeader { connector_id, index } => self.connectors().secret_header(&connector_id, index).await,
        }
    }

    /// The secret that is named, as text for a window that shows it for a moment.
    ///
    /// # Errors
    /// When there is no such secret.
    pub async fn reveal(&self, secret: SecretRef) -> Result<String, Problem> {
        // Exposed because the user asked to see it.
        Ok(self.secret(secret).await?.expose_secret().to_owned())
    }

    async fn customer_token(&self, user_id: String, token_id: String) -> Result<SecretString, Problem> {
        let held = self.database().read_async(move |connection| {
            let Some(customer) = customers::by_user_id(connection, &user_id)? else { return Ok(None) };
            Ok(customer_tokens::get(connection, customer.id, &token_id)?.and_then(|held| held.value))
        });
        held.await?
            .ok_or_else(|| Problem::new(ProblemCode::NotFound, "The customer holds no value of this token.", "Set one first."))
    }

    async fn token_value(&self, token_id: String) -> Result<SecretString, Problem> {
        let token = self.tokens().token(&token_id).await?;
        if matches!(token.kind, TokenKind::User) {
            return Err(Problem::no_value_of_its_own(&token.name));
        }
        let row = self.database().read_async(move |connection| token_values::get(connection, &token_id)).await?;
        row.ok_or_else(Problem::token_gone)?.value.ok_or_else(|| {
            Problem::new(
                ProblemCode::NotFound,
                "The token has no value at present.",
                "Refresh it, or run a connector that uses it.",
            )
        })
    }

    async fn token_field(
        &self,
        token_id: &str,
        index: u32,
        list: impl Fn(&AuthenticationRequest) -> &Vec<RequestField>,
    ) -> Result<SecretString, Problem> {
        let token = self.tokens().token(token_id).await?;
        let TokenKind::HttpRequest { request, .. } = &token.kind else { return Err(Problem::token_gone()) };
        let field = usize::try_from(index).ok().and_then(|index| list(request).get(index));
        field
            .map(|field| field.value.clone())
            .ok_or_else(|| Problem::new(ProblemCode::NotFound, "This field is not stored any more.", "Open the token again."))
    }
}
