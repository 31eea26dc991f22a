//! Complete answers: what is sent and what is read.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::*;
use crate::http::LiveLimits;

/// `hello hello hello hello`, gzipped.
const GZIPPED: &[u8] =
    &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 39, 1, 227, 81, 61, 141, 23, 0, 0, 0];

#[tokio::test]
async fn e1_an_answer_is_read_whole_with_its_headers_in_order() {
    let bytes = "HTTP/1.1 418 Short And Stout\r\nX-B: 1\r\nX-A: caf\u{e9}\r\nContent-Length: 3\r\n\r\ntea";
    let latin1: Vec<u8> = bytes.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let answer = send(&get(answering(latin1).await)).await.unwrap();
    assert_eq!((answer.status, answer.reason.as_str(), &answer.body[..]), (418, "Short And Stout", &b"tea"[..]));
    let headers: Vec<_> = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, [("x-b", "1"), ("x-a", "café"), ("content-length", "3")]);
    assert!(answer.timings.first_byte <= answer.timings.total());
}

#[tokio::test]
async fn e1_the_client_names_itself_unless_the_connector_does() {
    let origin = Origin::serve(|_| text("")).await;
    send(&get(origin.at("/"))).await.unwrap();
    let mut request = get(origin.at("/"));
    request.headers = vec![header("user-agent", "mine", false), header("Accept", "text/xml", false)];
    request.headers.push(header("X-Twice", "1", false));
    request.headers.push(header("X-Twice", "2", false));
    send(&request).await.unwrap();
    let seen = origin.seen();
    let ours = concat!("Latchkey/", env!("CARGO_PKG_VERSION"));
    assert_eq!((seen[0].header("user-agent"), seen[0].header("accept")), (Some(ours), Some("*/*")));
    assert_eq!((seen[1].header("user-agent"), seen[1].header("accept")), (Some("mine"), Some("text/xml")));
    assert_eq!(seen[1].headers.get_all("x-twice").iter().count(), 2);
}

#[tokio::test]
async fn e1_a_content_length_of_the_connector_does_not_contradict_the_body() {
    let origin = Origin::serve(|_| text("")).await;
    let mut request = post(origin.at("/"), "12345");
    request.headers = vec![header("Content-Length", "99", false), header("Transfer-Encoding", "chunked", false)];
    send(&request).await.unwrap();
    let seen = origin.seen();
    assert_eq!((seen[0].header("content-length"), &seen[0].body[..]), (Some("5"), &b"12345"[..]));
}

#[tokio::test]
async fn e1_userinfo_becomes_basic_authentication_unless_there_is_one() {
    let origin = Origin::serve(|_| text("")).await;
    let mut url = origin.at("/");
    url.set_username("us er").unwrap();
    url.set_password(Some("p@ss")).unwrap();
    let answer = send(&get(url.clone())).await.unwrap();
    assert_eq!(answer.final_url, origin.at("/"), "userinfo is not handed on");
    let mut request = get(url);
    request.headers = vec![header("Authorization", "Bearer x", true)];
    send(&request).await.unwrap();
    let seen = origin.seen();
    assert_eq!(seen[0].header("authorization"), Some("Basic dXMgZXI6cEBzcw=="));
    assert_eq!(seen[1].header("authorization"), Some("Bearer x"));
}

#[tokio::test]
async fn e1_one_client_serves_many_tasks_at_once() {
    let origin = Origin::serve(|_| text("yes")).await;
    let client = Client::new();
    let tasks = (0..16).map(|_| {
        let (client, request) = (client.clone(), get(origin.at("/")));
        tokio::spawn(async move { client.send(&request, &Limits::default(), &CancellationToken::new(), &|_| ()).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap().unwrap().status, 200);
    }
    assert_eq!(origin.seen().len(), 16);
}

#[tokio::test]
async fn e1_cookies_are_not_kept() {
    let set = |_: &Seen| Response::builder().header("set-cookie", "sid=1; Path=/").body(Body::empty()).unwrap();
    let origin = Origin::serve(set).await;
    let client = Client::new();
    for _ in 0..2 {
        let (limits, cancel) = (Limits::default(), CancellationToken::new());
        client.send(&get(origin.at("/")), &limits, &cancel, &|_| ()).await.unwrap();
    }
    assert_eq!(origin.seen()[1].header("cookie"), None);
}

#[tokio::test]
async fn s4_compressed_bodies_are_decompressed_and_counted_so() {
    let answer = |_: &Seen| Response::builder().header("content-encoding", "gzip").body(Body::from(GZIPPED)).unwrap();
    let origin = Origin::serve(answer).await;
    let counted = AtomicU64::new(0);
    let progress = |bytes| counted.store(bytes, Ordering::Relaxed);
    let limits = Limits { body_bytes: 23, ..Limits::default() };
    let answer = Client::new().send(&get(origin.at("/")), &limits, &CancellationToken::new(), &progress).await.unwrap();
    assert_eq!(&answer.body[..], b"hello hello hello hello", "exactly as large as the limit");
    assert_eq!(counted.load(Ordering::Relaxed), 23);
    let tighter = Limits { body_bytes: 22, ..Limits::default() };
    assert_eq!(send_within(&get(origin.at("/")), &tighter).await.unwrap_err(), SendFailure::BodyOverLimit { limit: 22 });
}

#[tokio::test]
async fn e1_answers_without_a_body_are_complete() {
    let origin = Origin::serve(|seen| match seen.target.as_str() {
        "/204" => Response::builder().status(204).body(Body::empty()).unwrap(),
        "/304" => Response::builder().status(304).body(Body::empty()).unwrap(),
        _ => text("a body that HEAD does not get"),
    })
    .await;
    for (path, status) in [("/204", 204), ("/304", 304)] {
        let answer = send(&get(origin.at(path))).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
    let head = OutgoingRequest { method: Method::HEAD, ..get(origin.at("/")) };
    let limits = Limits { body_bytes: 3, ..Limits::default() };
    let answer = send_within(&head, &limits).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.header("content-length")), (200, 0, Some("29")));
}

#[tokio::test]
async fn e13_a_login_gets_a_connection_of_its_own_and_a_run_a_kept_one() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let url = raw(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let mut bytes = [0; 4096];
            while matches!(stream.read(&mut bytes).await, Ok(read) if read > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            }
        }
    })
    .await;
    let (client, login) = (Client::new(), LiveLimits::default().authentication());
    for limits in [Limits::default(), Limits::default(), login, login] {
        client.send(&get(url.clone()), &limits, &CancellationToken::new(), &|_| ()).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3, "the runs share one, and each login has its own");
}
