//! What an execution takes on the disk: its row, its record, and what lets it be found.

use super::fill::Filled;
use crate::Failure;
use crate::figures::Figure;

/// By part, and in all.
#[expect(clippy::cast_precision_loss, reason = "a few gigabytes")]
pub fn measure(large: &Filled) -> Result<Vec<Figure>, Failure> {
    let (tables, count, record) = large.database()?.read(|connection| {
        let mut statement = connection.prepare("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")?;
        let tables = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let tables: Vec<_> = tables.collect::<Result<_, _>>()?;
        let ask = |text: &str| connection.query_row(text, [], |row| row.get::<_, f64>(0));
        let count = ask("SELECT CAST(count(*) AS REAL) FROM executions")?;
        let record = ask("SELECT avg(length(CAST(record AS BLOB))) FROM (SELECT record FROM execution_records LIMIT 2000)")?;
        Ok((tables, count, record))
    })?;
    let part = |wanted: fn(&str) -> bool| {
        tables.iter().filter(|(name, _)| wanted(name)).map(|(_, bytes)| *bytes as f64).sum::<f64>() / count
    };
    let figure = |key: &str, what: String, bytes| Figure::alone(&format!("log_bytes_{key}"), what, "bytes", [bytes]);
    Ok(vec![
        figure("rows", "an execution on the disk: its row and what finds it by its id".to_owned(), part(is_row)),
        figure("records", format!("its record of {record:.0} bytes"), part(is_record)),
        figure("buckets", "its part of the timeline".to_owned(), part(is_bucket)),
        figure("index", "its part of the index, and everything else".to_owned(), part(|name| !is_known(name))),
        figure("all", "all of it".to_owned(), part(|_| true)),
    ])
}

fn is_row(name: &str) -> bool {
    name == "executions" || name == "sqlite_autoindex_executions_1"
}

fn is_record(name: &str) -> bool {
    name == "execution_records"
}

fn is_bucket(name: &str) -> bool {
    name.contains("log_buckets")
}

fn is_known(name: &str) -> bool {
    is_row(name) || is_record(name) || is_bucket(name)
}
