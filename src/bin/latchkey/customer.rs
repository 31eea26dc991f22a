//! `latchkey customer …`.

use std::path::PathBuf;

use latchkey::customer::{Said, SetBy};
use latchkey::response::JwtView;
use latchkey::workspace::{CustomerDetail, CustomerFilter, HeldToken, Problem, Workspace};
use secrecy::SecretString;
use serde_json::json;

use crate::customer_arguments::{CustomerCommand, ListCustomersArguments, SetCustomerArguments};
use crate::failure::{Exit, Failure};
use crate::one_line::one_line;
use crate::open::open;
use crate::output::Output;

/// The most customers of one page.
const PAGE: u32 = 200;

/// Carries a customer command out.
///
/// # Errors
/// When it could not be done.
pub async fn carry_out(command: CustomerCommand, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    match command {
        CustomerCommand::Set(arguments) => return set(arguments, folder, output).await,
        CustomerCommand::List(arguments) => list(arguments, &open(folder).await?, output).await?,
        CustomerCommand::Show(of) => show(&open(folder).await?.customers().get(&of.user_id).await?, output)?,
        CustomerCommand::Delete(of) => {
            open(folder).await?.customers().delete(&of.user_id).await?;
            if output.is_json() {
                output.object(&json!({ "type": "customer", "user_id": of.user_id, "deleted": true }))?;
            } else {
                output.line(&format!("Deleted the customer “{}” with the values that it held.", of.user_id))?;
            }
        }
    }
    Ok(Exit::Succeeded)
}

/// Known names of tokens are stored even when others are refused (M2): that fails, and says what was stored.
async fn set(arguments: SetCustomerArguments, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    // Read first: what can't be read should not make a workspace.
    let tokens =
        arguments.tokens.iter().map(|given| token(given)).collect::<Result<Vec<_>, _>>().map_err(Failure::wrong_use)?;
    let SetCustomerArguments { user_id, email, name, kind, .. } = arguments;
    // As it is kept, and shown.
    let user_id = user_id.trim().to_owned();
    let said = Said { user_id: user_id.clone(), email, name, kind, tokens, seen: false };
    let workspace = open(folder).await?;
    let set = workspace.customers().take_in(said, SetBy::CommandLine).await?;
    let detail = workspace.customers().get(&user_id).await?;
    if output.is_json() {
        output.object(&json!({ "type": "customer", "customer": detail, "stored": set.stored, "refused": set.refused }))?;
    } else {
        let stored = if set.stored.is_empty() { String::new() } else { format!(", with {}", set.stored.join(" and ")) };
        output.line(&format!("Saved the customer “{user_id}”{stored}."))?;
    }
    match set.refused.first() {
        None => Ok(Exit::Succeeded),
        Some(_) => Err(Failure::failed(refused(&set.refused, &set.stored))),
    }
}

fn refused(names: &[String], stored: &[String]) -> Problem {
    let what = if names.len() == 1 { "There is no user token named" } else { "There are no user tokens named" };
    let rest =
        if stored.is_empty() { "Everything else was saved." } else { "Everything else was saved, the other tokens too." };
    let message = format!("{what} “{}”. {rest}", names.join("”, “"));
    Problem::invalid("token", message, "Look at `latchkey token list` for the names of tokens of type User.")
}

fn token(given: &str) -> Result<(String, SecretString), Problem> {
    let wrong = || {
        let message = "A token is given as NAME=@FILE, or as NAME=- for a line of standard input. Nothing was changed.";
        Problem::invalid("token", message, "Write its value into a file: arguments can be read by others.")
    };
    let (name, source) = given
        .rsplit_once("=@")
        .map(|(name, file)| (name, format!("@{file}")))
        .or_else(|| given.strip_suffix("=-").map(|name| (name, "-".to_owned())))
        .ok_or_else(wrong)?;
    let value = one_line("token", &source)?.ok_or_else(wrong)?;
    Ok((name.to_owned(), SecretString::from(value)))
}

async fn list(arguments: ListCustomersArguments, workspace: &Workspace, output: &Output) -> Result<(), Failure> {
    let filter = CustomerFilter { search: arguments.search };
    let (mut rows, mut after, mut total) = (Vec::new(), None, 0);
    let mut left = arguments.limit;
    while left > 0 {
        let page = workspace.customers().list(filter.clone(), after, left.min(PAGE)).await?;
        left = left.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        rows.extend(page.rows);
        total = page.total;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if output.is_json() {
        return output.object(&json!({ "type": "list", "data": rows, "total": total, "has_more": after.is_some() }));
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let seen = row.last_seen_at.unwrap_or_else(|| "never".to_owned());
            let (email, name) = (row.email.unwrap_or_default(), row.name.unwrap_or_default());
            [row.user_id, email, name, row.kind.name().to_owned(), seen, row.tokens.join(", ")]
        })
        .collect();
    output.table(["USER ID", "EMAIL", "NAME", "KIND", "SEEN", "HOLDS"], &rows)
}

fn show(customer: &CustomerDetail, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(&json!({ "type": "customer", "customer": customer }));
    }
    let known = &customer.summary;
    output.pairs(&[
        ("User id", known.user_id.clone()),
        ("Email", known.email.clone().unwrap_or_default()),
        ("Name", known.name.clone().unwrap_or_default()),
        ("Kind", known.kind.name().to_owned()),
        ("Last seen", known.last_seen_at.clone().unwrap_or_else(|| "never".to_owned())),
        ("Known since", known.created_at.clone()),
    ])?;
    for held in &customer.held {
        output.line("")?;
        output.pairs(&lines(held))?;
    }
    Ok(())
}

fn lines(held: &HeldToken) -> Vec<(&'static str, String)> {
    let value = match &held.masked {
        Some(_) => held.header_preview.clone(),
        None => "no value".to_owned(),
    };
    let mut lines = vec![("Token", held.name.clone()), ("Value", value)];
    if let (Some(at), Some(by)) = (&held.set_at, held.set_by) {
        let done = if held.masked.is_some() { "Set" } else { "Removed" };
        lines.push((done, format!("{at} by {} (generation {})", by.name(), held.generation)));
    }
    if let Some(jwt) = &held.jwt {
        lines.extend(opened(jwt));
    }
    lines
}

/// A JWT's header and claims, never its signature (M7).
fn opened(jwt: &JwtView) -> Vec<(&'static str, String)> {
    let members = |members: &[latchkey::response::JwtMember]| {
        members.iter().map(|member| format!("{} = {}", member.name, member.value)).collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![("JWT header", members(&jwt.header)), ("JWT claims", members(&jwt.claims))];
    if let Some(seconds) = jwt.expires_in_seconds {
        let words = if seconds < 0 { format!("{} s ago", seconds.unsigned_abs()) } else { format!("in {seconds} s") };
        lines.push(("Expires", words));
    }
    lines
}
