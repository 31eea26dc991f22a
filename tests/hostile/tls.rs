//! Servers behind TLS that are wrong, against the headless program: it trusts the tests' own issuer by `SSL_CERT_FILE`.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, SupportedProtocolVersion};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::server::good;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for `name`, signed by `issuer` or by itself, valid from and to these years.
fn config(issuer: Option<&Issuer>, name: &str, years: (i32, i32)) -> ServerConfig {
    builder(issuer, name, years, None, rustls::ALL_VERSIONS)
}

/// A server that demands a certificate of its clients, in this version of TLS.
fn demanding(issuer: &Issuer, version: &'static SupportedProtocolVersion) -> ServerConfig {
    builder(Some(issuer), "localhost", VALID, Some(issuer), &[version])
}

fn builder(
    issuer: Option<&Issuer>,
    name: &str,
    years: (i32, i32),
    clients_of: Option<&Issuer>,
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let clients = match clients_of {
        None => versions.with_no_client_auth(),
        Some(issuer) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            versions.with_client_cert_verifier(verifier)
        }
    };
    clients.with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into())).unwrap()
}

/// A server that shakes hands by this configuration and then does what it is told; `https://localhost:PORT`.
async fn secure<F: Future<Output = ()> + Send + 'static>(
    config: ServerConfig,
    act: impl Fn(TlsStream<TcpStream>, String) -> F + Clone + Send + 'static,
) -> String {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    plain(move |stream| {
        let (acceptor, act) = (acceptor.clone(), act.clone());
        async move {
            let mut secured = match acceptor.accept(stream).into_fallible().await {
                Ok(secured) => secured,
                Err((_, mut stream)) => {
                    // The refusal has been sent. Closed with a request unread, the connection would be reset, and that could
                    // overtake it.
                    let _ = stream.shutdown().await;
                    while matches!(stream.read(&mut [0; 1024]).await, Ok(read) if read > 0) {}
                    return;
                }
            };
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                if !matches!(secured.read_buf(&mut head).await, Ok(read) if read > 0) {
                    return;
                }
            }
            act(secured, String::from_utf8_lossy(&head).into_owned()).await;
        }
    })
    .await
}

async fn plain<F: Future<Output = ()> + Send + 'static>(act: impl Fn(TcpStream) -> F + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream));
        }
    });
    origin
}

/// These bytes in plain text, whatever comes; then nothing until the client leaves.
async fn mutters(mut stream: TcpStream, bytes: &'static [u8]) {
    let _ = stream.read(&mut [0; 1024]).await;
    let _ = stream.write_all(bytes).await;
    while matches!(stream.read(&mut [0; 1024]).await, Ok(read) if read > 0) {}
}

async fn answers_well(mut stream: TlsStream<TcpStream>, _head: String) {
    let _ = stream.write_all(&good()).await;
    let _ = stream.shutdown().await;
}

/// A workspace of the headless program that trusts one issuer.
struct Desk {
    folder: TempDir,
    trusted: PathBuf,
}

impl Desk {
    fn trusting(issuer: &Issuer) -> Self {
        let folder = TempDir::new().unwrap();
        let trusted = folder.path().join("trusted.pem");
        std::fs::write(&trusted, issuer.pem()).unwrap();
        Self { folder, trusted }
    }

    async fn latchkey(&self, arguments: &[&str]) -> (i32, String) {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_latchkey"));
        program
            .args(arguments)
            .stdin(Stdio::null())
            .env("LATCHKEY_WORKSPACE", self.folder.path().join("workspace"))
            .env("LATCHKEY_PASSPHRASE", "four words of test")
            .env("SSL_CERT_FILE", &self.trusted)
            .env_remove("SSL_CERT_DIR")
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        let ran = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
        let said = if ran.stdout.is_empty() { ran.stderr } else { ran.stdout };
        (ran.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
    }

    /// Runs a connector of this URL, and tests a login of it: the run's result, and what the test said.
    async fn asks(&self, name: &str, url: &str) -> (Value, Value) {
        let quick = json!({"connect_timeout_ms": 3000});
        let connector = json!({"name": name, "http_method": "get", "url": format!("{url}/api"), "reliability": quick,
            "headers": [{"name": "X-Custom", "value": "connector-secret-1", "secret": true}]});
        let file = self.folder.path().join("file.json");
        std::fs::write(&file, connector.to_string()).unwrap();
        let (added, said) = self.latchkey(&["connector", "add", &file.to_string_lossy(), "--replace", "--json"]).await;
        assert_eq!(added, 0, "{name}: {said}");
        let (_, ran) = self.latchkey(&["run", name, "--json"]).await;
        let token = json!({"name": name, "token_type": "http_request", "request_header_key": "Authorization",
            "request": {"method": "POST", "url": format!("{url}/login"), "parameters": [{"key": "k", "value": "login-secret-1"}],
                "encoding": "json"},
            "location": {"in": "json", "at": "/data/access_token"}});
        std::fs::write(&file, token.to_string()).unwrap();
        let (_, tested) = self.latchkey(&["token", "test", &file.to_string_lossy(), "--json"]).await;
        for text in [&ran, &tested] {
            assert!(!text.contains("connector-secret-1") && !text.contains("login-secret-1"), "{name}: {text}");
        }
        let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error} in {text:?}"));
        (read(&ran), read(&tested))
    }

    async fn fails(&self, name: &str, url: &str, words: &str) {
        let (ran, tested) = self.asks(name, url).await;
        assert_eq!(ran["error_type"], "faraday_error", "{name}: {ran:#}");
        for (whose, said) in [("run", &ran), ("test", &tested)] {
            assert!(said.to_string().contains(words), "{name}: the {whose} does not say “{words}”: {said:#}");
        }
    }
}

const VALID: (i32, i32) = (2020, 4090);

#[tokio::test(flavor = "multi_thread")]
async fn e11_certificates_that_are_wrong_are_told_apart() {
    let (trusted, stranger) = (issuer(), issuer());
    let desk = Desk::trusting(&trusted);
    let well = secure(config(Some(&trusted), "localhost", VALID), answers_well).await;
    let (ran, tested) = desk.asks("trusted", &well).await;
    assert_eq!(ran["success"], true, "{ran:#}");
    assert_eq!(tested["http_status"], 200, "{tested:#}");
    let cases = [
        ("unknown issuer", config(Some(&stranger), "localhost", VALID), "does not trust"),
        ("self-signed", config(None, "localhost", VALID), "does not trust"),
        ("expired", config(Some(&trusted), "localhost", (2020, 2021)), "has expired"),
        ("not yet valid", config(Some(&trusted), "localhost", (4080, 4090)), "not valid yet"),
        ("wrong host", config(Some(&trusted), "elsewhere.example", VALID), "for another host"),
        ("client certificate demanded", demanding(&trusted, &rustls::version::TLS12), "refused it"),
    ];
    for (name, config, words) in cases {
        desk.fails(name, &secure(config, answers_well).await, words).await;
    }
    // TLS 1.3 refuses a client after its handshake: whether the reason or the end of the connection is seen first is chance.
    let later = secure(demanding(&trusted, &rustls::version::TLS13), answers_well).await;
    let (ran, tested) = desk.asks("client certificate demanded later", &later).await;
    assert_eq!(ran["error_type"], "faraday_error", "{ran:#}");
    for said in [ran.to_string(), tested.to_string()] {
        assert!(said.contains("refused it") || said.contains("closed the connection"), "{said}");
    }
    let (ran, _) = desk.asks("trusted again", &well).await;
    assert_eq!(ran["success"], true, "{ran:#}");
    let (_, exported) = desk.latchkey(&["logs", "trusted again", "--export", "jsonl"]).await;
    let execution: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    let exchange = execution["steps"].as_array().unwrap().iter().find_map(|step| step["exchange"].as_object()).unwrap();
    for part in ["dns_us", "connect_us", "tls_us"] {
        assert!(exchange["timings"][part].is_u64(), "{part}: {}", exchange["timings"]);
    }
    assert!(exchange["timings"]["tls_us"].as_u64() > Some(0), "TLS is told apart from connecting");
}

// A record of TLS 1.0, with the hello of a server that knows nothing newer.
const OLD: &[u8] = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01\
    01234567890123456789012345678901\x00\x00\x2f\x00";
const ALERT: &[u8] = b"\x15\x03\x01\x00\x02\x02\x46";

#[tokio::test(flavor = "multi_thread")]
async fn e11_ports_that_speak_no_tls_or_another_one_are_told_apart() {
    let desk = Desk::trusting(&issuer());
    let cases: [(&str, &'static [u8], &str); 4] = [
        ("http on the port of https", b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not answer in TLS"),
        ("TLS 1.0 alone", OLD, "no common ground"),
        ("an alert of the version", ALERT, "refused it"),
        ("SSH on the port of https", b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer in TLS"),
    ];
    for (name, bytes, words) in cases {
        desk.fails(name, &plain(move |stream| mutters(stream, bytes)).await, words).await;
    }
    let closed = plain(|stream| async move { drop(stream) }).await;
    let (ran, _) = desk.asks("closed within the handshake", &closed).await;
    assert_eq!(ran["error_type"], "faraday_error", "{ran:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_secure_connections_that_break_give_no_answer() {
    let trusted = issuer();
    let desk = Desk::trusting(&trusted);
    let server = |bytes: &'static [u8]| {
        let config = config(Some(&trusted), "localhost", VALID);
        async move {
            secure(config, move |mut stream, _| async move {
                let _ = stream.write_all(bytes).await;
                let _ = stream.flush().await;
                // Closed without the notice that TLS asks for: an attacker could do that to cut an answer.
                let (tcp, _) = stream.get_mut();
                let _ = tcp.shutdown().await;
                while matches!(tcp.read(&mut [0; 1024]).await, Ok(read) if read > 0) {}
            })
            .await
        }
    };
    desk.fails("cut without a length", &server(b"HTTP/1.1 200 OK\r\n\r\n{\"half\":").await, "broke off").await;
    desk.fails("cut within its length", &server(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"half\":").await, "broke off")
        .await;
    desk.fails("cut within the headers", &server(b"HTTP/1.1 200 OK\r\nConte").await, "broken off").await;
    desk.fails("garbage in secret", &server(b"garbage\r\n\r\n").await, "not a valid HTTP answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_http_2_that_goes_wrong_gives_no_answer() {
    let trusted = issuer();
    let desk = Desk::trusting(&trusted);
    // Whether the request was under way already when the connection went wrong decides which sentence says so.
    let server = |bytes: &'static [u8]| {
        let mut config = config(Some(&trusted), "localhost", VALID);
        config.alpn_protocols = vec![b"h2".to_vec()];
        async move {
            secure(config, move |mut stream, _| async move {
                let _ = stream.write_all(bytes).await;
                let _ = stream.flush().await;
                while matches!(stream.read(&mut [0; 1024]).await, Ok(read) if read > 0) {}
            })
            .await
        }
    };
    desk.fails("HTTP/1.1 where HTTP/2 was agreed", &server(b"HTTP/1.1 200 OK\r\n\r\n").await, "answer").await;
    desk.fails("a frame without an end", &server(b"\0\0\0\x04\0\0\0\0\0\xff\xff\xff\0\0\0\0\0\x01").await, "answer").await;
    // Settings, then RST_STREAM of stream 1 (INTERNAL_ERROR).
    let reset = b"\0\0\0\x04\0\0\0\0\0\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02";
    desk.fails("a stream that is reset", &server(reset).await, "answer").await;
    // Settings, then GOAWAY (ENHANCE_YOUR_CALM).
    let away = b"\0\0\0\x04\0\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x0b";
    desk.fails("sent away", &server(away).await, "answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_no_redirect_leaves_https_and_none_takes_a_secret_along() {
    let trusted = issuer();
    let desk = Desk::trusting(&trusted);
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reached);
    let unsafe_origin = plain(move |stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        mutters(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    })
    .await
    .replace("https:", "http:");
    let (to, told) = (unsafe_origin.clone(), unsafe_origin.trim_start_matches("http://").to_owned());
    let leaves = secure(config(Some(&trusted), "localhost", VALID), move |mut stream, _| {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}/x\r\nContent-Length: 0\r\n\r\n");
        async move {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let (ran, tested) = desk.asks("from https to http", &leaves).await;
    assert_eq!(ran["error_type"], "request_configuration_error", "{ran:#}");
    assert!(ran.to_string().contains(&told) && tested.to_string().contains("not encrypted"), "{ran:#} {tested:#}");
    assert_eq!(reached.load(Ordering::SeqCst), 0, "nothing was sent in plain text");

    let heads = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let other = secure(config(Some(&trusted), "localhost", VALID), move |stream, head| {
        kept.lock().unwrap().push(head);
        answers_well(stream, String::new())
    })
    .await;
    let crosses = secure(config(Some(&trusted), "localhost", VALID), move |mut stream, _| {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {other}/x\r\nContent-Length: 0\r\n\r\n");
        async move {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let (ran, _) = desk.asks("to another port of https", &crosses).await;
    assert_eq!(ran["success"], true, "{ran:#}");
    let heads = heads.lock().unwrap().join("\n").to_ascii_lowercase();
    assert!(heads.contains("get /x"), "{heads}");
    for secret in ["x-custom", "secret", "referer"] {
        assert!(!heads.contains(secret), "{secret} went to another origin: {heads}");
    }
}
