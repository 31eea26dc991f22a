//! Where a value stands, written for people and programs.

use std::fmt::Write as _;

use crate::response::pointer;
use crate::response::row::PathForm;

/// One step into a JSON value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// Into an object.
    Name(&'a str),
    /// Into an array.
    Number(u32),
}

/// Steps in one of the notations of JSON; an `XPath` is none of them, so the pointer takes its place.
pub(super) fn write<'a>(form: PathForm, steps: impl Iterator<Item = Step<'a>>) -> String {
    let mut out = String::new();
    if form == PathForm::JsonPath {
        out.push('$');
    }
    for step in steps {
        push(&mut out, form, step);
    }
    out
}

// Writing to a String can't fail.
fn push(out: &mut String, form: PathForm, step: Step<'_>) {
    match (form, step) {
        (PathForm::Pointer | PathForm::XPath, Step::Name(name)) => pointer::push(out, name),
        (PathForm::Pointer | PathForm::XPath, Step::Number(number)) => {
            let _ = write!(out, "/{number}");
        }
        (PathForm::JsonPath | PathForm::Dotted, Step::Number(number)) => {
            let _ = write!(out, "[{number}]");
        }
        (PathForm::JsonPath, Step::Name(name)) => {
            out.push('[');
            quote(out, name, '\'');
            out.push(']');
        }
        (PathForm::Dotted, Step::Name(name)) if is_plain(name) => {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
        }
        (PathForm::Dotted, Step::Name(name)) => {
            out.push('[');
            quote(out, name, '"');
            out.push(']');
        }
    }
}

/// A name that can stand behind a dot.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '$'))
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '$'))
}

/// A name in quotes as RFC 9535 section 2.7 writes it in a normalized path.
fn quote(out: &mut String, name: &str, quote: char) {
    out.push(quote);
    for character in name.chars() {
        match character {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            escaped if escaped == quote || escaped == '\\' => {
                out.push('\\');
                out.push(escaped);
            }
            other => out.push(other),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(PathForm::Pointer, "/data/odd ~1'key\"/3/a.b")]
    #[case(PathForm::JsonPath, r#"$['data']['odd /\'key"'][3]['a.b']"#)]
    #[case(PathForm::Dotted, r#"data["odd /'key\""][3]["a.b"]"#)]
    fn t4_a_path_is_written_in_each_notation(#[case] form: PathForm, #[case] expected: &str) {
        let steps = [Step::Name("data"), Step::Name("odd /'key\""), Step::Number(3), Step::Name("a.b")];
        assert_eq!(write(form, steps.into_iter()), expected);
    }

    #[test]
    fn t4_a_normalized_path_escapes_as_rfc_9535_says() {
        let steps = [Step::Name("\u{b}\n\\\u{7f}ü")];
        assert_eq!(write(PathForm::JsonPath, steps.into_iter()), "$['\\u000b\\n\\\\\u{7f}ü']");
    }
}
