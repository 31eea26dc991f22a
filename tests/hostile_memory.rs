//! Answers without measure, alone in their process so that its peak memory is theirs: it stays near the limits (S4).
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod support;

#[path = "hostile/server.rs"]
#[expect(dead_code, reason = "the table of misbehaviours uses the rest")]
mod server;

use std::io::Write as _;

use latchkey::connector::{ConnectorDraft, Reliability};
use latchkey::execution::ErrorType;
use latchkey::workspace::TestHandle;
use serde_json::json;

use server::{Deed, Hostile, good};
use support::drafts::{connector, login, login_token, mapping, marked};
use support::{Answer, Bench};

const MIB: u64 = 1024 * 1024;

/// The most memory that this process has had so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn gzip(pieces: usize, piece: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..pieces).for_each(|_| encoder.write_all(piece).unwrap());
    encoder.finish().unwrap()
}

fn brotli(pieces: usize, piece: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 1, 22);
    (0..pieces).for_each(|_| writer.write_all(piece).unwrap());
    drop(writer);
    compressed
}

fn coded(coding: &str, body: &[u8]) -> Deed {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}");
    Deed::says(server::body_of(&head, body))
}

fn endless(headers: &str, piece: Vec<u8>) -> Deed {
    Deed::floods(format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n"), piece)
}

/// What a run of 10 MiB may cost at its peak beside them: the tree's index, the recorded text and its copies.
const RUN: u64 = 120 * MIB;

#[tokio::test(flavor = "multi_thread")]
async fn s4_answers_without_measure_cost_little_more_than_the_limit() {
    let bench = Bench::new().await;
    let zeros = vec![b'0'; 64 * 1024];
    let chunk = [format!("{:x}\r\n", zeros.len()).as_bytes(), &zeros, b"\r\n"].concat();
    let bomb = gzip(3200, &zeros);
    assert!(bomb.len() < 2_000_000, "small on the wire: {} bytes", bomb.len());
    let over = "larger than the limit of 10 MiB";
    let nearly = |piece: &str, close: &str| {
        let body = piece.repeat(10 * 1024 * 1024 / piece.len() - 2);
        Deed::says(server::json("HTTP/1.1 200 OK", &format!("[{}{close}]", body.trim_end_matches(','))))
    };
    let cases: Vec<(&str, Deed, &str)> = vec![
        ("an endless body", endless("", zeros.clone()), over),
        ("endless chunks", endless("Transfer-Encoding: chunked\r\n", chunk), over),
        ("a length of 9 PB", endless("Content-Length: 9007199254740993\r\n", zeros.clone()), over),
        ("a bomb of gzip", coded("gzip", &bomb), over),
        ("a bomb in a bomb", coded("gzip, gzip", &gzip(1, &bomb)), over),
        ("a bomb of brotli", coded("br", &brotli(3200, &zeros)), over),
        ("10 MiB of escapes", nearly("\"%41\\u0025\",", ""), "nothing is there"),
        ("10 MiB of empty lists", nearly("[],", ""), "nothing is there"),
        ("10 MiB of brackets", nearly("[", ""), "JSON"),
    ];
    let before = peak();
    for (name, deed, words) in cases {
        let hostile = Hostile::start(deed, good()).await;
        let reliability = Reliability { timeout_ms: 60_000, ..Reliability::default() };
        let mut draft = ConnectorDraft { reliability, ..connector(name, &hostile.at("/api"), &[]) };
        draft.object_mappings = vec![mapping("data", "id", "order")];
        draft.response_fields = vec![marked("data.card", latchkey::connector::ResponseFieldType::String)];
        let id = bench.connector(draft).await;
        hostile.misbehaves(true);
        let run = bench.start(&id).await;
        let execution = tokio::time::timeout(std::time::Duration::from_secs(90), run.outcome()).await.unwrap().unwrap();
        let expected = if words == over { ErrorType::FaradayError } else { ErrorType::ResponseMappingError };
        assert_eq!(execution.error_type, Some(expected), "{name}: {}", execution.sentence);
        if words != "nothing is there" {
            assert!(execution.sentence.contains(words), "{name}: {}", execution.sentence);
        }
        let grown = peak() - before;
        println!("{name}: the peak is {} MiB above the start's", grown / MIB);
        assert!(grown < RUN, "{name}: the peak grew by {} MiB", grown / MIB);
        hostile.misbehaves(false);
        let next = bench.run(&id).await;
        assert!(next.success, "{name}: the next run must work: {}", next.sentence);
    }
    a_login_without_measure(&bench, before).await;
}

/// A login may have 256 MiB, and no more.
async fn a_login_without_measure(bench: &Bench, before: u64) {
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let hostile = Hostile::start(endless("", vec![b'0'; 64 * 1024]), good()).await;
    hostile.misbehaves(true);
    let draft = login_token("Endless", login(&hostile.at("/login"), "s"), latchkey::token::TokenLocation::json("/t"));
    let problem = bench.workspace.test_draft(&draft, &TestHandle::default(), |_| ()).await.unwrap_err();
    assert!(problem.message.contains("larger than the limit of 256 MiB"), "{problem}");
    let grown = peak() - before;
    println!("a login without an end: the peak is {} MiB above the start's", grown / MIB);
    assert!(grown < 2 * 256 * MIB, "a login without an end: the peak grew by {} MiB", grown / MIB);
}
