//! Whether and how a redirect is followed (S3): decided here without sending anything.

use http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, PROXY_AUTHORIZATION, REFERER};
use http::{HeaderMap, Method};
use url::Url;

use super::failure::SendFailure;
use super::request::OutgoingRequest;

/// How many redirects are followed (S3).
pub(super) const LIMIT: u32 = 5;

/// A request on its way, and where it has been.
pub(super) struct Journey {
    /// What is sent next.
    pub(super) request: OutgoingRequest,
    /// How many redirects were followed.
    pub(super) redirects: u32,
    /// Whether another origin was visited; what was dropped on the way there never comes back.
    pub(super) crossed_origin: bool,
    visited: Vec<Stop>,
}

/// What makes two stops the same: then they will be answered in the same way.
#[derive(PartialEq, Eq)]
struct Stop {
    method: Method,
    url: Url,
    crossed_origin: bool,
}

impl Journey {
    pub(super) fn new(mut request: OutgoingRequest) -> Self {
        request.url.set_fragment(None);
        request.body = request.body.filter(|body| !body.is_empty());
        Self { request, redirects: 0, crossed_origin: false, visited: Vec::new() }
    }

    /// Whether the answer is a redirect that is followed; if so, `request` is what to send next.
    /// `false` means that the answer stands as it is, a 3xx that can't be followed included (E11).
    pub(super) fn follow(&mut self, status: u16, headers: &HeaderMap) -> Result<bool, SendFailure> {
        let Some(target) = self.target(status, headers) else { return Ok(false) };
        let from = self.request.url.clone();
        if from.scheme() == "https" && target.scheme() == "http" {
            return Err(SendFailure::RedirectLeavesHttps { to_origin: origin_of(&target) });
        }
        let (method, keeps_body) = method_after(status, &self.request.method);
        let other_origin = from.origin() != target.origin();
        if other_origin && keeps_body && self.request.body.is_some() {
            return Err(SendFailure::RedirectWouldResendBody { to_origin: origin_of(&target) });
        }
        if self.redirects == LIMIT {
            return Err(SendFailure::TooManyRedirects { limit: LIMIT });
        }
        self.visited.push(Stop { method: self.request.method.clone(), url: from, crossed_origin: self.crossed_origin });
        self.redirects += 1;
        self.crossed_origin |= other_origin;
        self.request.method = method;
        self.request.url = target;
        if other_origin {
            self.request.headers.retain(|header| {
                // `Host` was meant for the origin that was left, and a `Referer` tells of it.
                !header.credential && ![AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, HOST, REFERER].contains(&header.name)
            });
        }
        if !keeps_body {
            self.request.body = None;
            self.request.headers.retain(|header| !header.name.as_str().starts_with("content-"));
        }
        let next =
            Stop { method: self.request.method.clone(), url: self.request.url.clone(), crossed_origin: self.crossed_origin };
        if self.visited.contains(&next) { Err(SendFailure::RedirectLoop) } else { Ok(true) }
    }

    /// Where the answer redirects to; `None` when it does not, or not in a way that can be followed.
    fn target(&self, status: u16, headers: &HeaderMap) -> Option<Url> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let mut locations = headers.get_all(LOCATION).iter();
        let location = locations.next()?;
        if locations.any(|other| other != location) {
            return None;
        }
        let location = std::str::from_utf8(location.as_bytes()).ok()?;
        // The URL parser would drop tabs and line breaks silently.
        if location.trim().is_empty() || location.contains(char::is_control) {
            return None;
        }
        let mut target = self.request.url.join(location).ok()?;
        if !matches!(target.scheme(), "http" | "https") || !target.has_host() {
            return None;
        }
        target.set_fragment(None);
        // A server can't make us log in elsewhere.
        target.set_username("").ok()?;
        target.set_password(None).ok()?;
        Some(target)
    }
}

/// Scheme, host and port as a sentence can carry them. A longer one is no real one, and is not cut, since the first half of
/// a secret could not be found any more.
fn origin_of(url: &Url) -> String {
    const LONGEST: usize = 280;
    let origin = url.origin().ascii_serialization();
    if origin.len() <= LONGEST { origin } else { format!("an address of {} characters", origin.len()) }
}

/// The method after a redirect, and whether the body goes along: RFC 9110 15.4 as browsers practise it.
fn method_after(status: u16, method: &Method) -> (Method, bool) {
    match status {
        301 | 302 if *method == Method::POST => (Method::GET, false),
        303 if *method != Method::HEAD => (Method::GET, false),
        _ => (method.clone(), status != 303),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderValue;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::request::OutgoingHeader;
    use super::*;

    fn journey(method: Method, url: &str, body: bool) -> Journey {
        let header = |name, value, credential| OutgoingHeader::new(name, value, credential).unwrap();
        Journey::new(OutgoingRequest {
            method,
            url: Url::parse(url).unwrap(),
            headers: vec![
                header("X-Token", "secret", true),
                header("Authorization", "Basic x", false),
                header("Cookie", "a=b", false),
                header("Host", "vhost", false),
                header("Content-Type", "text/plain", false),
                header("X-Plain", "plain", false),
            ],
            body: body.then(|| Bytes::from_static(b"body")),
        })
    }

    fn to(location: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(location.as_bytes()).unwrap())])
    }

    fn names(journey: &Journey) -> Vec<&str> {
        journey.request.headers.iter().map(|header| header.name.as_str()).collect()
    }

    #[rstest]
    #[case(301, Method::POST, Method::GET, false)]
    #[case(302, Method::POST, Method::GET, false)]
    #[case(301, Method::PUT, Method::PUT, true)]
    #[case(302, Method::DELETE, Method::DELETE, true)]
    #[case(303, Method::POST, Method::GET, false)]
    #[case(303, Method::PUT, Method::GET, false)]
    #[case(303, Method::HEAD, Method::HEAD, false)]
    #[case(307, Method::POST, Method::POST, true)]
    #[case(308, Method::PATCH, Method::PATCH, true)]
    fn s3_method_and_body_after_a_redirect(
        #[case] status: u16,
        #[case] before: Method,
        #[case] after: Method,
        #[case] with_body: bool,
    ) {
        let mut journey = journey(before, "https://a.example/x", true);
        assert_eq!(journey.follow(status, &to("/y")), Ok(true));
        assert_eq!(journey.request.method, after);
        assert_eq!(journey.request.body.is_some(), with_body);
        assert_eq!(names(&journey).contains(&"content-type"), with_body, "a body's headers stay and go with it");
        assert!(names(&journey).contains(&"x-token"), "the same origin keeps credentials");
    }

    #[rstest]
    #[case("https://b.example/y")]
    #[case("https://sub.a.example/y")]
    #[case("https://a.example:8443/y")]
    #[case("//b.example/y")]
    fn s3_another_origin_gets_no_credential(#[case] location: &'static str) {
        let mut journey = journey(Method::GET, "https://a.example/x", false);
        assert_eq!(journey.follow(302, &to(location)), Ok(true));
        assert_eq!(names(&journey), ["content-type", "x-plain"]);
        assert!(journey.crossed_origin);
        assert_eq!(journey.follow(302, &to("https://a.example/x")), Ok(true), "the same place without credentials is new");
        assert_eq!(names(&journey), ["content-type", "x-plain"], "what was dropped does not come back");
    }

    #[test]
    fn s3_from_http_to_https_is_another_origin_and_back_is_refused() {
        let mut up = journey(Method::GET, "http://a.example/x", false);
        assert_eq!(up.follow(301, &to("https://a.example/x")), Ok(true));
        assert!(!names(&up).contains(&"x-token"));
        let left = Err(SendFailure::RedirectLeavesHttps { to_origin: "http://a.example".to_owned() });
        assert_eq!(up.follow(301, &to("http://a.example/x?secret=1")), left, "the query is not repeated");
    }

    #[test]
    fn s3_a_body_is_never_resent_to_another_origin() {
        for (status, method) in [(307, Method::POST), (308, Method::POST), (302, Method::PUT)] {
            let mut journey = journey(method, "https://a.example/x", true);
            let refused = Err(SendFailure::RedirectWouldResendBody { to_origin: "https://b.example".to_owned() });
            assert_eq!(journey.follow(status, &to("https://b.example/?q")), refused, "{status}");
        }
        let mut without = journey(Method::POST, "https://a.example/x", false);
        assert_eq!(without.follow(307, &to("https://b.example/")), Ok(true), "there is nothing to resend");
    }

    #[test]
    fn s3_five_redirects_are_followed_and_a_circle_is_noticed() {
        let mut long = journey(Method::GET, "https://a.example/0", false);
        for location in ["/1", "/2", "/3", "/4", "/5"] {
            assert_eq!(long.follow(302, &to(location)), Ok(true));
        }
        assert_eq!(long.follow(302, &to("/6")), Err(SendFailure::TooManyRedirects { limit: 5 }));

        let mut circle = journey(Method::GET, "https://a.example/0#here", false);
        assert_eq!(circle.follow(302, &to("/1")), Ok(true));
        assert_eq!(circle.follow(302, &to("/0#there")), Err(SendFailure::RedirectLoop));

        let mut post = journey(Method::POST, "https://a.example/0", true);
        assert_eq!(post.follow(303, &to("/0")), Ok(true), "GET after POST at the same place is no circle");
    }

    #[rstest]
    #[case(302, "file:///etc/passwd")]
    #[case(302, "javascript:alert(1)")]
    #[case(302, "ftp://a.example/")]
    #[case(302, "http://")]
    #[case(302, "https://exa%00mple/")]
    #[case(302, " ")]
    #[case(302, "/a\tb")]
    #[case(300, "/y")]
    #[case(304, "/y")]
    #[case(201, "/y")]
    fn e11_a_redirect_that_cannot_be_followed_is_an_answer(#[case] status: u16, #[case] location: &'static str) {
        let mut journey = journey(Method::GET, "https://a.example/x", false);
        assert_eq!(journey.follow(status, &to(location)), Ok(false));
        assert_eq!(journey.request.url.as_str(), "https://a.example/x");
    }

    #[test]
    fn e11_no_location_or_two_different_ones_cannot_be_followed() {
        let mut journey = journey(Method::GET, "https://a.example/x", false);
        assert_eq!(journey.follow(302, &HeaderMap::new()), Ok(false));
        let mut two = to("/y");
        two.append(LOCATION, HeaderValue::from_static("/z"));
        assert_eq!(journey.follow(302, &two), Ok(false));
    }

    #[test]
    fn s3_a_redirect_cannot_bring_credentials_of_its_own() {
        let mut journey = journey(Method::GET, "https://a.example/x", false);
        assert_eq!(journey.follow(302, &to("https://user:pw@a.example/y")), Ok(true));
        assert_eq!(journey.request.url.as_str(), "https://a.example/y");
    }

    /// Names that tokens, secret headers and signatures go by in real APIs, and any other that can be one.
    fn header_name() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "X-Api-Key",
                "X-Custom",
                "Authorization",
                "Cookie",
                "Accept",
                "Content-Type",
                "Referer",
                "Host"
            ])
            .prop_map(str::to_owned),
            "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}",
        ]
    }

    fn location() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "/y",
            "z?q=1",
            "//b.example/y",
            "https://a.example/again",
            "https://a.example:8443/y",
            "https://b.example/y",
            "https://u:p@b.example/y",
            "https://sub.a.example/y",
            "https://A.EXAMPLE./y",
            "http://a.example/y",
            "http://b.example/y",
        ])
    }

    proptest! {
        #[test]
        fn s3_no_chain_of_redirects_takes_a_credential_or_a_body_to_another_origin(
            secrets in prop::collection::vec(header_name(), 1..6),
            secure in any::<bool>(),
            method in prop::sample::select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]),
            body in any::<bool>(),
            chain in prop::collection::vec((prop::sample::select(vec![301_u16, 302, 303, 307, 308]), location()), 1..6),
        ) {
            let start = Url::parse(if secure { "https://a.example/x" } else { "http://a.example/x" }).unwrap();
            let header = |name: &String| OutgoingHeader::new(name, "topsecret", true).unwrap();
            let mut journey = Journey::new(OutgoingRequest {
                method,
                url: start.clone(),
                headers: secrets.iter().map(header).chain([OutgoingHeader::new("Cookie", "topsecret", false).unwrap()]).collect(),
                body: body.then(|| Bytes::from_static(b"topsecret")),
            });
            let mut left = false;
            for (status, location) in chain {
                match journey.follow(status, &to(location)) {
                    Ok(true) => {}
                    Ok(false) | Err(_) => break,
                }
                left |= journey.request.url.origin() != start.origin();
                prop_assert!(journey.request.url.username().is_empty() && journey.request.url.password().is_none());
                if left {
                    prop_assert!(journey.crossed_origin);
                    prop_assert!(journey.request.body.is_none(), "a body left its origin");
                    for header in &journey.request.headers {
                        prop_assert!(header.value != "topsecret", "{} left its origin", header.name);
                    }
                } else {
                    prop_assert!(secrets.iter().all(|name| {
                        name.to_ascii_lowercase().starts_with("content-") || names(&journey).contains(&&*name.to_ascii_lowercase())
                    }), "the same origin keeps credentials");
                }
            }
        }
    }
}
