//! What a person types to search, as an expression of full-text search that can't be wrong.

/// Most bytes of what is searched for.
const MOST_BYTES: usize = 1000;
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
    // Whoever is still typing stands right behind a letter or a digit of the last word.
    if text.ends_with(is_of_a_word) && text.matches('"').count().is_multiple_of(2) {
        expression.push('*');
    }
    Ok(Some(expression))
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
