//! RFC 6901 pointers: read into steps, written step by step.

use std::borrow::Cow;

use super::PathError;

/// The steps of a pointer, unescaped.
///
/// # Errors
/// When it neither is empty nor begins with `/`, or a `~` is followed by something other than `0` or `1`.
pub(crate) fn steps(pointer: &str) -> Result<Vec<Cow<'_, str>>, PathError> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        let first = pointer.chars().next().map_or(0, char::len_utf8);
        return Err(PathError::at(pointer, 0, first, "it must be empty or begin with /"));
    };
    if let Some(at) = wrong_escape(pointer) {
        let to =
            pointer[at + 1..].chars().next().filter(|after| *after != '/').map_or(at + 1, |after| at + 1 + after.len_utf8());
        return Err(PathError::at(pointer, at, to, "~ must be followed by 0 (for ~) or 1 (for /)"));
    }
    Ok(rest.split('/').map(unescape).collect())
}

/// The byte of the first `~` that begins no escape.
fn wrong_escape(pointer: &str) -> Option<usize> {
    let bytes = pointer.as_bytes();
    memchr::memchr_iter(b'~', bytes).find(|at| !matches!(bytes.get(at + 1), Some(b'0' | b'1')))
}

fn unescape(step: &str) -> Cow<'_, str> {
    if step.contains('~') { Cow::Owned(step.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(step) }
}

/// Appends a step.
pub(crate) fn push(pointer: &mut String, step: &str) {
    pointer.push('/');
    if step.contains(['~', '/']) {
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(step);
    }
}

/// Removes the last step.
pub(crate) fn pop(pointer: &mut String) {
    // A slash inside a step is written ~1, so the last one begins the last step.
    pointer.truncate(pointer.rfind('/').unwrap_or(0));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn t4_what_is_pushed_is_read_back(keys in prop::collection::vec("[~/01a\\pL]{0,4}", 0..5)) {
            let mut pointer = String::new();
            for key in &keys {
                push(&mut pointer, key);
            }
            prop_assert_eq!(steps(&pointer).unwrap(), keys.clone());
            if !keys.is_empty() {
                pop(&mut pointer);
                prop_assert_eq!(steps(&pointer).unwrap(), &keys[..keys.len() - 1]);
            }
        }
    }

    #[test]
    fn t4_what_is_no_pointer_is_refused_at_the_character() {
        for (pointer, from, to) in
            [("a", 0, 1), ("é/b", 0, 1), ("/~", 1, 2), ("/ü~2x", 2, 4), ("/a~/b", 2, 3), ("/~0~1~", 5, 6), ("/~é", 1, 3)]
        {
            let error = steps(pointer).unwrap_err();
            assert_eq!((error.from, error.to), (from, to), "{pointer}");
        }
        assert_eq!(steps("/ab~2").unwrap_err().to_string(), "at character 4: ~ must be followed by 0 (for ~) or 1 (for /)");
        assert_eq!(steps("/~01").unwrap(), ["~1"], "~01 is ~1, not /");
    }
}
