//! The shape of each token's login answers (E7: keys, types and lengths, no value): the one whose value is stored, and a
//! later one in which the value was not found. A token that has neither has no row.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE token_shapes (
        token_id TEXT NOT NULL PRIMARY KEY REFERENCES tokens ON DELETE CASCADE,
        good_shape TEXT,
        good_at_ms INTEGER,
        failed_shape TEXT,
        failed_at_ms INTEGER,
        failed_sentence TEXT,
        proposals TEXT
    ) WITHOUT ROWID;";

/// The shapes of one token's login answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenShapesRow {
    /// Of the answer that the stored value came from.
    pub good: Option<String>,
    /// The newest answer without the value, if it came after that one.
    pub failed: Option<FailedShape>,
}

/// An answer in which the token was not found. Its texts are redacted before they come here (S2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedShape {
    /// Its shape.
    pub shape: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What was met at the location.
    pub sentence: String,
    /// Where the value probably went, as JSON.
    pub proposals: String,
}

/// Keeps the shape of the answer that the stored value came from; a failure before it counts no more.
/// [`StoreFailure::Referred`] when there is no such token.
pub fn put_good(connection: &Connection, token_id: &str, shape: &str, at_ms: i64) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "INSERT INTO token_shapes (token_id, good_shape, good_at_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (token_id) DO UPDATE SET good_shape = excluded.good_shape, good_at_ms = excluded.good_at_ms,
                 failed_shape = NULL, failed_at_ms = NULL, failed_sentence = NULL, proposals = NULL",
        )?
        .execute(params![token_id, shape, at_ms])?;
    Ok(())
}

/// Keeps an answer in which the token was not found; nothing when there is no such token, or the request or the location
/// was changed since: its configuration then has another revision.
pub fn put_failed(
    connection: &Connection,
    token_id: &str,
    expected_revision: i64,
    failed: &FailedShape,
) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "INSERT INTO token_shapes (token_id, failed_shape, failed_at_ms, failed_sentence, proposals)
             SELECT id, ?3, ?4, ?5, ?6 FROM tokens WHERE id = ?1 AND config_revision = ?2
             ON CONFLICT (token_id) DO UPDATE SET failed_shape = excluded.failed_shape, failed_at_ms = excluded.failed_at_ms,
                 failed_sentence = excluded.failed_sentence, proposals = excluded.proposals",
        )?
        .execute(params![token_id, expected_revision, failed.shape, failed.at_ms, failed.sentence, failed.proposals])?;
    Ok(())
}

/// The value was found at its location again, though it was not stored.
pub fn found_again(connection: &Connection, token_id: &str) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "UPDATE token_shapes SET failed_shape = NULL, failed_at_ms = NULL, failed_sentence = NULL, proposals = NULL
             WHERE token_id = ?1 AND failed_shape IS NOT NULL",
        )?
        .execute([token_id])?;
    Ok(())
}

/// The shapes of a token's answers.
pub fn get(connection: &Connection, token_id: &str) -> Result<TokenShapesRow, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT good_shape, failed_shape, failed_at_ms, failed_sentence, proposals FROM token_shapes WHERE token_id = ?1",
    )?;
    Ok(statement.query_row([token_id], from_row).optional()?.unwrap_or_default())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenShapesRow> {
    let failed = match row.get::<_, Option<String>>(1)? {
        Some(shape) => Some(FailedShape { shape, at_ms: row.get(2)?, sentence: row.get(3)?, proposals: row.get(4)? }),
        None => None,
    };
    Ok(TokenShapesRow { good: row.get(0)?, failed })
}

#[cfg(test)]
mod tests {
    use super::super::tests::Temporary;
    use super::super::tokens;
    use super::*;

    fn failed(at_ms: i64) -> FailedShape {
        FailedShape { shape: "object(0)".into(), at_ms, sentence: "Nothing is there.".into(), proposals: "[]".into() }
    }

    #[test]
    fn e7_an_answer_without_the_token_stays_until_a_good_one() {
        let store = Temporary::with_token();
        let shapes = |store: &Temporary| store.read(|c| get(c, "t1")).unwrap();
        assert_eq!(shapes(&store), TokenShapesRow::default());
        store.write(|t| put_failed(t, "t1", 1, &failed(4))).unwrap();
        assert_eq!(shapes(&store), TokenShapesRow { good: None, failed: Some(failed(4)) });
        store.write(|t| put_good(t, "t1", "object(1)", 5)).unwrap();
        assert_eq!(shapes(&store), TokenShapesRow { good: Some("object(1)".into()), failed: None });
        store.write(|t| put_failed(t, "t1", 1, &failed(6))).unwrap();
        store.write(|t| put_failed(t, "t1", 1, &failed(7))).unwrap();
        assert_eq!(shapes(&store), TokenShapesRow { good: Some("object(1)".into()), failed: Some(failed(7)) });
        store.write(|t| found_again(t, "t1")).unwrap();
        assert_eq!(shapes(&store), TokenShapesRow { good: Some("object(1)".into()), failed: None });
    }

    #[test]
    fn t3_an_answer_to_an_older_request_says_nothing() {
        let store = Temporary::with_token();
        store.write(|t| tokens::update(t, "t1", "Main", &secrecy::SecretString::from("{}"), true, 2)).unwrap();
        store.write(|t| put_failed(t, "t1", 1, &failed(4))).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap(), TokenShapesRow::default());
        store.write(|t| put_failed(t, "t1", 2, &failed(4))).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap().failed, Some(failed(4)));
        store.write(|t| tokens::delete(t, "t1")).unwrap();
        store.write(|t| put_failed(t, "t1", 2, &failed(4))).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap(), TokenShapesRow::default(), "it is gone with its token");
    }
}
