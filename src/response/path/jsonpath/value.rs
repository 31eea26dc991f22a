//! The values that a filter compares (RFC 9535, section 2.3.5.2.2), read where they stand.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::evaluate::{Evaluator, TooMuch};
use super::syntax::Comparison;
use crate::response::ValueKind;
use crate::response::json::{Json, Member};

/// One value, or that there is none.
#[derive(Clone)]
pub(super) enum Value<'a> {
    Nothing,
    Null,
    Boolean(bool),
    /// As it is written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// An object or array, by where it begins.
    Container(u32),
}

impl<'a> Value<'a> {
    /// The value that begins at `value`.
    pub fn at(json: &'a Json, value: u32) -> Self {
        match json.kind(value) {
            ValueKind::Object | ValueKind::Array => Self::Container(value),
            ValueKind::String => Self::Text(json.string(value)),
            ValueKind::Number => Self::Number(json.scalar(value)),
            ValueKind::Boolean => Self::Boolean(json.raw(value) == "true"),
            _ => Self::Null,
        }
    }

    pub fn count(count: usize) -> Self {
        Self::Number(Cow::Owned(count.to_string()))
    }
}

/// Whether a comparison holds. Only two numbers or two texts have an order; texts by their code points.
pub(super) fn holds<'a>(
    evaluator: &mut Evaluator<'a>,
    left: &Value<'a>,
    comparison: Comparison,
    right: &Value<'a>,
) -> Result<bool, TooMuch> {
    let ordering = match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(compare_numbers(left, right)),
        (Value::Text(left), Value::Text(right)) => {
            evaluator.spend(left.len().min(right.len()))?;
            Some(left.cmp(right))
        }
        _ => None,
    };
    let equal = match ordering {
        Some(ordering) => ordering.is_eq(),
        None => equal(evaluator, left, right)?,
    };
    let is = |wanted| ordering == Some(wanted);
    Ok(match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => !equal,
        Comparison::Less => is(Ordering::Less),
        Comparison::LessOrEqual => equal || is(Ordering::Less),
        Comparison::Greater => is(Ordering::Greater),
        Comparison::GreaterOrEqual => equal || is(Ordering::Greater),
    })
}

fn equal<'a>(evaluator: &mut Evaluator<'a>, left: &Value<'a>, right: &Value<'a>) -> Result<bool, TooMuch> {
    match (left, right) {
        (Value::Nothing, Value::Nothing) | (Value::Null, Value::Null) => Ok(true),
        (Value::Boolean(left), Value::Boolean(right)) => Ok(left == right),
        (Value::Number(left), Value::Number(right)) => Ok(compare_numbers(left, right).is_eq()),
        (Value::Text(left), Value::Text(right)) => {
            evaluator.spend(left.len().min(right.len()))?;
            Ok(left == right)
        }
        (Value::Container(left), Value::Container(right)) => containers_equal(evaluator, *left, *right),
        _ => Ok(false),
    }
}

/// Two containers that are being compared, child by child.
enum Pair<'a> {
    Arrays(Option<Member>, Option<Member>),
    /// The members of one that are left, and those of the other by name.
    Objects(std::collections::hash_map::IntoIter<Cow<'a, str>, u32>, HashMap<Cow<'a, str>, u32>),
}

/// Compares two containers of the document without recursion.
fn containers_equal(evaluator: &mut Evaluator<'_>, left: u32, right: u32) -> Result<bool, TooMuch> {
    let json = evaluator.json;
    let Some(pair) = open(evaluator, left, right)? else { return Ok(false) };
    let mut open_pairs = vec![pair];
    while let Some(pair) = open_pairs.last_mut() {
        let (left, right) = match pair {
            Pair::Arrays(left, right) => match (*left, *right) {
                (None, None) => {
                    open_pairs.pop();
                    continue;
                }
                (Some(one), Some(other)) => {
                    *left = evaluator.next(one, false)?;
                    *right = evaluator.next(other, false)?;
                    (one.value, other.value)
                }
                _ => return Ok(false),
            },
            Pair::Objects(left, right) => {
                let Some((name, one)) = left.next() else {
                    open_pairs.pop();
                    continue;
                };
                let Some(other) = right.get(&name) else { return Ok(false) };
                (one, *other)
            }
        };
        match (Value::at(json, left), Value::at(json, right)) {
            (Value::Container(left), Value::Container(right)) => match open(evaluator, left, right)? {
                Some(pair) => open_pairs.push(pair),
                None => return Ok(false),
            },
            (left, right) => {
                if !equal(evaluator, &left, &right)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Begins a comparison; `None` when kinds or sizes differ already.
fn open<'a>(evaluator: &mut Evaluator<'a>, left: u32, right: u32) -> Result<Option<Pair<'a>>, TooMuch> {
    let json = evaluator.json;
    if json.is_object(left) != json.is_object(right) {
        return Ok(None);
    }
    if json.is_object(left) {
        let (left, right) = (by_name(evaluator, left)?, by_name(evaluator, right)?);
        return Ok((left.len() == right.len()).then(|| Pair::Objects(left.into_iter(), right)));
    }
    Ok(Some(Pair::Arrays(json.first(left), json.first(right))))
}

/// An object's members; of several with one name the last.
fn by_name<'a>(evaluator: &mut Evaluator<'a>, object: u32) -> Result<HashMap<Cow<'a, str>, u32>, TooMuch> {
    let json = evaluator.json;
    let mut members = HashMap::new();
    let mut next = json.first(object);
    while let Some(member) = next {
        if let Some(name) = json.key(member) {
            members.insert(name, member.value);
        }
        next = evaluator.next(member, true)?;
    }
    Ok(members)
}

/// Compares two numbers as they are written, exactly, whatever their size.
pub(super) fn compare_numbers(left: &str, right: &str) -> Ordering {
    let (left, right) = (Decimal::read(left), Decimal::read(right));
    match (left.negative, right.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => left.compare_magnitude(&right),
        (true, true) => right.compare_magnitude(&left),
    }
}

/// A number as `0.digits × 10^exponent`; zero has no digits.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn read(written: &str) -> Self {
        let (negative, written) = match written.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let (mantissa, exponent) = written.split_once(['e', 'E']).unwrap_or((written, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 });
        let all: String = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let zeros = i64::try_from(all.len() - significant.len()).unwrap_or(i64::MAX / 4);
        let digits = significant.trim_end_matches('0');
        let whole = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4);
        let exponent = exponent.saturating_add(whole).saturating_sub(zeros);
        Self { negative: negative && !digits.is_empty(), digits: digits.to_owned(), exponent }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t4_numbers_are_compared_to_the_digit() {
        for (smaller, larger) in [
            ("9007199254740992", "9007199254740993"),
            ("-9007199254740993", "-9007199254740992"),
            ("-1", "0.001"),
            ("0.09", "0.1"),
            ("99", "100"),
            ("1e399", "1e400"),
            ("12.5", "12.51"),
            ("-0.1", "-0"),
            ("1e-99999999999999999999", "1"),
        ] {
            assert_eq!(compare_numbers(smaller, larger), Ordering::Less, "{smaller} {larger}");
            assert_eq!(compare_numbers(larger, smaller), Ordering::Greater, "{smaller} {larger}");
        }
        for (one, other) in [("1", "1.0"), ("100", "1e2"), ("-0", "0"), ("0.0e5", "0"), ("1.10E+1", "11"), ("0.001", "1e-3")] {
            assert_eq!(compare_numbers(one, other), Ordering::Equal, "{one} {other}");
        }
    }
}
