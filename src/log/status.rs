//! A status as it is typed to filter by.

/// The statuses that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// This one, such as 404.
    Exactly(u16),
    /// All of so many hundred, such as 4 for `4xx`.
    Class(u8),
    /// There was no answer.
    NoAnswer,
}

impl Status {
    /// What `404`, `4xx` or `none` asks for; `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("none") {
            return Some(Self::NoAnswer);
        }
        let first = text.bytes().next().filter(|first| (b'1'..=b'9').contains(first))? - b'0';
        let rest = text.get(1..)?;
        if rest.eq_ignore_ascii_case("xx") {
            return Some(Self::Class(first));
        }
        (rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?.map(Self::Exactly)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("404", Some(Status::Exactly(404)))]
    #[case(" 200 ", Some(Status::Exactly(200)))]
    #[case("4xx", Some(Status::Class(4)))]
    #[case("5XX", Some(Status::Class(5)))]
    #[case("none", Some(Status::NoAnswer))]
    #[case("", None)]
    #[case("0xx", None)]
    #[case("099", None)]
    #[case("4x", None)]
    #[case("40", None)]
    #[case("4040", None)]
    #[case("4é", None)]
    #[case("é04", None)]
    #[case("+04", None)]
    fn a_status_is_read_as_it_is_typed(#[case] text: &str, #[case] status: Option<Status>) {
        assert_eq!(Status::parse(text), status);
    }
}
