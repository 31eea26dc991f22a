//! Where a call comes from: the name that it was addressed to, and the page that made it (M4).

use axum::extract::Request;
use http::header::{HOST, HeaderName, ORIGIN};
use url::Url;

/// The most origins that may be allowed.
pub const MOST_ORIGINS: usize = 100;
/// The name by which Android's emulator knows the loopback interface of the machine that it runs on. It is an address,
/// so no page can claim it by a name of its own.
const ANDROID_EMULATOR: &str = "10.0.2.2";

/// Why something is no origin, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginFault {
    /// Why, in a sentence.
    pub message: String,
    /// What to do now.
    pub next_step: &'static str,
}

/// An origin as browsers write it: scheme, host in lower case, and the port unless it is the scheme's own.
///
/// # Errors
/// When it is no origin of a page, or names more than one.
pub fn normalised_origin(text: &str) -> Result<String, OriginFault> {
    let fault = |message: String| OriginFault { message, next_step: "Write it as http://localhost:3000." };
    let text = text.trim();
    if text.contains('*') {
        return Err(fault("An origin is named in full, without *.".to_owned()));
    }
    let Some(url) = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return Err(fault(format!("{text} is no origin with http:// or https://.")));
    };
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(fault(format!("{text} is more than an origin: that is only scheme, host and port.")));
    }
    Ok(url.origin().ascii_serialization())
}

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
        let names = ["127.0.0.1", "localhost", ANDROID_EMULATOR];
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
    #[case::as_browsers_write_it("http://localhost:3000", "http://localhost:3000")]
    #[case::a_slash("https://shop.example/", "https://shop.example")]
    #[case::capitals("HTTPS://Shop.Example", "https://shop.example")]
    #[case::the_schemes_own_port("https://shop.example:443", "https://shop.example")]
    #[case::another_port("https://shop.example:80", "https://shop.example:80")]
    #[case::spaces("  http://127.0.0.1:8080\n", "http://127.0.0.1:8080")]
    #[case::letters_of_a_language("https://bücher.example", "https://xn--bcher-kva.example")]
    #[case::ipv6("http://[::1]:3000", "http://[::1]:3000")]
    fn m4_an_origin_is_kept_as_browsers_write_it(#[case] text: &str, #[case] origin: &str) {
        assert_eq!(normalised_origin(text).as_deref(), Ok(origin));
    }

    #[rstest]
    #[case::no_scheme("localhost:3000")]
    #[case::nothing("")]
    #[case::null("null")]
    #[case::any("*")]
    #[case::any_below("https://*.example.com")]
    #[case::a_path("https://shop.example/checkout")]
    #[case::a_query("https://shop.example/?a=1")]
    #[case::a_fragment("https://shop.example/#a")]
    #[case::a_user("https://ann@shop.example")]
    #[case::a_file("file:///etc/hosts")]
    #[case::another_scheme("ftp://shop.example")]
    #[case::no_host("http://")]
    #[case::two("http://a.example http://b.example")]
    fn m4_what_is_no_origin_is_refused(#[case] text: &str) {
        assert!(normalised_origin(text).is_err(), "{text}");
    }

    #[rstest]
    #[case::loopback(&["127.0.0.1:47900"], "/", true)]
    #[case::by_name(&["LocalHost:47900"], "/", true)]
    #[case::androids_emulator(&["10.0.2.2:47900"], "/", true)]
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
