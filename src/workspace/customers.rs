//! Customers as clients see and change them.

use secrecy::SecretString;

use super::Workspace;
use super::customer_pages::{days_of, place_of, words_of};
use super::customer_views::{CustomerDetail, CustomerDraft, CustomerFilter, CustomerPage, entry, summary};
use super::token_detail::token_of;
use super::views::{Problem, ProblemCode, WorkspaceEvent};
use crate::customer::{Said, SetBy, TokensSet, fault_of_text, fault_of_value, take_in};
use crate::store::customer_lists::{self, After, Search};
use crate::store::customers::{self, CustomerRow};
use crate::store::{StoreFailure, customer_tokens, tokens};

/// The most customers of a page.
const MOST_ROWS: usize = 200;
/// The type of tokens that customers hold, as it is stored.
const USER: &str = "user";

/// The customers of a workspace.
pub struct Customers<'a> {
    pub(super) workspace: &'a Workspace,
}

impl Customers<'_> {
    /// A page of customers, at most 200.
    ///
    /// # Errors
    /// When the page does not go on from one of these, or the database can't be read.
    pub async fn list(&self, filter: CustomerFilter, after: Option<String>, limit: u32) -> Result<CustomerPage, Problem> {
        let beginning = filter.search.unwrap_or_default().trim().to_owned();
        let search = Search { seen: days_of(&beginning), beginning };
        let after = after.map(|after| place_of(&after)).transpose()?;
        let limit = usize::try_from(limit).unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS);
        let reading = self.workspace.database().read_async(move |connection| {
            let mut found = customer_lists::list(connection, &search, after.as_ref(), limit + 1)?;
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().filter(|_| more).map(|(_, after)| words_of(after));
            let row = |(row, _): (CustomerRow, After)| {
                let held = customer_tokens::names_held(connection, row.id)?;
                Ok(summary(row, held))
            };
            let rows = found.into_iter().map(row).collect::<Result<_, StoreFailure>>()?;
            let total = u32::try_from(customers::total(connection)?).unwrap_or(u32::MAX);
            Ok(CustomerPage { rows, next, total })
        });
        Ok(reading.await?)
    }

    /// One customer.
    ///
    /// # Errors
    /// When there is no such customer.
    pub async fn get(&self, user_id: &str) -> Result<CustomerDetail, Problem> {
        let id = user_id.to_owned();
        let reading = self.workspace.database().read_async(move |connection| {
            let Some(row) = customers::by_user_id(connection, &id)? else { return Ok(None) };
            let held = customer_tokens::of_customer(connection, row.id)?;
            let known: Vec<_> = tokens::list(connection)?.into_iter().filter(|token| token.token_type == USER).collect();
            Ok(Some((row, held, known)))
        });
        let (row, held, known) = reading.await?.ok_or_else(|| gone(user_id))?;
        let now = self.workspace.inner.means.clock.now();
        let mut entries = Vec::with_capacity(known.len());
        for token in &known {
            let token = token_of(token)?;
            let of_it = held.iter().find(|held| held.token_id == token.id.0);
            entries.push(entry(&token, of_it, now));
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        let names = entries.iter().filter(|entry| entry.masked.is_some()).map(|entry| entry.name.clone()).collect();
        Ok(CustomerDetail { summary: summary(row, names), held: entries })
    }

    /// Adds a customer, or with `replace` writes over what is known of it; its tokens stay.
    ///
    /// # Errors
    /// The first fault of the draft, with its field.
    pub async fn save(&self, draft: CustomerDraft, replace: bool) -> Result<CustomerDetail, Problem> {
        let user_id = named(&draft.user_id)?;
        let said = Said {
            user_id: user_id.clone(),
            email: Some(line("email", "The email", &draft.email.unwrap_or_default())?),
            name: Some(line("name", "The name", &draft.name.unwrap_or_default())?),
            kind: Some(draft.kind),
            ..Said::default()
        };
        let at_ms = self.workspace.now_ms();
        let saving = self.workspace.database().write_customers_async(move |transaction| {
            let is_there = customers::by_user_id(transaction, &said.user_id)?.is_some();
            if is_there == replace {
                take_in(transaction, &said, SetBy::Window, at_ms)?;
            }
            Ok(is_there)
        });
        match (saving.await?, replace) {
            (true, false) => Err(taken(&user_id)),
            (false, true) => Err(gone(&user_id)),
            _ => self.changed(&user_id).await,
        }
    }

    /// Adds a customer, or changes what is said of it; what is not said stays. Known names of tokens are stored even when
    /// others are refused (M2).
    ///
    /// # Errors
    /// The first fault, with its field; nothing is stored then.
    pub async fn take_in(&self, said: Said, by: SetBy) -> Result<TokensSet, Problem> {
        let said = Said {
            user_id: named(&said.user_id)?,
            email: said.email.map(|email| line("email", "The email", &email)).transpose()?,
            name: said.name.map(|name| line("name", "The name", &name)).transpose()?,
            ..said
        };
        check_values(&said.tokens)?;
        let at_ms = self.workspace.now_ms();
        let writing =
            self.workspace.database().write_customers_async(move |transaction| take_in(transaction, &said, by, at_ms));
        let set = writing.await?;
        self.workspace.tell(WorkspaceEvent::CustomersChanged);
        Ok(set)
    }

    /// Deletes a customer with the values that it holds.
    ///
    /// # Errors
    /// When there is no such customer.
    pub async fn delete(&self, user_id: &str) -> Result<(), Problem> {
        let id = user_id.to_owned();
        let deleting = self.workspace.database().write_customers_async(move |transaction| customers::delete(transaction, &id));
        if !deleting.await? {
            return Err(gone(user_id));
        }
        self.workspace.tell(WorkspaceEvent::CustomersChanged);
        Ok(())
    }

    /// Sets values by the names of user tokens; the known ones are stored even when others are refused (M2).
    ///
    /// # Errors
    /// When there is no such customer, or a value can't be sent in a header; nothing is stored then.
    pub async fn set_tokens(
        &self,
        user_id: &str,
        tokens: Vec<(String, SecretString)>,
        by: SetBy,
    ) -> Result<TokensSet, Problem> {
        check_values(&tokens)?;
        let said = Said { user_id: user_id.to_owned(), tokens, ..Said::default() };
        let at_ms = self.workspace.now_ms();
        let setting = self.workspace.database().write_customers_async(move |transaction| {
            match customers::by_user_id(transaction, &said.user_id)? {
                Some(_) => take_in(transaction, &said, by, at_ms).map(Some),
                None => Ok(None),
            }
        });
        let set = setting.await?.ok_or_else(|| gone(user_id))?;
        self.workspace.tell(WorkspaceEvent::CustomersChanged);
        Ok(set)
    }

    /// Sets the value of one user token by its name.
    ///
    /// # Errors
    /// As [`Self::set_tokens`], and when there is no such user token.
    pub async fn set_token(
        &self,
        user_id: &str,
        name: String,
        value: SecretString,
        by: SetBy,
    ) -> Result<CustomerDetail, Problem> {
        let set = self.set_tokens(user_id, vec![(name, value)], by).await?;
        match set.refused.first() {
            Some(name) => Err(no_user_token(name)),
            None => self.get(user_id).await,
        }
    }

    /// Removes the value that a customer holds of a token (M5).
    ///
    /// # Errors
    /// When there is no such customer, or it holds none.
    pub async fn remove_token(&self, user_id: &str, token_id: &str, by: SetBy) -> Result<CustomerDetail, Problem> {
        let (id, token) = (user_id.to_owned(), token_id.to_owned());
        let at_ms = self.workspace.now_ms();
        let removing = self.workspace.database().write_customers_async(move |transaction| {
            let Some(customer) = customers::by_user_id(transaction, &id)? else { return Ok(None) };
            let held = customer_tokens::get(transaction, customer.id, &token)?.is_some_and(|held| held.value.is_some());
            if held {
                customer_tokens::put(transaction, customer.id, &token, None, by.name(), at_ms)?;
            }
            Ok(Some(held))
        });
        match removing.await? {
            None => Err(gone(user_id)),
            Some(false) => Err(Problem::new(
                ProblemCode::NotFound,
                "The customer holds no value of this token.",
                "Look at what it holds now.",
            )),
            Some(true) => self.changed(user_id).await,
        }
    }

    async fn changed(&self, user_id: &str) -> Result<CustomerDetail, Problem> {
        self.workspace.tell(WorkspaceEvent::CustomersChanged);
        self.get(user_id).await
    }
}

/// The refusal of a name that is no user token's (M2).
fn no_user_token(name: &str) -> Problem {
    Problem {
        field: Some("token_name".to_owned()),
        ..Problem::new(
            ProblemCode::NotFound,
            format!("There is no user token named “{name}”."),
            "Use the name of a token of type User, as it stands under Authentication.",
        )
    }
}

fn gone(user_id: &str) -> Problem {
    Problem {
        field: Some("user_id".to_owned()),
        ..Problem::new(
            ProblemCode::NotFound,
            format!("There is no customer “{user_id}”."),
            "Look at the list of customers, or add this one.",
        )
    }
}

fn taken(user_id: &str) -> Problem {
    Problem::invalid("user_id", format!("There is a customer “{user_id}” already."), "Open that one, or type another user id.")
}

/// What other systems know a customer by, as typed.
fn named(user_id: &str) -> Result<String, Problem> {
    let user_id = line("user_id", "The user id", user_id)?;
    if user_id.is_empty() {
        return Err(Problem::invalid("user_id", "A customer needs a user id.", "Type the one that other systems use."));
    }
    Ok(user_id)
}

fn check_values(tokens: &[(String, SecretString)]) -> Result<(), Problem> {
    for (name, value) in tokens {
        if let Some(fault) = fault_of_value(value) {
            let message = format!("The value of {name} {}.", fault.why);
            return Err(Problem::invalid("value", message, fault.next_step));
        }
    }
    Ok(())
}

fn line(field: &str, what: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim().to_owned();
    match fault_of_text(&text) {
        Some(fault) => Err(Problem::invalid(field, format!("{what} {}.", fault.why), fault.next_step)),
        None => Ok(text),
    }
}
