//! The commands of customers.

use latchkey::customer::SetBy;
use latchkey::workspace::{CustomerDetail, CustomerDraft, CustomerFilter, CustomerPage};
use secrecy::SecretString;

use super::{Reply, Window};

/// A page of customers.
#[tauri::command]
#[specta::specta]
pub async fn list_customers(
    desktop: Window<'_>,
    filter: CustomerFilter,
    after: Option<String>,
    limit: u32,
) -> Reply<CustomerPage> {
    desktop.workspace().await?.customers().list(filter, after, limit).await
}

/// One customer with what it holds.
#[tauri::command]
#[specta::specta]
pub async fn get_customer(desktop: Window<'_>, user_id: String) -> Reply<CustomerDetail> {
    desktop.workspace().await?.customers().get(&user_id).await
}

/// Adds a customer, or writes over what is known of one.
#[tauri::command]
#[specta::specta]
pub async fn save_customer(desktop: Window<'_>, draft: CustomerDraft, replace: bool) -> Reply<CustomerDetail> {
    desktop.workspace().await?.customers().save(draft, replace).await
}

/// Deletes a customer with the values that it holds.
#[tauri::command]
#[specta::specta]
pub async fn delete_customer(desktop: Window<'_>, user_id: String) -> Reply<()> {
    desktop.workspace().await?.customers().delete(&user_id).await
}

/// Sets what a customer holds of a user token, by the token's name.
#[tauri::command]
#[specta::specta]
pub async fn set_customer_token(
    desktop: Window<'_>,
    user_id: String,
    token_name: String,
    value: String,
) -> Reply<CustomerDetail> {
    desktop.workspace().await?.customers().set_token(&user_id, token_name, SecretString::from(value), SetBy::Window).await
}

/// Removes what a customer holds of a user token.
#[tauri::command]
#[specta::specta]
pub async fn remove_customer_token(desktop: Window<'_>, user_id: String, token_id: String) -> Reply<CustomerDetail> {
    desktop.workspace().await?.customers().remove_token(&user_id, &token_id, SetBy::Window).await
}
