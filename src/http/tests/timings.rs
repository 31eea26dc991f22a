//! Where the time of an answer goes.

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::http::{ExchangeTimings, Timings};

const PAUSE: Duration = Duration::from_millis(40);

/// Reads each request's head, waits, sends the head of an answer, waits, sends its body; many on one connection.
async fn slow() -> Url {
    raw(|mut stream| async move {
        loop {
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                if !matches!(stream.read_buf(&mut head).await, Ok(read) if read > 0) {
                    return;
                }
            }
            tokio::time::sleep(PAUSE).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n").await;
            tokio::time::sleep(PAUSE).await;
            let _ = stream.write_all(b"tea").await;
        }
    })
    .await
}

/// With how long it took from outside.
async fn timed(client: &Client, url: Url) -> (Answer, Duration) {
    let began = Instant::now();
    let answer = client.send(&get(url), &Limits::default(), &CancellationToken::new(), &|_| ()).await.unwrap();
    (answer, began.elapsed())
}

fn sum(timings: &Timings) -> u64 {
    let recorded = ExchangeTimings::from(timings);
    let connecting = [recorded.dns_us, recorded.connect_us, recorded.tls_us].into_iter().flatten();
    connecting.chain([recorded.redirects_us, recorded.first_byte_us, recorded.download_us]).map(u64::from).sum()
}

#[tokio::test]
async fn e1_the_parts_of_the_time_are_told_apart_and_are_never_more_than_the_whole() {
    let mut url = slow().await;
    url.set_host(Some("localhost")).unwrap();
    let (answer, whole) = timed(&Client::new(), url).await;
    let timings = answer.timings;
    assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_none(), "{timings:?}");
    assert!(timings.first_byte >= PAUSE && timings.download >= PAUSE, "{timings:?}");
    assert_eq!(timings.redirects.as_millis(), 0);
    assert!(u128::from(sum(&timings)) <= timings.total().as_micros() && timings.total() <= whole, "{timings:?} of {whole:?}");
    assert_eq!(answer.version, "HTTP/1.1");
}

#[tokio::test]
async fn e1_an_open_connection_that_is_used_again_took_no_time_to_make() {
    let (client, url) = (Client::new(), slow().await);
    let (first, _) = timed(&client, url.clone()).await;
    assert!(first.timings.dns.is_none() && first.timings.connect.is_some(), "an address needs no name: {:?}", first.timings);
    let (second, whole) = timed(&client, url).await;
    let Timings { dns, connect, tls, first_byte, .. } = second.timings;
    assert_eq!((dns, connect, tls), (None, None, None), "the connection was there already");
    assert!(first_byte >= PAUSE && second.timings.total() <= whole);
}

#[tokio::test]
async fn e1_what_redirects_took_is_apart_from_the_last_hop() {
    let end = slow().await;
    let to = end.to_string();
    let start = Origin::serve(move |_| redirect(302, &to)).await;
    let client = Client::new();
    let (answer, whole) = timed(&client, start.at("/")).await;
    assert_eq!(answer.redirects, 1);
    assert!(answer.timings.redirects > Duration::ZERO && answer.timings.connect.is_some(), "{:?}", answer.timings);
    assert!(answer.timings.total() <= whole);
}

#[tokio::test]
async fn e1_requests_at_the_same_time_keep_their_times_apart() {
    let (client, url) = (Client::new(), slow().await);
    timed(&client, url.clone()).await;
    let (one, two) = tokio::join!(timed(&client, url.clone()), timed(&client, url));
    let made = [one, two].iter().filter(|(answer, _)| answer.timings.connect.is_some()).count();
    assert_eq!(made, 1, "one used the open connection, the other made one");
}
