use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use rstest::rstest;

use super::*;

fn parse(text: &str) -> Xml {
    Xml::parse(text.to_owned()).unwrap_or_else(|(_, error)| panic!("{error:?} in {text:.300}"))
}

/// A node of a plain tree, to compare with.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
    Text(String),
}

/// Random elements, some with more children than a mark's stride and some texts longer than what is indexed.
fn elements() -> impl Strategy<Value = Node> {
    let name = || prop::sample::select(vec!["a", "b", "s:c", "ü", "d-1.x"]);
    let text =
        || prop_oneof![Just(String::new()), Just(" \n\t ".to_owned()), "[a-z<>&\"'\\]ü😀 \n]{1,12}", "[a-z]{1500}", " {1100}",];
    let attributes = move || prop::collection::btree_map("[x-z]{1,2}", text(), 0..4).prop_map(|all| all.into_iter().collect());
    let leaf = (name(), attributes(), text()).prop_map(|(name, attributes, text)| Node::Element {
        name: name.to_owned(),
        attributes,
        children: vec![Node::Text(text)],
    });
    leaf.prop_recursive(5, 300, 90, move |inner| {
        let child = prop_oneof![4 => inner, 1 => text().prop_map(Node::Text)];
        (name(), attributes(), prop::collection::vec(child, 0..90)).prop_map(|(name, attributes, children)| Node::Element {
            name: name.to_owned(),
            attributes,
            children,
        })
    })
    .prop_filter("a document is an element", |node| matches!(node, Node::Element { .. }))
}

/// Writes a node; `seed` varies how: comments, sections, references, quotes, instructions.
fn write(out: &mut String, node: &Node, seed: &mut u32) {
    let mut dice = |sides: u32| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 16) % sides
    };
    match node {
        Node::Text(text) => {
            if dice(9) == 0 {
                out.push_str("<!-- <a> & > -->");
            }
            if dice(4) == 0 && !text.contains("]]>") {
                out.extend(["<![CDATA[", text, "]]>"]);
            } else {
                for character in text.chars() {
                    match character {
                        '<' => out.push_str("&lt;"),
                        '&' => out.push_str(if dice(2) == 0 { "&amp;" } else { "&#38;" }),
                        '>' => out.push_str("&gt;"),
                        'ü' if dice(2) == 0 => out.push_str("&#xFC;"),
                        other => out.push(other),
                    }
                }
            }
            if dice(9) == 0 {
                out.push_str("<?go > <b> ?>");
            }
        }
        Node::Element { name, attributes, children } => {
            out.extend(["<", name]);
            for (key, value) in attributes {
                let quote = if dice(2) == 0 { "\"" } else { "'" };
                let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&apos;");
                out.extend([" ", key, " = ", quote, &value, quote]);
            }
            if children.is_empty() && dice(2) == 0 {
                out.push_str(" />");
                return;
            }
            out.push('>');
            for child in children {
                write(out, child, seed);
            }
            out.extend(["</", name, " >"]);
        }
    }
}

/// What the events of quick-xml say, texts that touch joined.
fn by_events(text: &str) -> Node {
    fn push(open: &mut [Node], node: Node) {
        let Some(Node::Element { children, .. }) = open.last_mut() else { return };
        match (children.last_mut(), node) {
            (Some(Node::Text(before)), Node::Text(more)) => before.push_str(&more),
            (_, node) => children.push(node),
        }
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = vec![Node::Element { name: String::new(), attributes: Vec::new(), children: Vec::new() }];
    let element = |start: &quick_xml::events::BytesStart<'_>| Node::Element {
        name: start.name().as_ref().to_owned(),
        attributes: start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap();
                let value = quick_xml::escape::unescape(&attribute.value).unwrap().replace(['\n', '\t'], " ");
                (attribute.key.as_ref().to_owned(), value)
            })
            .collect(),
        children: Vec::new(),
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => push(&mut open, element(&start)),
            Event::End(_) => {
                let node = open.pop().unwrap();
                push(&mut open, node);
            }
            Event::Text(text) => push(&mut open, Node::Text(text.xml10_content().into_owned())),
            Event::CData(text) => push(&mut open, Node::Text(text.xml10_content().into_owned())),
            Event::GeneralRef(reference) => {
                let mut text = String::new();
                super::text::push_reference(&mut text, &reference);
                push(&mut open, Node::Text(text));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let Some(Node::Element { children, .. }) = open.pop() else { panic!("nothing was read") };
    children.into_iter().find(|child| matches!(child, Node::Element { .. })).unwrap()
}

/// Compares a value with the plain tree, and each shown path with what it finds.
fn compare(xml: &Xml, member: Member, node: &Node, path: &str) {
    assert_eq!(xml.find(path).unwrap(), member, "{path}");
    let Node::Element { name, attributes, children } = node else { panic!("{path} is an element") };
    assert_eq!((xml.kind(member.value), &*xml.name(member)), (ValueKind::Element, name.as_str()));
    let trimmed = |text: &str| text.trim_matches([' ', '\n', '\t', '\r']).to_owned();
    let shown: Vec<&Node> =
        children.iter().filter(|child| !matches!(child, Node::Text(text) if trimmed(text).is_empty())).collect();
    let has_elements = shown.iter().any(|child| matches!(child, Node::Element { .. }));
    assert_eq!(xml.has_elements(member.value), has_elements, "{path}");
    if attributes.is_empty() && !has_elements {
        let text: String = shown.iter().map(|child| if let Node::Text(text) = child { text.as_str() } else { "" }).collect();
        assert_eq!((xml.count(member.value), xml.first(member.value), xml.is_container(member.value)), (0, None, false));
        assert_eq!(xml.scalar(member.value), trimmed(&text), "{path}");
        return;
    }
    let found: Vec<Member> = xml.children(member.value).collect();
    assert_eq!(found.len(), attributes.len() + shown.len(), "{path}");
    assert_eq!(xml.count(member.value) as usize, found.len(), "{path}");
    let marks = xml.marks(member.value);
    for (ordinal, child) in found.iter().enumerate() {
        let number = u32::try_from(ordinal).unwrap();
        assert_eq!(xml.child(member.value, &marks, number), Some(*child));
        assert!(xml.end(child.value) > child.start && xml.end(child.value) < xml.end(member.value));
        let path = format!("{path}/{}", xml.step(member.value, *child));
        if let Some((key, value)) = attributes.get(ordinal) {
            assert_eq!((xml.kind(child.value), &*xml.name(*child)), (ValueKind::Attribute, format!("@{key}").as_str()));
            assert_eq!(xml.scalar(child.value), *value);
            assert_eq!(xml.find(&path).unwrap(), *child, "{path}");
            continue;
        }
        match shown[ordinal - attributes.len()] {
            Node::Text(text) => {
                assert_eq!((xml.kind(child.value), &*xml.name(*child)), (ValueKind::Text, "text()"));
                assert_eq!(xml.scalar(child.value), trimmed(text));
                assert_eq!(xml.find(&path).unwrap(), *child, "{path}");
            }
            element @ Node::Element { .. } => compare(xml, *child, element, &path),
        }
    }
    assert_eq!(
        xml.close(found.last().map_or(member.value + 1, |last| xml.end(last.value)), member.value),
        xml.end(member.value)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn t4_every_value_is_what_quick_xml_reads_and_its_path_finds_it(node in elements(), seed in any::<u32>()) {
        let mut text = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e \"]>\">]>\n".to_owned();
        write(&mut text, &node, &mut seed.clone());
        text.push_str("<!-- end -->\n");
        let xml = parse(&text);
        compare(&xml, xml.root(), &by_events(&text), &format!("/{}", xml.name(xml.root())));
        prop_assert!(to_json(&text).is_ok(), "what is read in place can be converted (E12)");
    }

    #[test]
    fn e12_what_is_read_in_place_can_be_converted(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "<", ">", "/", "&", ";", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
            "<!DOCTYPE a", "[", "]", "\"", "'", "=", " ", "x", "ü", "<a", "</", "<!", "-", "!",
        ]), 0..12),
        around in any::<bool>(),
    ) {
        let text = if around { format!("<a>{}</a>", pieces.concat()) } else { pieces.concat() };
        if let Ok(xml) = Xml::parse(text.clone()) {
            prop_assert!(to_json(&text).is_ok(), "{text}");
            compare(&xml, xml.root(), &by_events(&text), &format!("/{}", xml.name(xml.root())));
        }
    }
}

const SOAP_1_1: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.example.com">
  <soapenv:Body>
    <loginResponse>
      <result>
        <passwordExpired>false</passwordExpired>
        <sessionId>00Dfake!AQ0AQ</sessionId>
        <userInfo><role>a</role><role>b</role></userInfo>
      </result>
    </loginResponse>
  </soapenv:Body>
</soapenv:Envelope>"#;

const SOAP_1_2: &str = r#"<env:Envelope xmlns:env='http://www.w3.org/2003/05/soap-envelope'><env:Header/><env:Body>
<Token id="t&amp;1" kind=''>
  abc<![CDATA[<&]]> <!-- no --> d&#x41;&unknown;
</Token></env:Body></env:Envelope>"#;

#[rstest]
#[case(SOAP_1_1, "/soapenv:Envelope/soapenv:Body/loginResponse/result/sessionId", "00Dfake!AQ0AQ")]
#[case(SOAP_1_1, "/soapenv:Envelope/soapenv:Body/loginResponse/result/sessionId/text()", "00Dfake!AQ0AQ")]
#[case(SOAP_1_1, "/soapenv:Envelope[1]/soapenv:Body[1]/loginResponse/result/userInfo/role[2]", "b")]
#[case(SOAP_1_1, "/soapenv:Envelope/@xmlns", "urn:partner.soap.example.com")]
#[case(SOAP_1_2, "/env:Envelope/env:Body/Token/@id", "t&1")]
#[case(SOAP_1_2, "/env:Envelope/env:Body/Token/@kind", "")]
#[case(SOAP_1_2, "/env:Envelope/env:Body/Token/text()", "abc<&  dA&unknown;")]
#[case(SOAP_1_2, "/env:Envelope/env:Body/Token", "abc<&  dA&unknown;")]
#[case(SOAP_1_2, "/env:Envelope/env:Header", "")]
fn t4_a_path_into_a_soap_envelope_yields_its_value(#[case] xml: &str, #[case] path: &str, #[case] value: &str) {
    let xml = parse(xml);
    let (member, _) = xml.find_single(path).unwrap();
    assert_eq!(xml.scalar(member.value), value);
}

#[rstest]
#[case("/env:Envelope[1]/env:Body/Token", "/env:Envelope/env:Body/Token/text()")]
#[case("/env:Envelope/env:Header/text()", "/env:Envelope/env:Header")]
fn t4_a_path_is_written_as_the_tree_shows_it(#[case] typed: &str, #[case] written: &str) {
    assert_eq!(parse(SOAP_1_2).find_single(typed).unwrap().1, written);
}

#[rstest]
#[case("", 0..0, "A path begins with /")]
#[case("a/b", 0..3, "A path begins with /")]
#[case("/", 0..1, "A name is missing here")]
#[case("//role", 0..1, "A name is missing here")]
#[case("/ü/", 2..3, "A name is missing here")]
#[case("/ü/r[0]", 4..7, "Only a position from 1 on")]
#[case("/ü/r[x]", 4..7, "Only a position from 1 on")]
#[case("/ü/@id[1]", 6..9, "An element has an attribute only once")]
#[case("/ü/@id/x", 7..8, "Nothing stands inside an attribute")]
#[case("/ü/*", 3..4, "Only names, @attributes, text()")]
#[case("/ü/node()", 3..9, "Only names, @attributes, text()")]
#[case("/u", 1..2, "The outermost element is “ü”, not “u”.")]
#[case("/ü/token", 3..8, "There is no “token” in /ü; the nearest name is “p:Token”.")]
#[case("/ü/zzzzzzz", 3..10, "There is no “zzzzzzz” in /ü.")]
#[case("/ü/ID", 3..5, "There is no “ID” in /ü; the nearest name is “@id”.")]
#[case("/ü/r", 3..4, "There are 3 “r” here; write which one, such as r[1].")]
#[case("/ü/r[4]", 3..7, "There are only 3 “r” in /ü, not 4.")]
#[case("/ü/p:Token[2]", 3..13, "There is only one “p:Token” in /ü, not 2.")]
#[case("/ü/p:Token/x", 11..12, "/ü/p:Token is a single value; there is nothing inside it.")]
fn t4_a_wrong_path_says_where_and_what_exists(#[case] path: &str, #[case] at: std::ops::Range<usize>, #[case] message: &str) {
    let xml = parse("<ü id='1'><r/><p:Token>t</p:Token><r/><r/></ü>");
    let error = xml.find(path).unwrap_err();
    assert_eq!((error.from..error.to, error.message.get(..message.len())), (at, Some(message)), "{}", error.message);
}

#[rstest]
#[case("", 0, "it has no element")]
#[case("<!-- only -->", 13, "it has no element")]
#[case("x<a/>", 0, "text stands outside")]
#[case("<a/>x", 4, "text stands outside")]
#[case("<a/><b/>", 4, "a second root")]
#[case("<a>", 3, "it ends before")]
#[case("<a><b></a></b>", 6, "another element is closed")]
#[case("<a></aa>", 3, "another element is closed")]
#[case("<a x='1' x='2'/>", 9, "an element has an attribute twice")]
#[case("<a a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' i=''/>", 53, "an element has an attribute twice")]
#[case("<a x=1/>", 5, "an attribute's value is not in quotes")]
#[case("<a x/>", 4, "an attribute has no value")]
#[case("<a x='1'y='2'/>", 8, "a space was expected")]
#[case("<a x='1>", 0, "a tag has no end")]
#[case("<a", 0, "a tag has no end")]
#[case("<a></a", 3, "a tag has no end")]
#[case("<a></a b>", 3, "a closing tag has more")]
#[case("<a>&</a>", 3, "& begins a reference")]
#[case("<a>&;</a>", 3, "& begins a reference")]
#[case("<a>a & b</a>", 5, "& begins a reference")]
#[case("<a><![CDATA[</a>", 3, "a section has no end")]
#[case("<a><!-- </a>", 3, "a comment has no end")]
#[case("<!-->", 0, "a comment has no end")]
#[case("<?a>", 0, "an instruction has no end")]
#[case("<1/>", 0, "an element or a comment")]
#[case("<a><1/></a>", 3, "the name of an element")]
#[case("<!DOCTYPE a [<a/>", 0, "its document type has no end")]
#[case("<!DOCTYPE a ']><a/>", 0, "its document type has no end")]
fn e12_what_is_not_well_formed_is_refused_where_it_is(#[case] xml: &str, #[case] at: usize, #[case] what: &str) {
    let Err((text, error)) = Xml::parse(xml.to_owned()) else { panic!("{xml} is not well formed") };
    assert_eq!((text.as_str(), error.at), (xml, at), "{}", error.what);
    assert!(error.what.starts_with(what), "{}", error.what);
}

#[test]
fn e12_no_entity_of_a_document_type_is_expanded() {
    let text =
        r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!-- ]> ' --><!ENTITY y "yy">]><a b="&y;&#65;">&x;&y;</a>"#;
    let xml = parse(text);
    assert_eq!(xml.scalar(xml.find("/a/@b").unwrap().value), "&y;A");
    assert_eq!(xml.scalar(xml.find("/a/text()").unwrap().value), "&x;&y;");
}

#[test]
fn e12_line_breaks_are_read_as_xml_reads_them() {
    let xml = parse("<a b='1\r\n2\t3\r4'>x\r\ny\rz</a>");
    assert_eq!(xml.scalar(xml.find("/a/@b").unwrap().value), "1 2 3 4");
    assert_eq!(xml.scalar(xml.find("/a/text()").unwrap().value), "x\ny\nz");
}

#[test]
fn a_depth_of_100_000_is_read_and_one_beyond_a_million_refused() {
    let deep = |depth: usize| format!("{}<t>1</t>{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let xml = parse(&deep(100_000));
    let way = format!("{}/t", "/a".repeat(100_000));
    assert_eq!(xml.scalar(xml.find(&way).unwrap().value), "1");
    assert!(xml.index.size() < 100_000 * 7 / 10, "nesting alone takes no memory");
    assert!(Xml::parse(deep(1_000_001)).is_err());
}

#[test]
fn a_million_elements_are_found_by_number_and_their_steps_at_once() {
    let alike = (0..1_000_000).map(|number| format!("<r>{number}</r>")).collect::<Vec<_>>().concat();
    let xml = parse(&format!("<a x='1'><head/>{alike}</a>"));
    let root = xml.root().value;
    assert_eq!(xml.count(root), 1_000_002);
    let marks = xml.marks(root);
    for ordinal in [2, 33, 999_999, 1_000_001] {
        let child = xml.child(root, &marks, ordinal).unwrap();
        assert_eq!(xml.scalar(child.value), (ordinal - 2).to_string());
        // The first child of another name makes the children a mixture.
        assert_eq!(xml.step(root, child), format!("r[{}]", ordinal - 1));
    }
    assert_eq!(xml.step(root, xml.child(root, &marks, 1).unwrap()), "head");
    let xml = parse(&format!("<a x='1'>{alike}</a>"));
    let last = xml.child(root, &xml.marks(root), 1_000_000).unwrap();
    assert_eq!(xml.step(root, last), "r[1000000]");
    assert!(xml.numbers.is_empty(), "children of one name need no table");
}

#[test]
fn t4_200_000_attributes_are_read() {
    let many = (0..200_000).map(|at| format!(" a{at}=\"{at}\"")).collect::<Vec<_>>().concat();
    let xml = parse(&format!("<a{many}>t</a>"));
    assert_eq!(xml.count(xml.root().value), 200_001);
    assert_eq!(xml.scalar(xml.find("/a/@a199999").unwrap().value), "199999");
    assert_eq!(xml.scalar(xml.find("/a/text()").unwrap().value), "t");
}
