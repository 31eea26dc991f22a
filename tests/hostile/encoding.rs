//! Bodies that are compressed well, badly, several times, in unusual spellings, or in a way nobody asked for.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::row::Comes::{NoAnswer, Refused, Unusable, Works};
use super::row::{Row, play};
use super::server::{Deed, GOOD_BODY, body_of};

pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

pub fn brotli(body: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 22);
    writer.write_all(body).unwrap();
    drop(writer);
    compressed
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    body_of(&format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}"), body)
}

/// The connection is served on, so that a body that is read whole proves that it can be used again.
fn says(coding: &str, body: &[u8]) -> Deed {
    Deed::says_and_serves(coded(coding, body))
}

const GOOD: &[u8] = GOOD_BODY.as_bytes();

#[tokio::test(flavor = "multi_thread")]
async fn s4_compressed_bodies_are_read_however_they_are_announced() {
    let chunks = |body: &[u8]| {
        let mut answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for byte in body {
            answer.extend([b'1', b'\r', b'\n', *byte, b'\r', b'\n']);
        }
        answer.extend_from_slice(b"0\r\n\r\n");
        answer
    };
    play(vec![
        Row::new("gzip", says("gzip", &gzip(GOOD)), Works),
        Row::new("gzip in capitals", says("GZIP", &gzip(GOOD)), Works),
        Row::new("x-gzip", says("x-gzip", &gzip(GOOD)), Works),
        Row::new("gzip of two members", says("gzip", &[gzip(&GOOD[..9]), gzip(&GOOD[9..])].concat()), Works),
        Row::new("gzip, gzip", says("gzip, gzip", &gzip(&gzip(GOOD))), Works),
        Row::new("gzip and br in two headers", says("gzip\r\nContent-Encoding: br", &brotli(&gzip(GOOD))), Works),
        Row::new("deflate with the header of zlib", says("deflate", &zlib(GOOD)), Works),
        Row::new("deflate without a header", says("deflate", &deflate(GOOD)), Works),
        Row::new("br", says("br", &brotli(GOOD)), Works),
        Row::new("br in chunks of one byte", Deed::says_and_serves(chunks(&brotli(GOOD))), Works),
        Row::new("identity", says("identity", GOOD), Works),
        Row::new("an empty coding", says("", GOOD), Works),
        Row::new(
            "gzip until the connection is closed",
            Deed::says([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec(), gzip(GOOD)].concat()),
            Works,
        ),
        Row::new(
            "401 in gzip",
            Deed::says_and_serves(body_of("HTTP/1.1 401 No\r\nContent-Encoding: gzip", &gzip(b"no"))),
            Refused(401),
        ),
        Row::new(
            "204 announced in gzip",
            Deed::says_and_serves("HTTP/1.1 204 No\r\nContent-Encoding: gzip\r\n\r\n"),
            Unusable(""),
        ),
        Row::new("nothing announced in gzip", says("gzip", b""), Unusable("")),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_bodies_that_are_not_compressed_as_announced_give_no_answer() {
    let not_so = NoAnswer("can't be decompressed");
    let cut = |body: Vec<u8>| body[..body.len() - 6].to_vec();
    let broken = |mut body: Vec<u8>| {
        let middle = body.len() / 2;
        body[middle..middle + 4].copy_from_slice(b"\xff\x00\xff\x00");
        body
    };
    play(vec![
        Row::new("plain as gzip", says("gzip", GOOD), not_so),
        Row::new("plain as br", says("br", GOOD), not_so),
        Row::new("plain as deflate", says("deflate", GOOD), not_so),
        Row::new("br as gzip", says("gzip", &brotli(GOOD)), not_so),
        Row::new("gzip as br", says("br", &gzip(GOOD)), not_so),
        Row::new("gzip once, announced twice", says("gzip, gzip", &gzip(GOOD)), not_so),
        Row::new("one byte as gzip", says("gzip", b"\x1f"), not_so),
        Row::new("a head of gzip alone", says("gzip", &gzip(GOOD)[..10]), not_so),
        Row::new("gzip that is cut", says("gzip", &cut(gzip(GOOD))), not_so),
        Row::new("gzip that is broken", says("gzip", &broken(gzip(GOOD))), not_so),
        Row::new(
            "gzip with a wrong check sum",
            says("gzip", &{
                let mut body = gzip(GOOD);
                let at = body.len() - 8;
                body[at] ^= 0xff;
                body
            }),
            not_so,
        ),
        Row::new("gzip with garbage behind it", says("gzip", &[gzip(GOOD), b"garbage".to_vec()].concat()), not_so),
        Row::new("br that is cut", says("br", &cut(brotli(GOOD))), not_so),
        Row::new("deflate that is cut", says("deflate", &cut(zlib(GOOD))), not_so),
        Row::new("deflate without a header that is cut", says("deflate", &cut(deflate(GOOD))), not_so),
        Row::new(
            "gzip whose connection ends",
            Deed::says(
                [
                    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 900\r\n\r\n".to_vec(),
                    gzip(GOOD)[..30].to_vec(),
                ]
                .concat(),
            ),
            NoAnswer("broke off"),
        ),
        Row::new(
            "gzip whose connection breaks",
            Deed::says_and_resets(
                [
                    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 900\r\n\r\n".to_vec(),
                    gzip(GOOD)[..30].to_vec(),
                ]
                .concat(),
            ),
            NoAnswer("broken off"),
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_a_coding_that_nobody_asked_for_is_named() {
    let zstd = b"\x28\xb5\x2f\xfd\x04\x00\x61\x00\x00not really";
    let unknown = |name, coding: &str, words| Row::new(name, says(coding, zstd), Unusable(words));
    play(vec![
        unknown("zstd", "zstd", "“zstd”"),
        unknown("foo", "foo", "content coding of an unknown kind"),
        unknown("gzip and zstd", "gzip, ZSTD", "“gzip, zstd”"),
        unknown("gzip and foo", "gzip, foo", "content coding of an unknown kind"),
        unknown("five codings", "gzip,gzip,gzip,gzip,gzip", "content coding"),
        unknown("a coding of HTML", "<script>", "content coding"),
        Row::new("a coding of 10 kB", says(&"z".repeat(10_000), zstd), Unusable("content coding")),
        Row::new(
            "a coding in Latin-1",
            Deed::says_and_serves(
                [b"HTTP/1.1 200 OK\r\nContent-Encoding: \xe4\r\nContent-Length: 2\r\n\r\n{}".to_vec()].concat(),
            ),
            Unusable("content coding"),
        ),
        Row::new(
            "500 in zstd",
            Deed::says_and_serves(body_of("HTTP/1.1 500 No\r\nContent-Encoding: zstd", zstd)),
            Refused(500),
        ),
    ])
    .await;
}
