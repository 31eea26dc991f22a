//! Sends one request and reads its answer within limits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue, RANGE, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;
use tokio_util::io::StreamReader;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

use super::answer::{Answer, Timings, readable, readable_reason};
use super::classify;
use super::coding::{self, Coding};
use super::failure::{SendFailure, TlsProblem};
use super::marks::{Connecting, MarkingLayer, MarkingResolver, marking};
use super::redirect::Journey;
use super::request::{Limits, OutgoingHeader, OutgoingRequest};
use super::tls;

/// How many differently set up connection pools are kept; connectors rarely differ in their time to connect.
const MOST_POOLS: usize = 8;

/// How many headers an answer may have; the connection itself ends an answer whose head is larger than about 400 kB.
const MOST_HEADERS: usize = 500;

/// How much of a body is decompressed at a time, in bytes.
const DECODED_AT_A_TIME: usize = 16 * 1024;

/// Sends requests. Cheap to clone; clones share their connections. Cookies are never kept. A request is repeated only
/// where the connection says that the server has not seen it: closed before the first byte, or refused by HTTP/2.
#[derive(Clone, Default)]
pub struct Client {
    pools: Arc<Mutex<Vec<(Setup, reqwest::Client)>>>,
}

/// What can't be changed in a pool of connections once it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Setup {
    connect_timeout: Duration,
    keeps_connections: bool,
    route: Route,
}

/// How a host is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// As the system's proxy settings say.
    System,
    /// This machine itself: never by a proxy, as in browsers.
    Loopback,
    /// This machine itself without TLS: works where no trusted certificates are installed, and does not read them.
    LoopbackPlain,
}

impl Client {
    /// A client without connections; they are made as they are needed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends the request, follows redirects (S3) and reads the whole body.
    ///
    /// `progress` gets the number of bytes read so far, after decompression, again and again. `cancel` ends it at any
    /// await. Any complete answer is `Ok`, whatever its status.
    pub async fn send(
        &self,
        request: &OutgoingRequest,
        limits: &Limits,
        cancel: &CancellationToken,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Answer, SendFailure> {
        let everything = tokio::time::timeout(limits.total_timeout, self.travel(request, limits, progress));
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(SendFailure::Cancelled),
            outcome = everything => outcome.unwrap_or(Err(SendFailure::Timeout { after: limits.total_timeout })),
        }
    }

    async fn travel(
        &self,
        request: &OutgoingRequest,
        limits: &Limits,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Answer, SendFailure> {
        let started = Instant::now();
        let mut journey = Journey::new(with_userinfo_as_header(request)?);
        loop {
            let redirects = started.elapsed();
            let (mut response, connecting) = self.send_once(&journey.request, limits).await?;
            if journey.follow(response.status().as_u16(), response.headers())? {
                continue;
            }
            let to_headers = started.elapsed();
            let version = version(response.version());
            let status = response.status();
            if status == StatusCode::SWITCHING_PROTOCOLS {
                // Nobody asked for another protocol, and what follows is none that we speak.
                return Err(SendFailure::MalformedHttp);
            }
            let reason = response.extensions().get::<hyper::ext::ReasonPhrase>().map_or_else(
                || status.canonical_reason().unwrap_or_default().to_owned(),
                |reason| readable_reason(reason.as_bytes()),
            );
            let codings = coding::codings(response.headers());
            if !codings.is_empty() {
                response.headers_mut().remove(CONTENT_ENCODING);
                response.headers_mut().remove(CONTENT_LENGTH);
            }
            let headers = readable(response.headers());
            let body = if codings.is_empty() {
                read_body(response, limits.body_bytes, progress).await?
            } else {
                decode_body(response, &codings, limits.body_bytes, progress).await?
            };
            return Ok(Answer {
                status: status.as_u16(),
                reason,
                headers,
                body,
                final_url: journey.request.url,
                redirects: journey.redirects,
                version,
                timings: Timings {
                    redirects,
                    dns: connecting.dns,
                    connect: connecting.connect,
                    tls: connecting.tls,
                    first_byte: to_headers.saturating_sub(redirects).saturating_sub(connecting.sum()),
                    download: started.elapsed().saturating_sub(to_headers),
                },
                crossed_origin: journey.crossed_origin,
            });
        }
    }

    /// One hop, with what making its connection took.
    async fn send_once(
        &self,
        request: &OutgoingRequest,
        limits: &Limits,
    ) -> Result<(reqwest::Response, Connecting), SendFailure> {
        let (connect_timeout, keeps_connections) = (limits.connect_timeout, limits.keeps_connections);
        let setup = Setup { connect_timeout, keeps_connections, route: route(&request.url) };
        let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
        *outgoing.headers_mut() = headers(&request.headers);
        *outgoing.body_mut() = request.body.clone().map(reqwest::Body::from);
        let (answered, marks) = marking(self.pool(setup)?.execute(outgoing)).await;
        let response = answered.map_err(|error| classify::before_headers(&error, &request.url, limits))?;
        Ok((response, marks.connecting()))
    }

    /// The pool of this setup, made if there is none; the one made first gives way when there are too many.
    fn pool(&self, setup: Setup) -> Result<reqwest::Client, SendFailure> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| *known == setup) {
            return Ok(pool.clone());
        }
        let pool = setup.pool()?;
        if pools.len() == MOST_POOLS {
            pools.remove(0);
        }
        pools.push((setup, pool.clone()));
        Ok(pool)
    }
}

impl Setup {
    fn pool(self) -> Result<reqwest::Client, SendFailure> {
        // Nothing else can fail here than reading the system's trusted certificates.
        let no_trust = SendFailure::Tls { reason: TlsProblem::NoTrustedCertificates };
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_max_headers(MOST_HEADERS)
            .dns_resolver(Arc::new(MarkingResolver))
            .connector_layer(MarkingLayer)
            .connect_timeout(self.connect_timeout);
        let builder = if self.keeps_connections { builder } else { builder.pool_max_idle_per_host(0) };
        let builder = if self.route == Route::System { builder } else { builder.no_proxy() };
        let builder = match self.route {
            Route::LoopbackPlain => builder.tls_certs_only([]),
            Route::System | Route::Loopback => {
                let trust = tls::by_the_systems_trust().map_err(|_| no_trust.clone())?;
                builder.tls_backend_preconfigured(trust)
            }
        };
        builder.build().map_err(|_| no_trust)
    }
}

/// The version's name as RFC 9110 writes it.
fn version(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_09 => "HTTP/0.9",
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2",
        http::Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

fn route(url: &Url) -> Route {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    match (loopback, url.scheme()) {
        (false, _) => Route::System,
        (true, "http") => Route::LoopbackPlain,
        (true, _) => Route::Loopback,
    }
}

/// The request with userinfo taken out of its URL, as a credential header like any other (S3).
fn with_userinfo_as_header(request: &OutgoingRequest) -> Result<OutgoingRequest, SendFailure> {
    let mut request = request.clone();
    let url = &mut request.url;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(SendFailure::UnusableUrl);
    }
    if url.username().is_empty() && url.password().is_none() {
        return Ok(request);
    }
    let mut userinfo: Vec<u8> = percent_decode_str(url.username()).collect();
    userinfo.push(b':');
    userinfo.extend(percent_decode_str(url.password().unwrap_or_default()));
    url.set_username("").map_err(|()| SendFailure::UnusableUrl)?;
    url.set_password(None).map_err(|()| SendFailure::UnusableUrl)?;
    if !request.headers.iter().any(|header| header.name == AUTHORIZATION) {
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(userinfo));
        let header = OutgoingHeader::new(AUTHORIZATION.as_str(), &basic, true).map_err(|_| SendFailure::UnusableUrl)?;
        request.headers.push(header);
    }
    Ok(request)
}

fn headers(outgoing: &[OutgoingHeader]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(outgoing.len() + 2);
    for header in outgoing.iter().filter(|header| ![CONTENT_LENGTH, TRANSFER_ENCODING].contains(&header.name)) {
        headers.append(header.name.clone(), header.value.clone());
    }
    let user_agent = HeaderValue::from_static(concat!("Latchkey/", env!("CARGO_PKG_VERSION")));
    headers.entry(USER_AGENT).or_insert(user_agent);
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    if !headers.contains_key(RANGE) {
        // A part of a compressed body can't be decompressed.
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(coding::ACCEPTED));
    }
    headers
}

/// Reads a body that is not compressed; memory grows with what has come, not with what was announced (S4).
async fn read_body(
    mut response: reqwest::Response,
    limit: u64,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Bytes, SendFailure> {
    if response.content_length().is_some_and(|announced| announced > limit) {
        return Err(SendFailure::BodyOverLimit { limit });
    }
    let mut body = Collected { bytes: Vec::new(), limit, progress };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.add(&chunk)?,
            Ok(None) => return Ok(Bytes::from(body.bytes)),
            Err(error) => return Err(classify::within_body(&error, body.received())),
        }
    }
}

/// Reads a compressed body, counting what comes out of the decompression (S4).
async fn decode_body(
    response: reqwest::Response,
    codings: &[Coding],
    limit: u64,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Bytes, SendFailure> {
    let mut body = Collected { bytes: Vec::new(), limit, progress };
    let compressed = StreamReader::new(response.bytes_stream().map_err(std::io::Error::other));
    let decoded = coding::undo(Box::new(compressed), codings).await;
    let mut decoded = decoded.map_err(|error| classify::within_coding(&error, 0))?;
    let mut chunk = vec![0; DECODED_AT_A_TIME];
    loop {
        match decoded.read(&mut chunk).await {
            Ok(0) => return Ok(Bytes::from(body.bytes)),
            Ok(length) => body.add(&chunk[..length])?,
            Err(error) => return Err(classify::within_coding(&error, body.received())),
        }
        // A few bytes can become very many without anything to wait for; time-outs and cancelling need a turn.
        tokio::task::coop::consume_budget().await;
    }
}

/// What has come of a body.
struct Collected<'a> {
    bytes: Vec<u8>,
    limit: u64,
    progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl Collected<'_> {
    fn received(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }

    fn add(&mut self, chunk: &[u8]) -> Result<(), SendFailure> {
        let received = self.received().saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if received > self.limit {
            return Err(SendFailure::BodyOverLimit { limit: self.limit });
        }
        self.bytes.extend_from_slice(chunk);
        (self.progress)(received);
        Ok(())
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e13_each_time_to_connect_has_its_pool_and_there_are_not_too_many() {
        let client = Client::new();
        for seconds in (1..=12).chain([12, 12]) {
            let connect_timeout = Duration::from_secs(seconds);
            client.clone().pool(Setup { connect_timeout, keeps_connections: true, route: Route::LoopbackPlain }).unwrap();
        }
        let kept: Vec<_> = client.pools.lock().unwrap().iter().map(|(setup, _)| setup.connect_timeout.as_secs()).collect();
        assert_eq!(kept, [5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn e1_only_this_machine_is_reached_around_the_proxy() {
        let to = |url: &str| route(&Url::parse(url).unwrap());
        assert_eq!(to("http://127.0.0.1:1/"), Route::LoopbackPlain);
        assert_eq!(to("https://[::1]/"), Route::Loopback);
        assert_eq!(to("http://api.localhost/"), Route::LoopbackPlain);
        assert_eq!(to("http://localhost.example.com/"), Route::System);
    }
}
