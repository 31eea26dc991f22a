//! The values of data inputs: what a run gives, checked against the connector's types (E10).
//!
//! Numbers are kept as the digits that were given, so that no value passes through a float.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{DataInput, InputType};

/// The longest decimal, in characters.
const LONGEST_DECIMAL: usize = 100;

/// A checked value of a data input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputValue {
    /// None was given and there is no default: empty, and `null` where it stands bare in JSON.
    Missing,
    /// Any text.
    String(String),
    /// A whole number as JSON writes it.
    Integer(String),
    /// A number as JSON writes it, with the digits that were given.
    Decimal(String),
    /// `true` or `false`.
    Boolean(bool),
}

impl InputValue {
    /// The value as text, before any escaping; empty when it is missing.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Missing => "",
            Self::String(text) | Self::Integer(text) | Self::Decimal(text) => text,
            Self::Boolean(true) => "true",
            Self::Boolean(false) => "false",
        }
    }

    /// The value as a JSON value of its own: strings quoted, a missing one `null`.
    pub fn as_bare_json(&self) -> String {
        match self {
            Self::Missing => "null".to_owned(),
            Self::String(text) => Value::from(text.as_str()).to_string(),
            Self::Integer(_) | Self::Decimal(_) | Self::Boolean(_) => self.as_text().to_owned(),
        }
    }
}

/// A value for every input of a connector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResolvedInputs {
    values: BTreeMap<String, InputValue>,
}

impl ResolvedInputs {
    /// The value of one input; `None` when the connector has no such input.
    pub fn get(&self, name: &str) -> Option<&InputValue> {
        self.values.get(name)
    }

    /// All inputs with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &InputValue)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: Into<String>> FromIterator<(N, InputValue)> for ResolvedInputs {
    fn from_iter<I: IntoIterator<Item = (N, InputValue)>>(values: I) -> Self {
        Self { values: values.into_iter().map(|(name, value)| (name.into(), value)).collect() }
    }
}

/// Why the values of a run can't be taken: a `request_validation_error` (E10).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputFault {
    /// The input, or the name that is no input.
    pub input: String,
    /// What is wrong, in a sentence; never the value.
    pub message: String,
    /// What to do now.
    pub next_step: String,
}

/// Checks the values of a run against the inputs of its connector (E10).
///
/// Text is taken for numbers and booleans when it reads exactly as one, as a command line has
/// nothing but text; string inputs take text only. JSON's `null` counts as not given, and so does an
/// empty text, except for a string input that is not required: there it is the empty string. The
/// default steps in for what is not given. With `validate_missing`, a required input that has
/// neither is refused; without, it is [`InputValue::Missing`].
pub fn resolve_inputs(
    inputs: &[DataInput],
    given: &BTreeMap<String, Value>,
    validate_missing: bool,
) -> Result<ResolvedInputs, InputFault> {
    if let Some(name) = given.keys().find(|name| !inputs.iter().any(|input| input.name == **name)) {
        return Err(unknown_input(name, inputs));
    }
    inputs
        .iter()
        .map(|input| Ok((input.name.clone(), resolve_input(input, given.get(&input.name), validate_missing)?)))
        .collect()
}

fn resolve_input(input: &DataInput, given: Option<&Value>, validate_missing: bool) -> Result<InputValue, InputFault> {
    let empty_is_a_value = input.input_type == InputType::String && !input.required;
    let given = given.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() || empty_is_a_value,
        _ => true,
    });
    if let Some(value) = given {
        return typed(input.input_type, value).ok_or_else(|| wrong_type(input));
    }
    if !input.default_value.is_empty() {
        return default_value(input).ok_or_else(|| InputFault {
            input: input.name.clone(),
            message: format!("The default value of the input “{}” must be {}.", input.name, expected(input.input_type)),
            next_step: "Correct the default value in the connector, or give a value.".to_owned(),
        });
    }
    if input.required && validate_missing {
        return Err(InputFault {
            input: input.name.clone(),
            message: format!("The required input “{}” is missing.", input.name),
            next_step: format!("Give a value for “{}”.", input.name),
        });
    }
    Ok(InputValue::Missing)
}

/// The input's default as a value; `None` when it does not fit the type.
pub(super) fn default_value(input: &DataInput) -> Option<InputValue> {
    typed(input.input_type, &Value::from(input.default_value.as_str()))
}

/// What a value of this type has to be, for a sentence with “must be”.
pub(super) fn expected(input_type: InputType) -> &'static str {
    match input_type {
        InputType::String => "text",
        InputType::Integer => "a whole number, such as 12, without leading zeros",
        InputType::Decimal => "a number, such as 12.50",
        InputType::Boolean => "true or false",
    }
}

fn typed(input_type: InputType, value: &Value) -> Option<InputValue> {
    match (input_type, value) {
        (InputType::String, Value::String(text)) => Some(InputValue::String(text.clone())),
        (InputType::Integer, Value::String(text)) => is_integer(text).then(|| InputValue::Integer(text.clone())),
        // A number that JSON could only read as a float has lost its digits: it must come as text.
        (InputType::Integer, Value::Number(number)) => {
            (number.is_i64() || number.is_u64()).then(|| InputValue::Integer(number.to_string()))
        }
        (InputType::Decimal, Value::String(text)) => is_decimal(text).then(|| InputValue::Decimal(text.clone())),
        (InputType::Decimal, Value::Number(number)) => Some(InputValue::Decimal(number.to_string())),
        (InputType::Boolean, Value::Bool(value)) => Some(InputValue::Boolean(*value)),
        (InputType::Boolean, Value::String(text)) => match text.as_str() {
            "true" => Some(InputValue::Boolean(true)),
            "false" => Some(InputValue::Boolean(false)),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number as JSON writes it, within 128 bits.
fn is_integer(text: &str) -> bool {
    is_decimal(text) && text.parse::<i128>().is_ok()
}

/// A number as JSON writes it (RFC 8259 section 6), which the value is written as without quotes.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= LONGEST_DECIMAL
        && digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

fn wrong_type(input: &DataInput) -> InputFault {
    InputFault {
        input: input.name.clone(),
        message: format!("The input “{}” must be {}.", input.name, expected(input.input_type)),
        next_step: format!("Correct the value of “{}”.", input.name),
    }
}

fn unknown_input(name: &str, inputs: &[DataInput]) -> InputFault {
    let names: Vec<_> = inputs.iter().map(|input| format!("“{}”", input.name)).collect();
    InputFault {
        input: name.to_owned(),
        message: format!("The connector has no input “{name}”."),
        next_step: if names.is_empty() {
            "It takes no inputs: leave it out.".to_owned()
        } else {
            format!("Its inputs are {}.", names.join(", "))
        },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn input(name: &str, input_type: InputType, required: bool, default_value: &str) -> DataInput {
        let default_value = default_value.to_owned();
        DataInput { name: name.to_owned(), input_type, description: String::new(), required, default_value }
    }

    fn resolve_one(input: DataInput, given: Value) -> Result<InputValue, InputFault> {
        let name = input.name.clone();
        let resolved = resolve_inputs(&[input], &BTreeMap::from([(name.clone(), given)]), true)?;
        Ok(resolved.get(&name).unwrap().clone())
    }

    #[rstest]
    #[case(InputType::String, json!("12"), InputValue::String("12".into()))]
    #[case(InputType::String, json!(""), InputValue::String(String::new()))]
    #[case(InputType::Integer, json!(12), InputValue::Integer("12".into()))]
    #[case(InputType::Integer, json!("-12"), InputValue::Integer("-12".into()))]
    #[case(InputType::Integer, json!("98765432109876543210987"), InputValue::Integer("98765432109876543210987".into()))]
    #[case(InputType::Integer, json!(""), InputValue::Missing)]
    #[case(InputType::Decimal, json!("0.10"), InputValue::Decimal("0.10".into()))]
    #[case(InputType::Decimal, json!("1E+9"), InputValue::Decimal("1E+9".into()))]
    #[case(InputType::Decimal, json!(1.5), InputValue::Decimal("1.5".into()))]
    #[case(InputType::Boolean, json!("true"), InputValue::Boolean(true))]
    #[case(InputType::Boolean, json!(false), InputValue::Boolean(false))]
    #[case(InputType::Boolean, Value::Null, InputValue::Missing)]
    fn e10_values_are_taken_with_their_digits(#[case] kind: InputType, #[case] given: Value, #[case] expected: InputValue) {
        assert_eq!(resolve_one(input("a", kind, false, ""), given).unwrap(), expected);
    }

    #[rstest]
    #[case(InputType::String, json!(12))]
    #[case(InputType::String, json!(["x"]))]
    #[case(InputType::Integer, json!(1.0))]
    #[case(InputType::Integer, json!("007"))]
    #[case(InputType::Integer, json!("+1"))]
    #[case(InputType::Integer, json!("1e3"))]
    #[case(InputType::Integer, json!(" 1"))]
    #[case(InputType::Integer, json!("1".repeat(60)))]
    #[case(InputType::Decimal, json!("1."))]
    #[case(InputType::Decimal, json!(".5"))]
    #[case(InputType::Decimal, json!("1,5"))]
    #[case(InputType::Decimal, json!("NaN"))]
    #[case(InputType::Decimal, json!("1e"))]
    #[case(InputType::Boolean, json!("True"))]
    #[case(InputType::Boolean, json!(1))]
    fn e10_a_wrong_type_names_the_input_and_not_the_value(#[case] kind: InputType, #[case] given: Value) {
        let fault = resolve_one(input("amount", kind, false, ""), given).unwrap_err();
        assert_eq!(fault.input, "amount");
        assert!(fault.message.starts_with("The input “amount” must be "), "{}", fault.message);
    }

    #[test]
    fn e10_a_missing_required_input_is_refused_only_while_that_is_validated() {
        let inputs = [input("id", InputType::String, true, "")];
        assert_eq!(resolve_inputs(&inputs, &BTreeMap::new(), true).unwrap_err().input, "id");
        let empty = BTreeMap::from([("id".to_owned(), json!(""))]);
        assert_eq!(resolve_inputs(&inputs, &empty, true).unwrap_err().message, "The required input “id” is missing.");
        let resolved = resolve_inputs(&inputs, &BTreeMap::new(), false).unwrap();
        assert_eq!(resolved.get("id"), Some(&InputValue::Missing));
    }

    #[test]
    fn e10_a_default_steps_in_and_a_wrong_one_is_named() {
        let inputs = [input("n", InputType::Integer, true, "7")];
        assert_eq!(resolve_inputs(&inputs, &BTreeMap::new(), true).unwrap().get("n"), Some(&InputValue::Integer("7".into())));
        let inputs = [input("n", InputType::Integer, true, "seven")];
        let fault = resolve_inputs(&inputs, &BTreeMap::new(), true).unwrap_err();
        assert!(fault.message.starts_with("The default value of the input “n” must be a whole number"), "{fault}");
    }

    #[test]
    fn e10_a_name_that_is_no_input_is_refused_by_name() {
        let inputs = [input("id", InputType::String, false, "")];
        let fault = resolve_inputs(&inputs, &BTreeMap::from([("ID".to_owned(), json!("1"))]), true).unwrap_err();
        assert_eq!((fault.input.as_str(), fault.next_step.as_str()), ("ID", "Its inputs are “id”."));
    }
}
