//! Where a call comes from: the name that it was addressed to, and the page that made it (M4).

use axum::extract::Request;
use http::header::{HOST, HeaderName, ORIGIN};

/// Where the page that calls comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// No page: an app, or another program.
    Program,
    /// A page of this origin, in the browser's own spelling.
    Page(String),
    /// More than one origin, or no text: no browser sends that.
    Unclear,
}

impl Caller {
    pub(super) fn of(request: &Request) -> Self {
        let mut named = request.headers().get_all(ORIGIN).iter();
        match (named.next(), named.next()) {
            (None, _) => Self::Program,
            (Some(origin), None) => origin.to_str().map_or(Self::Unclear, |origin| Self::Page(origin.to_owned())),
            (Some(_), Some(_)) => Self::Unclear,
        }
    }

    pub(super) fn origin(&self) -> Option<&str> {
        match self {
            Self::Page(origin) => Some(origin),
            Self::Program => None,
            Self::Unclear => Some("(unclear)"),
        }
    }
}

/// The names by which callers may address the Messenger. A page that gave its own name this machine's address (DNS
/// rebinding) uses another one.
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    pub(super) fn of_port(port: u16) -> Self {
        let names = ["127.0.0.1", "localhost"];
        let mut hosts: Vec<_> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self(hosts)
    }

    /// Whether the request was addressed to one of them, by its only `Host` and, where it has one, its absolute target.
    pub(super) fn admit(&self, request: &Request) -> bool {
        let knows = |host: &str| self.0.iter().any(|known| known.eq_ignore_ascii_case(host));
        let target = request.uri().authority().is_none_or(|authority| knows(authority.as_str()));
        target && single(request, &HOST).is_some_and(knows)
    }
}

/// The header's text when it stands there once.
pub(super) fn single<'a>(request: &'a Request, name: &HeaderName) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::loopback(&["127.0.0.1:47900"], "/", true)]
    #[case::by_name(&["LocalHost:47900"], "/", true)]
    #[case::androids_emulator(&["10.0.2.2:47900"], "/", false)]
    #[case::another_port(&["127.0.0.1:47901"], "/", false)]
    #[case::no_port(&["localhost"], "/", false)]
    #[case::a_rebound_name(&["shop.example:47900"], "/", false)]
    #[case::a_longer_name(&["localhost.shop.example:47900"], "/", false)]
    #[case::none(&[], "/", false)]
    #[case::two(&["localhost:47900", "localhost:47900"], "/", false)]
    #[case::another_target(&["localhost:47900"], "http://shop.example/v1/boot", false)]
    fn m4_only_this_machines_own_names_are_answered(#[case] hosts: &[&str], #[case] target: &str, #[case] admitted: bool) {
        let request = hosts.iter().fold(Request::builder().uri(target), |request, host| request.header(HOST, *host));
        assert_eq!(Hosts::of_port(47900).admit(&request.body(Body::empty()).unwrap()), admitted);
    }
}
