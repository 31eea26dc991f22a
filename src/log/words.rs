//! What a person types to search, as an expression of full-text search that can't be wrong.

/// Most bytes of what is searched for.
const MOST_BYTES: usize = 1000;
/// Letters that a beginning of a word has at least.
const LETTERS: usize = 3;
/// Most words and phrases.
const MOST_WORDS: usize = 50;

/// Why something can't be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsearchable {
    /// It has neither letters nor digits.
    NoWords,
    /// It is too long, or has too many words.
    TooLong,
}

/// The expression that all words of `text` must fit: the last one may be a beginning, words in quotes stand together, and
/// everything else is taken as it is. `None` when there is nothing to search for.
///
/// # Errors
/// When there is something, but no word in it, or too many.
pub fn search_expression(text: &str) -> Result<Option<String>, Unsearchable> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if text.len() > MOST_BYTES {
        return Err(Unsearchable::TooLong);
    }
    let mut terms = Vec::new();
    // Every second part stands in quotes; one that is not closed reaches to the end.
    for (part, quoted) in text.split('"').zip([false, true].into_iter().cycle()) {
        if quoted {
            terms.extend(term(part));
        } else {
            terms.extend(part.split_whitespace().filter_map(term));
        }
    }
    if terms.len() > MOST_WORDS {
        return Err(Unsearchable::TooLong);
    }
    if terms.is_empty() {
        return Err(Unsearchable::NoWords);
    }
    let mut expression = terms.join(" ");
    if text.matches('"').count().is_multiple_of(2) && is_beginning(text) {
        expression.push('*');
    }
    Ok(Some(expression))
}

/// Whether the text ends within a word that is long enough to be told from most others by its beginning. Gathering all words
/// that begin with one or two letters of the Latin alphabet takes long, and they would be most of the log.
fn is_beginning(text: &str) -> bool {
    let last: Vec<char> = text.chars().rev().take_while(|character| is_of_a_word(*character)).collect();
    last.len() >= LETTERS || last.iter().any(|character| !character.is_ascii())
}

/// Words that stand together, quoted so that nothing in them has a meaning; `None` when there are none.
fn term(text: &str) -> Option<String> {
    // A NUL would end the expression.
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    text.contains(is_of_a_word).then(|| format!("\"{text}\""))
}

fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use rusqlite::Connection;

    use super::*;

    /// Two texts with an index like the log's.
    fn finds(expression: &str) -> Vec<i64> {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE VIRTUAL TABLE t USING fts5(words, content = '', contentless_delete = 1,
                     tokenize = 'unicode61 remove_diacritics 2');
                 INSERT INTO t (rowid, words) VALUES (1, 'The order 17-B was shipped to Zoë in 東京都'), (2, 'shipped was nothing');",
            )
            .unwrap();
        let mut statement = connection.prepare("SELECT rowid FROM t WHERE t MATCH ?1 ORDER BY rowid").unwrap();
        statement.query_map([expression], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[rstest]
    #[case::one_word("shipped", &[1, 2])]
    #[case::all_words("order shipped", &[1])]
    #[case::whatever_the_case_and_accents("ORDER zoe", &[1])]
    #[case::a_beginning("ord", &[1])]
    #[case::only_the_last_one("ord shipped", &[])]
    #[case::no_beginning_after_a_space("ord ", &[])]
    #[case::too_short_for_a_beginning("or", &[])]
    #[case::short_and_another_script("東京", &[1])]
    #[case::words_together("\"was shipped\"", &[1])]
    #[case::in_that_order("\"shipped was\"", &[2])]
    #[case::a_quote_that_is_not_closed("\"was shipped", &[1])]
    #[case::with_signs("17-B", &[1])]
    #[case::signs_alone_ask_nothing("order & shipped", &[1])]
    #[case::operators_are_words("order OR nothing", &[])]
    #[case::not_is_a_word("NOT order", &[])]
    #[case::a_column_is_no_column("words:order", &[])]
    #[case::a_star_is_no_star("or* shipped", &[])]
    #[case::nul("order\0 shipped", &[1])]
    fn what_is_typed_finds_what_is_meant(#[case] text: &str, #[case] expected: &[i64]) {
        assert_eq!(finds(&search_expression(text).unwrap().unwrap()), expected);
    }

    #[test]
    fn what_has_no_words_is_nothing_or_told() {
        assert_eq!(search_expression(""), Ok(None));
        assert_eq!(search_expression("  \t"), Ok(None));
        for text in ["*", "\"\"", "-- ()", "\u{e000}"] {
            assert_eq!(search_expression(text), Err(Unsearchable::NoWords), "{text}");
        }
        assert_eq!(search_expression(&"a ".repeat(51)), Err(Unsearchable::TooLong));
        assert_eq!(search_expression(&"a".repeat(1001)), Err(Unsearchable::TooLong));
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_the_search(text in "[\"'*:^(){}+\\- a-cNOTéß東\u{0}\u{301}\u{e000}]{0,40}|\\PC{0,30}") {
            if let Ok(Some(expression)) = search_expression(&text) {
                finds(&expression);
            }
        }
    }
}
