//! RFC 6901 pointers: read into steps, written step by step.

use std::borrow::Cow;

/// A text that is no pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPointer(pub &'static str);

/// The steps of a pointer, unescaped.
pub(super) fn steps(pointer: &str) -> Result<Vec<Cow<'_, str>>, NoPointer> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        return Err(NoPointer("it must be empty or begin with /"));
    };
    rest.split('/').map(unescape).collect()
}

fn unescape(step: &str) -> Result<Cow<'_, str>, NoPointer> {
    if !step.contains('~') {
        return Ok(Cow::Borrowed(step));
    }
    if step.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
        return Err(NoPointer("~ must be followed by 0 (for ~) or 1 (for /)"));
    }
    Ok(Cow::Owned(step.replace("~1", "/").replace("~0", "~")))
}

/// Appends a step.
pub(super) fn push(pointer: &mut String, step: &str) {
    pointer.push('/');
    if step.contains(['~', '/']) {
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(step);
    }
}

/// Removes the last step.
pub(super) fn pop(pointer: &mut String) {
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
    fn t4_what_is_no_pointer_is_refused() {
        assert!(steps("a").is_err());
        assert!(steps("/~").is_err());
        assert!(steps("/~2").is_err());
        assert_eq!(steps("/~01").unwrap(), ["~1"], "~01 is ~1, not /");
    }
}
