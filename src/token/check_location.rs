//! Whether a location is well written, before any response is looked at.

use super::{Fault, LocationIn, LocationStep, TokenLocation, capture, pointer};

/// Checks a location's writing; whether it yields a value is for the response to say (T4). A JSONPath is read when it is
/// looked up, for it is never kept.
///
/// # Errors
/// When a pointer, name, claim, line or regular expression can't be one; the field is `location.at` or `location.then[0]`.
pub fn check_location(location: &TokenLocation) -> Result<(), Fault> {
    let at = location.at.as_str();
    match location.part {
        LocationIn::Json => check_json_path("location.at", at)?,
        LocationIn::Header | LocationIn::Cookie | LocationIn::Form | LocationIn::Xml if at.trim().is_empty() => {
            let next_step = "Write the name, or click the value in the response.";
            return Err(Fault::new("location.at", "The location names nothing.", next_step));
        }
        LocationIn::Xml if !at.starts_with('/') => {
            let next_step = "Write it like /login/token, or click the value in the response.";
            return Err(Fault::new("location.at", "A path into XML starts with /.", next_step));
        }
        _ => {}
    }
    location.then.iter().enumerate().try_for_each(|(index, step)| check_step(&format!("location.then[{index}]"), step))
}

/// A pointer, or the beginning of a JSONPath.
fn check_json_path(field: &str, at: &str) -> Result<(), Fault> {
    if at.trim_start().starts_with('$') {
        return Ok(());
    }
    let next_step = "Write it like /data/access_token, or click the value in the response.";
    if !at.is_empty() && !at.starts_with('/') {
        return Err(Fault::new(field, "A JSON pointer starts with / and a JSONPath with $.", next_step));
    }
    match pointer::steps(at) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::new(field, format!("The pointer can't be read {error}."), next_step)),
    }
}

fn check_step(field: &str, step: &LocationStep) -> Result<(), Fault> {
    match step {
        LocationStep::Json { at } => check_json_path(field, at),
        LocationStep::JwtClaim { claim } if claim.is_empty() => {
            Err(Fault::new(field, "The claim has no name.", "Write a claim's name, such as sub."))
        }
        LocationStep::Line { number: 0 } => Err(Fault::new(field, "Lines are counted from 1.", "Write 1 for the first line.")),
        LocationStep::Capture { pattern } => match capture::compile(pattern) {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::new(
                field,
                format!("The regular expression can't be read {error}."),
                "Write it like token=(\\S+), with the token in the first group.",
            )),
        },
        LocationStep::JwtClaim { .. } | LocationStep::Line { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(part: LocationIn, at: &str, then: Vec<LocationStep>) -> Option<Fault> {
        check_location(&TokenLocation { part, at: at.to_owned(), then }).err()
    }

    #[test]
    fn t4_what_is_badly_written_is_refused_with_its_field() {
        let capture = |pattern: &str| LocationStep::Capture { pattern: pattern.into() };
        let json = |at: &str| LocationStep::Json { at: at.into() };
        for (part, at, then, field) in [
            (LocationIn::Json, "data", vec![], "location.at"),
            (LocationIn::Json, "/a~2", vec![], "location.at"),
            (LocationIn::Xml, "login", vec![], "location.at"),
            (LocationIn::Cookie, " ", vec![], "location.at"),
            (LocationIn::Form, "", vec![], "location.at"),
            (LocationIn::Text, "", vec![LocationStep::Line { number: 0 }], "location.then[0]"),
            (LocationIn::Text, "", vec![LocationStep::Line { number: 1 }, capture("(")], "location.then[1]"),
            (LocationIn::Text, "", vec![capture("")], "location.then[0]"),
            (LocationIn::Json, "/t", vec![LocationStep::JwtClaim { claim: String::new() }], "location.then[0]"),
            (LocationIn::Json, "/t", vec![json("/ok"), json("no")], "location.then[1]"),
        ] {
            assert_eq!(
                fault(part, at, then.clone()).map(|fault| fault.field).as_deref(),
                Some(field),
                "{part:?} {at} {then:?}"
            );
        }
    }

    #[test]
    fn t4_a_refusal_counts_to_the_character() {
        let fault = fault(LocationIn::Json, "/ab~2", vec![]).unwrap();
        assert_eq!(fault.message, "The pointer can't be read at character 4: ~ must be followed by 0 (for ~) or 1 (for /).");
    }

    #[test]
    fn t4_every_kind_of_location_can_be_written() {
        let then = vec![
            LocationStep::Line { number: 2 },
            LocationStep::Capture { pattern: r"^t=(\S+)$".into() },
            LocationStep::Json { at: String::new() },
            LocationStep::JwtClaim { claim: "sub".into() },
        ];
        for (part, at) in [
            (LocationIn::Json, ""),
            (LocationIn::Json, "$..token"),
            (LocationIn::Xml, "/a/b[2]/@id"),
            (LocationIn::Form, "token"),
            (LocationIn::Header, "X-Token"),
            (LocationIn::Cookie, "sid"),
            (LocationIn::Text, ""),
        ] {
            assert_eq!(fault(part, at, then.clone()), None, "{part:?} {at}");
        }
    }
}
