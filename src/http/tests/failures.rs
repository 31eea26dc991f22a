//! Why there is no complete answer, each produced by a server that does just that (E11, E13, S4).

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::Notify;

use super::super::{FailureKind, TlsProblem};
use super::*;

async fn failure(url: Url) -> SendFailure {
    let failure = send(&get(url)).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Network);
    assert!(!failure.sentence().is_empty() && !failure.next_step().is_empty());
    failure
}

#[tokio::test]
async fn e11_a_name_that_leads_nowhere() {
    // RFC 6761: `.invalid` never exists.
    let url = Url::parse("http://nowhere.invalid/?key=secret").unwrap();
    assert_eq!(failure(url).await, SendFailure::Dns { host: "nowhere.invalid".to_owned() });
}

#[tokio::test]
async fn e11_a_port_where_nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_eq!(failure(Url::parse(&format!("http://{host}/")).unwrap()).await, SendFailure::Refused { host });
}

#[tokio::test]
async fn e11_closed_without_an_answer() {
    assert_eq!(failure(answering("").await).await, SendFailure::ClosedEarly);
    assert_eq!(failure(answering("HTTP/1.1 200 OK\r\nContent-Le").await).await, SendFailure::ClosedEarly);
}

#[tokio::test]
async fn e11_a_connection_that_is_reset() {
    let url = raw(|stream| async move {
        // Closing with unread bytes makes the system send a reset.
        stream.peek(&mut [0]).await.unwrap();
    })
    .await;
    assert_eq!(failure(url).await, SendFailure::Reset);
}

#[tokio::test]
async fn e11_what_is_not_http() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"] {
        assert_eq!(failure(answering(bytes).await).await, SendFailure::MalformedHttp, "{bytes:?}");
    }
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(failure(answering(chunked).await).await, SendFailure::MalformedHttp);
}

#[tokio::test]
async fn e11_a_body_that_breaks_off() {
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234";
    assert_eq!(failure(answering(short).await).await, SendFailure::Truncated { received: 4 });
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde";
    assert_eq!(failure(answering(chunked).await).await, SendFailure::Truncated { received: 5 });
}

#[tokio::test]
async fn e11_a_body_that_is_not_compressed_as_announced() {
    let plain = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain";
    assert_eq!(failure(answering(plain).await).await, SendFailure::BadEncoding);
    let mut cut = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n".to_vec();
    cut.extend_from_slice(&bomb(1 << 10)[..12]);
    assert_eq!(failure(answering(cut).await).await, SendFailure::BadEncoding);
}

#[tokio::test]
async fn e11_a_compressed_body_that_breaks_off_is_truncated() {
    let mut cut = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5000\r\n\r\n".to_vec();
    cut.extend_from_slice(&bomb(1 << 16)[..100]);
    assert!(matches!(failure(answering(cut).await).await, SendFailure::Truncated { .. }));
}

#[tokio::test]
async fn s4_a_gzip_bomb_stops_at_the_limit() {
    const LIMIT: u64 = 1024 * 1024;
    let compressed = bomb(100_000_000);
    assert!(compressed.len() < 1_000_000, "small on the wire: {}", compressed.len());
    let origin = Origin::serve(move |_| {
        Response::builder().header("content-encoding", "gzip").body(Body::from(compressed.clone())).unwrap()
    })
    .await;
    let most = AtomicU64::new(0);
    let progress = |bytes| _ = most.fetch_max(bytes, Ordering::Relaxed);
    let limits = Limits { body_bytes: LIMIT, ..Limits::default() };
    let sent = Client::new().send(&get(origin.at("/")), &limits, &CancellationToken::new(), &progress).await;
    assert_eq!(sent.unwrap_err(), SendFailure::BodyOverLimit { limit: LIMIT });
    let most = most.into_inner();
    assert!(most <= LIMIT && most > LIMIT / 2, "read up to the limit and not beyond: {most}");
}

#[tokio::test]
async fn s4_a_body_announced_over_the_limit_is_not_read() {
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\n";
    let limit = Limits::default().body_bytes;
    assert!(matches!(
        failure(answering(huge).await).await,
        SendFailure::BodyOverLimit { limit: told } if told == limit
    ));
    let endless = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
    })
    .await;
    assert_eq!(failure(endless).await, SendFailure::BodyOverLimit { limit });
}

#[tokio::test]
async fn e13_a_server_that_never_answers() {
    let url = raw(|mut stream| async move {
        read_head(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let after = Duration::from_millis(150);
    assert_eq!(send_within(&get(url), &within(after)).await.unwrap_err(), SendFailure::Timeout { after });
}

#[tokio::test]
async fn e13_the_total_time_covers_the_body_and_redirects() {
    let stalls = raw(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let target = stalls.to_string();
    let origin = Origin::serve(move |_| redirect(302, &target)).await;
    let after = Duration::from_millis(300);
    assert_eq!(send_within(&get(origin.at("/")), &within(after)).await.unwrap_err(), SendFailure::Timeout { after });
}

#[tokio::test]
async fn e13_a_handshake_that_stands_still_is_a_connect_time_out() {
    let mut url = raw(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    url = Url::parse(&url.as_str().replace("http://", "https://")).unwrap();
    let limits = Limits { connect_timeout: Duration::from_millis(100), ..Limits::default() };
    let failure = send_within(&get(url), &limits).await.unwrap_err();
    assert_eq!(failure, SendFailure::ConnectTimeout { after: limits.connect_timeout });
}

#[tokio::test]
async fn e13_cancelling_ends_a_request_that_is_under_way() {
    let arrived = Arc::new(Notify::new());
    let signal = Arc::clone(&arrived);
    let url = raw(move |mut stream| {
        let signal = Arc::clone(&signal);
        async move {
            read_head(&mut stream).await;
            signal.notify_one();
            // Ends when the client leaves.
            let _ = stream.read(&mut [0]).await;
            signal.notify_one();
        }
    })
    .await;
    let cancel = CancellationToken::new();
    let client = Client::new();
    let request = get(url);
    let limits = Limits::default();
    let (sent, ()) = tokio::join!(client.send(&request, &limits, &cancel, &|_| ()), async {
        arrived.notified().await;
        cancel.cancel();
    });
    let failure = sent.unwrap_err();
    assert_eq!((failure.kind(), failure), (FailureKind::Cancelled, SendFailure::Cancelled));
    arrived.notified().await;
}

#[tokio::test]
async fn e13_what_was_cancelled_before_is_not_sent() {
    let origin = Origin::serve(|_| text("")).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let sent = Client::new().send(&get(origin.at("/")), &Limits::default(), &cancel, &|_| ()).await;
    assert_eq!(sent.unwrap_err(), SendFailure::Cancelled);
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn e11_https_to_a_port_that_speaks_plain_text() {
    let plain = raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let url = Url::parse(&plain.as_str().replace("http://", "https://")).unwrap();
    assert_eq!(failure(url).await, SendFailure::Tls { reason: TlsProblem::NotTls });
}

#[tokio::test]
async fn e11_a_certificate_that_nobody_vouches_for() {
    let pem = include_bytes!("self_signed.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream);
        let mut head = [0; 1024];
        assert!(tls.read(&mut head).is_err(), "nothing is sent to a server that is not trusted");
        let _ = tls.flush();
    });
    assert_eq!(failure(url).await, SendFailure::Tls { reason: TlsProblem::UnknownIssuer });
}

#[tokio::test]
async fn e11_an_address_that_is_no_web_address() {
    for url in ["file:///etc/passwd", "mailto:someone@example.com", "data:text/plain,x"] {
        let failure = send(&get(Url::parse(url).unwrap())).await.unwrap_err();
        assert_eq!((failure.kind(), failure), (FailureKind::Configuration, SendFailure::UnusableUrl), "{url}");
    }
}

/// The beginning of a gzip stream of at least this many zeros: one literal, then matches of 258 bytes at distance 1,
/// in fixed Huffman codes (RFC 1951 3.2.6). It has no end, and needs none.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = String::from("010" /* not final, fixed codes */);
    bits.push_str("00110000" /* the literal 0 */);
    bits.push_str(&"1100010100000".repeat(bytes / 258 + 1));
    let byte = |bits: &[u8]| bits.iter().enumerate().fold(0, |byte, (place, bit)| byte | ((bit - b'0') << place));
    stream.extend(bits.as_bytes().chunks(8).map(byte));
    stream
}
