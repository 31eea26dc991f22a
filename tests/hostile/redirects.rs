//! Redirects that lead in circles, elsewhere, nowhere, or to what is no web address (S3).

use super::row::Comes::{NoAnswer, NotAllowed, Refused, Works};
use super::row::{Row, play};
use super::server::{Deed, Peer, good};

/// Redirects with this status to what `location` makes of the request.
fn to(status: u16, location: impl Fn(&Peer) -> String + Send + Sync + 'static) -> Deed {
    Deed::answers(move |peer| {
        let location = location(peer);
        format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .into_bytes()
    })
}

fn always(status: u16, location: &'static str) -> Deed {
    to(status, move |_| location.to_owned())
}

/// Good at `/there`, else a redirect to `location`.
fn there(status: u16, location: impl Fn(&Peer) -> String + Send + Sync + 'static) -> Deed {
    Deed::answers(move |peer| {
        if peer.target().starts_with("/there") {
            return good();
        }
        let location = location(peer);
        format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .into_bytes()
    })
}

/// So many redirects, then a good answer.
fn chain(hops: usize) -> Deed {
    Deed::answers(move |peer| match peer.target().strip_prefix("/hop/").map_or(Ok(hops), str::parse) {
        Ok(0) => good(),
        Ok(left) => {
            format!("HTTP/1.1 302 Found\r\nLocation: /hop/{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", left - 1)
                .into_bytes()
        }
        Err(_) => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_redirects_on_the_same_origin_are_followed() {
    play(vec![
        Row::new("five redirects", chain(5), Works),
        Row::new("301", there(301, |_| "/there".to_owned()), Works),
        Row::new("302", there(302, |_| "/there".to_owned()), Works),
        Row::new("303", there(303, |_| "/there".to_owned()), Works),
        Row::new("307 with a body on the same origin", there(307, |_| "/there".to_owned()), Works),
        Row::new("308 with a body on the same origin", there(308, |_| "/there".to_owned()), Works),
        Row::new("an absolute location", there(302, |peer| format!("{}/there", peer.origin)), Works),
        Row::new("a location without a scheme", there(302, |peer| format!("{}/there", &peer.origin[5..])), Works),
        Row::new("a relative location", there(302, |_| "there".to_owned()), Works),
        Row::new("a location with dots", there(302, |_| "/a/../b/./../there".to_owned()), Works),
        Row::new("a location with backslashes", there(302, |_| "\\there".to_owned()), Works),
        Row::new("a location with a fragment", there(302, |_| "/there#<script>".to_owned()), Works),
        Row::new(
            "a location with a name and a password",
            there(302, |peer| peer.origin.replace("//", "//u:p@") + "/there"),
            Works,
        ),
        Row::new("a very long location", there(302, |_| format!("/there?{}", "a".repeat(30_000))), Works),
        Row::new("a location in UTF-8", there(302, |_| "/there/é/%zz".to_owned()), Works),
        Row::new(
            "a redirect with a long body",
            Deed::answers(|peer| {
                if peer.target() == "/there" {
                    return good();
                }
                let mut answer = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 5000000\r\n\r\n".to_vec();
                answer.resize(5_000_000, b'x');
                answer
            }),
            Works,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_redirects_that_lead_nowhere_are_told_apart() {
    let unused = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    // A login is a POST: what sends its body to another origin is not allowed, what makes it a GET is.
    let nowhere = unused();
    play(vec![
        Row::new("a circle of one", always(307, "/api"), NoAnswer("in a circle")).but_a_login(NoAnswer("circle")),
        Row::new(
            "a circle of two",
            to(307, |peer| if peer.target() == "/a" { "/b" } else { "/a" }.to_owned()),
            NoAnswer("in a circle"),
        ),
        Row::new("redirects that never end", to(307, |peer| format!("{}x", peer.target())), NoAnswer("more than 5 times")),
        Row::new("six redirects", chain(6), NoAnswer("more than 5 times")),
        Row::new("a host that is not there", always(302, "http://nowhere.invalid/"), NoAnswer("nowhere.invalid")),
        Row::new("a host outside ASCII", always(302, "http://bücher.invalid/"), NoAnswer("xn--bcher-kva.invalid")),
        Row::new("a host of 300 characters", to(302, |_| format!("http://{}.invalid/", "a".repeat(300))), NoAnswer("No")),
        Row::new("a port where nobody listens", to(302, move |_| nowhere.clone()), NoAnswer("refused the connection")),
        Row::new("port 0", always(302, "http://127.0.0.1:0/"), NoAnswer("connection")),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_redirects_that_cannot_be_followed_are_answers() {
    let stands = |name, location| Row::new(name, always(302, location), Refused(302));
    play(vec![
        stands("a file", "file:///etc/passwd"),
        stands("ftp", "ftp://127.0.0.1/"),
        stands("a script", "javascript:alert(1)"),
        stands("data", "data:application/json,{}"),
        stands("mail", "mailto:a@b.example"),
        stands("a blob", "blob:http://127.0.0.1/x"),
        stands("an empty location", ""),
        stands("a location of spaces", "   "),
        stands("a port beyond all ports", "http://127.0.0.1:99999/"),
        stands("a host that can't be one", "http://a b/"),
        stands("a host of percent signs", "http://%00/"),
        stands("a tab in the location", "/a\tb"),
        stands("an address that is none", "http://[::1/"),
        stands("no host", "http://"),
        Row::new("no location", Deed::says("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Refused(302)),
        Row::new(
            "two locations",
            Deed::says("HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            Refused(302),
        ),
        Row::new(
            "a location that is not UTF-8",
            Deed::says(*b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            Refused(302),
        ),
        Row::new(
            "a line break in the location",
            Deed::says("HTTP/1.1 302 Found\r\nLocation: javascript:\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            Refused(302),
        ),
        Row::new("300", always(300, "/there"), Refused(300)),
        Row::new("304", always(304, "/there"), Refused(304)),
        Row::new("305", always(305, "/there"), Refused(305)),
        Row::new("306", always(306, "/there"), Refused(306)),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_a_body_is_not_sent_to_another_origin() {
    let other = |peer: &Peer| peer.origin.replace("127.0.0.1", "localhost") + "/there";
    let not_allowed = NotAllowed("which is never done");
    // The connector sends no body, so it may go on; the login's POST may not.
    play(vec![
        Row::new("307 to another origin", there(307, other), Works).but_a_login(not_allowed),
        Row::new("308 to another origin", there(308, other), Works).but_a_login(not_allowed),
        Row::new("307 to a host of 5 kB", there(307, |_| format!("http://{}/", "a.".repeat(2500))), NoAnswer("No"))
            .but_a_login(not_allowed),
        Row::new("302 to another origin", there(302, other), Works),
        Row::new("303 to another origin", there(303, other), Works),
    ])
    .await;
}
