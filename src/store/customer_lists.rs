//! Customers in lists: those who were active last come first; a search walks the beginnings of user ids, then of emails, of
//! names, of the tokens that are held, and at last of the day when they were seen. Each is a walk in an index, so a page costs the
//! same among a million. A customer is listed once: each walk leaves out whom an earlier one finds.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::customer_tokens::{self, NUMBERS};
use super::customers::{COLUMNS, CustomerRow, folded, from_row};
use super::failure::StoreFailure;

/// Where a walk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// All, by their activity, the last first; in milliseconds since 1970.
    Activity(i64),
    /// Beginnings of user ids.
    UserId(String),
    /// Beginnings of emails.
    Email(String),
    /// Beginnings of names.
    Name(String),
    /// Holders of a token whose name begins so, by its id.
    Holds(String),
    /// Seen in a time that begins so; in milliseconds since 1970.
    Seen(i64),
}

/// Behind which customer a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// Where it stands.
    pub place: Place,
    /// Its key.
    pub id: i64,
}

/// What is searched.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// How a user id, an email, a name or the name of a held token begins; empty finds all.
    pub beginning: String,
    /// When customers were seen last: from, and to before, in milliseconds since 1970.
    pub seen: Option<(i64, i64)>,
}

/// At most `limit` customers, each with the place behind it.
pub fn list(
    connection: &Connection,
    search: &Search,
    after: Option<&After>,
    limit: usize,
) -> Result<Vec<(CustomerRow, After)>, StoreFailure> {
    let mut found = Vec::new();
    if search.beginning.is_empty() {
        let from = match after {
            Some(After { place: Place::Activity(at_ms), id }) => (*at_ms, *id),
            _ => (i64::MAX, i64::MAX),
        };
        let sql = format!(
            "SELECT {COLUMNS}, active_at_ms FROM customers WHERE (active_at_ms, id) < (?1, ?2)
             ORDER BY active_at_ms DESC, id DESC LIMIT ?3"
        );
        let values = vec![from.0.into(), from.1.into(), count(limit)];
        collect(connection, &sql, values, &mut found, |row| Ok(Place::Activity(row.get(COLUMN)?)))?;
        return Ok(found);
    }
    let walks = Walks::of(connection, search)?;
    let first = after.map_or(0, |after| walks.step_of(&after.place));
    for step in first..walks.steps() {
        if found.len() < limit {
            let after = after.filter(|_| step == first);
            walks.walk(connection, step, after, limit - found.len(), &mut found)?;
        }
    }
    Ok(found)
}

/// The column that follows those of a customer.
const COLUMN: usize = 7;
/// The columns whose beginnings are searched, in the order of the walks.
const TEXTS: [&str; 3] = ["user_id_folded", "email_folded", "name_folded"];
/// No text goes on with it, so it is behind everything that begins so.
const LAST: char = '\u{10FFFF}';

struct Walks {
    beginning: String,
    /// The tokens whose names begin so and of which customers hold values, by id and number.
    tokens: Vec<(String, i64)>,
    seen: Option<(i64, i64)>,
}

impl Walks {
    fn of(connection: &Connection, search: &Search) -> Result<Self, StoreFailure> {
        let beginning = folded(&search.beginning);
        let mut statement = connection.prepare_cached("SELECT id, name FROM tokens ORDER BY name")?;
        let mut rows = statement.query([])?;
        let mut tokens = Vec::new();
        while let Some(row) = rows.next()? {
            if folded(&row.get::<_, String>(1)?).starts_with(&beginning) {
                let id: String = row.get(0)?;
                tokens.extend(customer_tokens::number_of(connection, &id)?.map(|number| (id, number)));
            }
        }
        Ok(Self { beginning, tokens, seen: search.seen })
    }

    fn steps(&self) -> usize {
        TEXTS.len() + self.tokens.len() + usize::from(self.seen.is_some())
    }

    /// The walk of a place; that of a token that is gone is over, so the list goes on with what comes behind all of them.
    fn step_of(&self, place: &Place) -> usize {
        let behind = TEXTS.len() + self.tokens.len();
        match place {
            Place::Activity(_) | Place::UserId(_) => 0,
            Place::Email(_) => 1,
            Place::Name(_) => 2,
            Place::Holds(token) => {
                self.tokens.iter().position(|(id, _)| id == token).map_or(behind, |position| TEXTS.len() + position)
            }
            Place::Seen(_) => behind,
        }
    }

    fn walk(
        &self,
        connection: &Connection,
        step: usize,
        after: Option<&After>,
        limit: usize,
        found: &mut Vec<(CustomerRow, After)>,
    ) -> Result<(), StoreFailure> {
        // 1 and 2 are the beginning and what is behind it, then come the tokens.
        let mut values: Vec<Value> = vec![self.beginning.clone().into(), format!("{}{LAST}", self.beginning).into()];
        values.extend(self.tokens.iter().map(|(_, number)| Value::from(*number)));
        let next = values.len();
        let (from, id, limited) = (next + 1, next + 2, next + 3);
        let others = self.found_before(step);
        if let Some(column) = TEXTS.get(step) {
            let (start, key) = match after {
                Some(After { place: Place::UserId(text) | Place::Email(text) | Place::Name(text), id }) => (text.clone(), *id),
                _ => (self.beginning.clone(), i64::MIN),
            };
            values.extend([start.into(), key.into(), count(limit)]);
            let sql = format!(
                "SELECT {COLUMNS}, {column} FROM customers
                 WHERE {column} < ?2 AND ({column}, id) > (?{from}, ?{id}) {others}
                 ORDER BY {column}, id LIMIT ?{limited}"
            );
            let place = [Place::UserId, Place::Email, Place::Name][step];
            return collect(connection, &sql, values, found, |row| Ok(place(row.get(COLUMN)?)));
        }
        if let Some(token) = self.tokens.get(step - TEXTS.len()) {
            let (token, number) = token;
            let behind = after.map_or(i64::MIN, |after| customer_tokens::first_place(after.id) + number);
            values.extend([(*number).into(), behind.into(), count(limit)]);
            let sql = format!(
                "SELECT {COLUMNS} FROM customer_tokens JOIN customers ON customers.id = place / {NUMBERS}
                 WHERE number = ?{from} AND place > ?{id} AND value IS NOT NULL {others}
                 ORDER BY place LIMIT ?{limited}"
            );
            return collect(connection, &sql, values, found, |_| Ok(Place::Holds(token.clone())));
        }
        let Some((since, before)) = self.seen else { return Ok(()) };
        let (start, key) = match after {
            Some(After { place: Place::Seen(at_ms), id }) => (*at_ms, *id),
            _ => (before, i64::MIN),
        };
        values.extend([start.into(), key.into(), count(limit), since.into()]);
        let sql = format!(
            "SELECT {COLUMNS}, active_at_ms FROM customers
             WHERE active_at_ms >= ?{since} AND (active_at_ms, id) < (?{from}, ?{id}) AND last_seen_at_ms IS NOT NULL {others}
             ORDER BY active_at_ms DESC, id DESC LIMIT ?{limited}",
            since = next + 4
        );
        collect(connection, &sql, values, found, |row| Ok(Place::Seen(row.get(COLUMN)?)))
    }

    /// Leaves out whom an earlier walk finds.
    fn found_before(&self, step: usize) -> String {
        let texts = TEXTS.iter().map(|column| format!("coalesce({column} >= ?1 AND {column} < ?2, 0)"));
        let tokens = (0..self.tokens.len()).map(|position| {
            format!(
                "EXISTS (SELECT 1 FROM customer_tokens AS held WHERE held.place = customers.id * {NUMBERS} + ?{}
                     AND held.value IS NOT NULL)",
                position + 3
            )
        });
        let found: Vec<_> = texts.chain(tokens).take(step).collect();
        if found.is_empty() { String::new() } else { format!("AND NOT ({})", found.join(" OR ")) }
    }
}

fn count(limit: usize) -> Value {
    i64::try_from(limit).unwrap_or(i64::MAX).into()
}

fn collect(
    connection: &Connection,
    sql: &str,
    values: Vec<Value>,
    found: &mut Vec<(CustomerRow, After)>,
    place: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Place>,
) -> Result<(), StoreFailure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let customer = from_row(row)?;
        let after = After { place: place(row)?, id: customer.id };
        found.push((customer, after));
    }
    Ok(())
}
