//! S3 over the wire: what arrives where.

use http::Method;

use super::*;

fn with_secrets(mut request: OutgoingRequest) -> OutgoingRequest {
    request.headers = vec![
        header("X-Session", "s3cret-token", true),
        header("Authorization", "Basic Zm9v", false),
        header("Cookie", "sid=1", false),
        header("Proxy-Authorization", "Basic YmFy", false),
        header("X-Plain", "plain", false),
    ];
    request
}

#[tokio::test]
async fn s3_a_redirect_on_the_same_origin_keeps_every_header() {
    let origin = Origin::serve(|seen| if seen.target == "/a" { redirect(302, "/b?x=1") } else { text("here") }).await;
    let answer = send(&with_secrets(get(origin.at("/a")))).await.unwrap();
    assert_eq!((answer.status, answer.redirects, answer.crossed_origin), (200, 1, false));
    assert_eq!((answer.final_url.as_str(), &answer.body[..]), (origin.at("/b?x=1").as_str(), &b"here"[..]));
    let seen = origin.seen();
    assert_eq!(seen[1].header("x-session"), Some("s3cret-token"));
    assert_eq!(seen[1].header("authorization"), Some("Basic Zm9v"));
    assert_eq!(seen[1].header("referer"), None, "a Referer is never sent");
}

#[tokio::test]
async fn s3_another_origin_gets_no_credential_and_none_comes_back() {
    let home = Origin::serve(|_| text("home again")).await;
    let back = home.at("/back").to_string();
    let elsewhere = Origin::serve(move |_| redirect(302, &back)).await;
    let away = elsewhere.at("/away").to_string();
    let start = Origin::serve(move |_| redirect(302, &away)).await;

    let answer = send(&with_secrets(get(start.at("/")))).await.unwrap();
    assert_eq!((answer.redirects, answer.crossed_origin), (2, true));
    assert!(start.seen()[0].header("x-session").is_some());
    for stop in [&elsewhere.seen()[0], &home.seen()[0]] {
        let mut names = stop.header_names();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent", "x-plain"]);
    }
}

#[tokio::test]
async fn s3_credentials_stay_away_when_the_way_leads_back_to_the_first_origin() {
    let (told, tell) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
    let (to_elsewhere, to_home) = (Arc::clone(&told), Arc::clone(&tell));
    let home = Origin::serve(move |seen| match seen.target.as_str() {
        "/start" => redirect(302, &to_elsewhere.lock().unwrap()),
        _ => text("end"),
    })
    .await;
    let elsewhere = Origin::serve(move |_| redirect(302, &to_home.lock().unwrap())).await;
    *told.lock().unwrap() = elsewhere.at("/x").to_string();
    *tell.lock().unwrap() = home.at("/end").to_string();

    send(&with_secrets(get(home.at("/start")))).await.unwrap();
    let seen = home.seen();
    assert!(seen[0].header("x-session").is_some());
    assert_eq!(seen[1].header("x-session"), None, "a foreign origin chose this place");
    assert_eq!(seen[1].header("authorization"), None);
}

#[tokio::test]
async fn s3_post_becomes_get_on_302_and_stays_post_on_307() {
    let origin = Origin::serve(|seen| match seen.target.as_str() {
        "/302" => redirect(302, "/end"),
        "/307" => redirect(307, "/end"),
        _ => text("end"),
    })
    .await;
    for path in ["/302", "/307"] {
        let mut request = post(origin.at(path), "the body");
        request.headers.push(header("Content-Type", "text/plain", false));
        send(&request).await.unwrap();
    }
    let seen = origin.seen();
    assert_eq!((&seen[1].method, &seen[1].body[..]), (&Method::GET, &b""[..]));
    assert_eq!((seen[1].header("content-type"), seen[1].header("content-length")), (None, None));
    assert_eq!((&seen[3].method, &seen[3].body[..]), (&Method::POST, &b"the body"[..]));
    assert_eq!(seen[3].header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn s3_a_body_never_reaches_another_origin() {
    let elsewhere = Origin::serve(|_| text("taken")).await;
    let target = elsewhere.at("/take").to_string();
    let origin = Origin::serve(move |_| redirect(307, &target)).await;
    let failure = send(&post(origin.at("/"), "secret body")).await.unwrap_err();
    let to_origin = elsewhere.url.origin().ascii_serialization();
    assert_eq!(failure, SendFailure::RedirectWouldResendBody { to_origin });
    assert!(elsewhere.seen().is_empty(), "not even a connection with an empty body");
}

#[tokio::test]
async fn s3_five_redirects_are_followed_and_the_sixth_is_not() {
    let origin = Origin::serve(|seen| {
        let hop: u32 = seen.target[1..].parse().unwrap();
        if hop == 0 { text("end") } else { redirect(302, &format!("/{}", hop - 1)) }
    })
    .await;
    assert_eq!(send(&get(origin.at("/5"))).await.unwrap().redirects, 5);
    assert_eq!(send(&get(origin.at("/6"))).await.unwrap_err(), SendFailure::TooManyRedirects { limit: 5 });
    assert_eq!(origin.seen().len(), 12, "six requests each time");
}

#[tokio::test]
async fn s3_a_circle_is_noticed_at_once() {
    let origin = Origin::serve(|_| redirect(302, "/same")).await;
    assert_eq!(send(&get(origin.at("/same"))).await.unwrap_err(), SendFailure::RedirectLoop);
    assert_eq!(origin.seen().len(), 1);
}

#[rstest::rstest]
#[case("HTTP/1.1 302 Found\r\nContent-Length: 4\r\n\r\nbody", "")]
#[case("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 4\r\n\r\nbody", "file:///etc/passwd")]
#[case("HTTP/1.1 302 Found\r\nLocation: http://exa%00mple/\r\nContent-Length: 4\r\n\r\nbody", "http://exa%00mple/")]
#[case("HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\nContent-Length: 4\r\n\r\nbody", "http://[bad/")]
#[case("HTTP/1.1 302 Found\r\nLocation: http://h:99999/\r\nContent-Length: 4\r\n\r\nbody", "http://h:99999/")]
#[tokio::test]
async fn e11_a_redirect_that_cannot_be_followed_is_the_answer(#[case] bytes: &'static str, #[case] location: &str) {
    let answer = send(&get(answering(bytes).await)).await.unwrap();
    assert_eq!((answer.status, answer.redirects, &answer.body[..]), (302, 0, &b"body"[..]));
    assert_eq!(answer.header("location").unwrap_or_default(), location);
}

#[tokio::test]
async fn s3_relative_places_are_read_from_where_they_stand() {
    let origin = Origin::serve(|seen| match seen.target.as_str() {
        "/dir/a" => redirect(302, "b"),
        "/dir/b" => redirect(302, "../c#part"),
        _ => text("end"),
    })
    .await;
    let answer = send(&get(origin.at("/dir/a"))).await.unwrap();
    assert_eq!(answer.final_url, origin.at("/c"));
}
