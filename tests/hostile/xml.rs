//! XML that wants entities expanded, files read or hosts asked, that is deep or wide, or that is none.

use latchkey::token::TokenLocation;

use super::row::Comes::{Unusable, Works};
use super::row::{Row, play};
use super::server::{Deed, body_of};

const ROOT: &str = "<data><access_token>fresh-value-0123456789</access_token><id>A-1042</id></data>";

fn xml(body: &[u8]) -> Vec<u8> {
    body_of("HTTP/1.1 200 OK\r\nContent-Type: application/xml", body)
}

fn row(name: &'static str, body: impl AsRef<[u8]>, comes: super::row::Comes) -> Row {
    let location = TokenLocation { part: latchkey::token::LocationIn::Xml, ..TokenLocation::json("/data/access_token") };
    Row::new(name, Deed::says_and_serves(xml(body.as_ref())), comes).located(location, xml(ROOT.as_bytes()))
}

/// The good document with more inside its root.
fn with(inside: &str) -> String {
    ROOT.replace("</data>", &format!("{inside}</data>"))
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_unusual_xml_is_read_and_nothing_is_fetched() {
    let laughs: Vec<_> = (1..10).map(|at| format!("<!ENTITY l{at} \"{}\">", format!("&l{};", at - 1).repeat(10))).collect();
    let laughs = format!("<!DOCTYPE data [<!ENTITY l0 \"lol\">{}]>{}", laughs.concat(), with("<x a=\"&l9;\">&l9;</x>"));
    let utf_16 =
        |text: &str| -> Vec<u8> { std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect() };
    let many: Vec<_> = (0..200_000).map(|at| format!(" a{at}=\"1\"")).collect();
    play(vec![
        row("a billion laughs", laughs, Works),
        row(
            "an entity of a file",
            format!("<!DOCTYPE data [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}", with("<x>&x;</x>")),
            Works,
        ),
        row("a DTD of elsewhere", format!("<!DOCTYPE data SYSTEM \"http://nowhere.invalid/a.dtd\">{ROOT}"), Works),
        row("a parameter entity", format!("<!DOCTYPE data [<!ENTITY % p SYSTEM \"file:///etc/passwd\">%p;]>{ROOT}"), Works),
        row("elements 100,000 deep", with(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))), Works),
        row("100,000 elements", with(&"<a/>".repeat(100_000)), Works),
        row("200,000 attributes", with(&format!("<a{}/>", many.concat())), Works),
        row("an instruction", format!("<?xml-stylesheet href=\"http://nowhere.invalid/\"?>{ROOT}"), Works),
        row("included files", with("<xi:include href=\"file:///etc/passwd\"/>"), Works),
        row("HTML in a section", with("<x><![CDATA[<script>alert(1)</script>]]></x>"), Works),
        row("a wrong declaration", format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{ROOT}"), Works),
        row("a charset that nobody knows", format!("<?xml version=\"1.0\" encoding=\"klingon\"?>{ROOT}"), Works),
        row("UTF-16", utf_16(&format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{ROOT}")), Works),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_xml_that_is_none_is_named_with_its_place() {
    let wrong = |name, body: &str| row(name, body, Unusable("XML"));
    play(vec![
        wrong("cut in a tag", &ROOT[..20]),
        wrong("cut before the end", &ROOT[..ROOT.len() - 1]),
        wrong("closed in the wrong order", "<data><a><b></a></b></data>"),
        wrong("two roots", &ROOT.repeat(2)),
        wrong("text before the root", &format!("hello{ROOT}")),
        wrong("an attribute twice", &with("<a x='1' x='2'/>")),
        wrong("an attribute without quotes", &with("<a x=1/>")),
        wrong("a section without an end", &with("<![CDATA[")),
        wrong("a comment without an end", &with("<!--")),
        wrong("a tag without an end", &format!("<data{}", " ".repeat(1 << 20))),
        wrong("tags 1,000,000 deep that are never closed", &"<a>".repeat(1_000_000)),
        wrong("a tag name of a megabyte", &format!("<data></{}>", "a".repeat(1 << 20))),
        wrong("nothing", ""),
        wrong("no element", "<!-- only -->"),
        wrong("a text", "it works"),
    ])
    .await;
}
