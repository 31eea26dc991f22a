//! Customers as clients see and change them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Workspace;
use super::token_detail::token_of;
use super::views::{Problem, ProblemCode, WorkspaceEvent};
use crate::clock::millis_to_rfc3339;
use crate::customer::{CustomerKind, Said, SetBy, TokensSet, fault_of_text, fault_of_value, take_in};
use crate::refresh::generation;
use crate::response::{JwtView, jwt};
use crate::store::customer_lists::{self, After, Place, Search};
use crate::store::customer_tokens::{self, CustomerTokenRow};
use crate::store::customers::{self, CustomerRow};
use crate::store::{StoreFailure, tokens};
use crate::token::{Token, header_line, mask_value};

/// The most customers of a page.
const MOST_ROWS: usize = 200;
/// The type of tokens that customers hold, as it is stored.
const USER: &str = "user";

/// The customers of a workspace.
pub struct Customers<'a> {
    pub(super) workspace: &'a Workspace,
}

/// Which customers to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
pub struct CustomerFilter {
    /// How the user id, the email, the name, the name of a held token or the day when it was seen last (`2026-11`, in
    /// UTC) begins, whatever the case; empty is all.
    #[serde(default)]
    pub search: Option<String>,
}

/// A page of customers: those who were seen or added last come first; in a search those whose user id begins so, then those
/// whose email does, then names, held tokens, and the day when they were seen last.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct CustomerPage {
    /// The customers.
    pub rows: Vec<CustomerSummary>,
    /// What the next page begins after; `None` at the end.
    pub next: Option<String>,
    /// How many customers there are in all, whatever is searched.
    pub total: u32,
}

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct CustomerSummary {
    /// What other systems know it by.
    pub user_id: String,
    /// Where it reads mail.
    pub email: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Its kind (R4).
    pub kind: CustomerKind,
    /// The names of the user tokens of which it holds a value.
    pub tokens: Vec<String>,
    /// The last call of the Messenger for it, RFC 3339.
    pub last_seen_at: Option<String>,
    /// Since when it is known, RFC 3339.
    pub created_at: String,
}

/// A customer with what it holds.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct CustomerDetail {
    /// The customer.
    #[serde(flatten)]
    pub summary: CustomerSummary,
    /// One entry for each user token of the workspace, by name.
    pub held: Vec<HeldToken>,
}

/// What a customer holds of one user token.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct HeldToken {
    /// The token.
    pub token_id: String,
    /// Its name: the key by which it is set.
    pub name: String,
    /// The exact header line, its value masked (T1).
    pub header_preview: String,
    /// The value, masked; `None` when there is none.
    pub masked: Option<String>,
    /// 0 before the first value.
    pub generation: u32,
    /// When it was set or removed, RFC 3339.
    pub set_at: Option<String>,
    /// By which call.
    pub set_by: Option<SetBy>,
    /// The value opened, when it is a JWT (M7).
    pub jwt: Option<JwtView>,
}

/// A customer as typed.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct CustomerDraft {
    /// What other systems know it by; it never changes.
    pub user_id: String,
    /// Its email; empty is none.
    #[serde(default)]
    pub email: Option<String>,
    /// Its name; empty is none.
    #[serde(default)]
    pub name: Option<String>,
    /// Its kind.
    #[serde(default)]
    pub kind: CustomerKind,
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

fn summary(row: CustomerRow, tokens: Vec<String>) -> CustomerSummary {
    CustomerSummary {
        user_id: row.user_id,
        email: row.email,
        name: row.name,
        kind: CustomerKind::from_name(&row.kind).unwrap_or_default(),
        tokens,
        last_seen_at: row.last_seen_at_ms.map(millis_to_rfc3339),
        created_at: millis_to_rfc3339(row.created_at_ms),
    }
}

fn entry(token: &Token, held: Option<&CustomerTokenRow>, now: Timestamp) -> HeldToken {
    // Exposed to be masked, and to be opened when it is a JWT (M7).
    let value = held.and_then(|held| held.value.as_ref()).map(ExposeSecret::expose_secret);
    HeldToken {
        token_id: token.id.0.clone(),
        name: token.name.clone(),
        header_preview: header_line(&token.request_header_key, &token.token_prefix, value),
        masked: value.map(mask_value),
        generation: held.map_or(0, |held| generation(held.generation)),
        set_at: held.map(|held| millis_to_rfc3339(held.set_at_ms)),
        set_by: held.and_then(|held| SetBy::from_name(&held.set_by)),
        jwt: value.and_then(|value| jwt::decode(value, now)),
    }
}

/// A place in words that a client gives back for the next page.
fn words_of(after: &After) -> String {
    let (walk, key) = match &after.place {
        Place::Activity(at_ms) => ("activity", at_ms.to_string()),
        Place::UserId(text) => ("user_id", text.clone()),
        Place::Email(text) => ("email", text.clone()),
        Place::Name(text) => ("name", text.clone()),
        Place::Holds(token) => ("holds", token.clone()),
        Place::Seen(at_ms) => ("seen", at_ms.to_string()),
    };
    format!("{walk} {} {key}", after.id)
}

fn place_of(words: &str) -> Result<After, Problem> {
    let read = || {
        let mut parts = words.splitn(3, ' ');
        let (walk, id, key) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let place = match walk {
            "activity" => Place::Activity(key.parse().ok()?),
            "user_id" => Place::UserId(key.to_owned()),
            "email" => Place::Email(key.to_owned()),
            "name" => Place::Name(key.to_owned()),
            "holds" => Place::Holds(key.to_owned()),
            "seen" => Place::Seen(key.parse().ok()?),
            _ => return None,
        };
        Some(After { place, id })
    };
    read().ok_or_else(|| Problem::invalid("after", "This is no place in the list.", "Begin with the first page."))
}

/// The time that a text such as `2026`, `2026-11` or `2026-11-24` names, in UTC: from, and to before, in milliseconds since
/// 1970.
fn days_of(text: &str) -> Option<(i64, i64)> {
    let whole_date = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    let first: Date = whole_date.parse().ok()?;
    let span = match text.len() {
        4 => 1.year(),
        7 => 1.month(),
        _ => 1.day(),
    };
    let behind = first.checked_add(span).ok()?;
    let millis = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond());
    Some((millis(first)?, millis(behind)?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_day("2026-11-24", Some((1_795_478_400_000, 86_400_000)))]
    #[case::a_month("2026-11", Some((1_793_491_200_000, 30 * 86_400_000)))]
    #[case::a_year("2024", Some((1_704_067_200_000, 366 * 86_400_000)))]
    #[case::no_month("2026-13", None)]
    #[case::a_name("anna", None)]
    #[case::letters_of_the_same_length("é-11-2", None)]
    #[case::nothing("", None)]
    fn a_time_is_named_by_its_beginning(#[case] text: &str, #[case] from_and_length: Option<(i64, i64)>) {
        assert_eq!(days_of(text), from_and_length.map(|(from, length)| (from, from + length)));
    }

    #[test]
    fn a_place_in_the_list_comes_back_as_it_was() {
        for place in [Place::Activity(-3), Place::Email("a b  c".to_owned()), Place::Holds("t".to_owned()), Place::Seen(7)] {
            let after = After { place, id: 12 };
            assert_eq!(place_of(&words_of(&after)).unwrap(), after);
        }
        for rubbish in ["", "activity", "activity x 3", "nowhere 1 2", "seen 1 x"] {
            assert_eq!(place_of(rubbish).unwrap_err().field.as_deref(), Some("after"), "{rubbish}");
        }
    }
}
