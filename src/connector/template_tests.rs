use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn with(name: &str, value: InputValue) -> ResolvedInputs {
    [(name, value)].into_iter().collect()
}

fn text(value: &str) -> ResolvedInputs {
    with("a", InputValue::String(value.to_owned()))
}

fn body(template: &str, kind: BodyKind, inputs: &ResolvedInputs) -> String {
    Template::parse_body(template).unwrap().render_body(kind, inputs).unwrap()
}

#[test]
fn e10_names_come_in_order_with_their_positions() {
    let template = Template::parse("é/{{ a }}/{{b.c-d_1}}").unwrap();
    assert_eq!(template.names().collect::<Vec<_>>(), [("a", 3), ("b.c-d_1", 11)]);
}

#[rstest]
#[case("x {{a", 3, "“{{” is never closed with “}}”")]
#[case("é{{}}", 2, "“{{}}” names no input")]
#[case("{{  }}", 1, "“{{}}” names no input")]
#[case("{{a b}}", 1, "What stands between “{{” and “}}” can't be the name of an input")]
#[case("{{{a}}}", 1, "What stands between “{{” and “}}” can't be the name of an input")]
#[case("{{a}} é}}", 8, "“}}” has no “{{” before it")]
fn e10_a_fault_says_where(#[case] template: &str, #[case] position: usize, #[case] message: &str) {
    let fault = Template::parse(template).unwrap_err();
    assert_eq!((fault.position, fault.message.as_str()), (position, message));
}

#[test]
fn e10_the_end_of_nested_json_is_no_fault_in_a_body() {
    assert_eq!(body(r#"{"o":{"n":{{a}}}}"#, BodyKind::Json, &text("x")), r#"{"o":{"n":"x"}}"#);
}

#[test]
fn e10_an_input_is_percent_encoded_wherever_it_stands_in_a_url() {
    let template = Template::parse("https://api.example/o/{{a}}?q={{a}}#{{a}}").unwrap();
    let url = template.render_url(&text("a/b?c&d=é %~")).unwrap();
    let encoded = "a%2Fb%3Fc%26d%3D%C3%A9%20%25~";
    assert_eq!(url, format!("https://api.example/o/{encoded}?q={encoded}#{encoded}"));
}

#[rstest]
#[case("https://h/o/{{a}}/x", "..")]
#[case("https://h/o/{{a}}", ".")]
#[case("https://h/o/.{{a}}?q", ".")]
#[case("https://h/o/%2E{{a}}", ".")]
#[case("https://h/o/{{a}}%2e#f", ".")]
fn e10_a_value_can_not_climb_out_of_its_path(#[case] template: &str, #[case] value: &str) {
    let fault = Template::parse(template).unwrap().render_url(&text(value)).unwrap_err();
    assert_eq!(fault, RenderFault::DotSegment { name: "a".to_owned() });
}

#[rstest]
#[case("https://h/o/{{a}}", "...")]
#[case("https://h/o?up={{a}}", "..")]
#[case("https://h/o?x=/{{a}}", "..")]
fn e10_dots_elsewhere_are_ordinary(#[case] template: &str, #[case] value: &str) {
    assert!(Template::parse(template).unwrap().render_url(&text(value)).is_ok());
}

#[rstest]
#[case("{{a}}://h/", false)]
#[case("https://{{a}}/", false)]
#[case("https://h{{a}}/x", false)]
#[case("https://h:{{a}}", false)]
#[case("{{a}}", false)]
#[case("https:{{a}}", false)]
#[case("https:///{{a}}", false)]
#[case(r"https://\{{a}}", false)]
#[case("https://\t/{{a}}", false)]
#[case("https://h/{{a}}", true)]
#[case("https://h?{{a}}", true)]
#[case("https://h", true)]
#[case("", true)]
fn t6_the_host_never_comes_from_an_input(#[case] template: &str, #[case] fixed: bool) {
    let template = Template::parse(template).unwrap();
    assert_eq!(template.host_is_fixed(), fixed);
    assert_eq!(template.render_url(&text("x")) == Err(RenderFault::OpenHost), !fixed);
}

#[rstest]
#[case("a\r\nX-Evil: 1")]
#[case("a\nb")]
#[case("a\0b")]
#[case("a\u{7f}")]
fn e10_a_header_refuses_line_breaks_and_names_the_input(#[case] value: &str) {
    let fault = Template::parse("id {{a}}").unwrap().render_header(&text(value)).unwrap_err();
    assert_eq!(fault.input(), Some("a"));
}

#[rstest]
#[case(r#"{"k":"{{a}}"}"#, r#"say "hi" \ é"#, r#"{"k":"say \"hi\" \\ é"}"#)]
#[case(r#"{"k":{{a}}}"#, "a\"b", r#"{"k":"a\"b"}"#)]
#[case(r#"{"k\"":{{a}}}"#, "x", r#"{"k\"":"x"}"#)]
#[case(r#"{"k\\":"{{a}}-{{a}}"}"#, "\n", r#"{"k\\":"\n-\n"}"#)]
fn e10_json_knows_whether_an_input_stands_in_a_string(#[case] template: &str, #[case] value: &str, #[case] expected: &str) {
    assert_eq!(body(template, BodyKind::Json, &text(value)), expected);
}

#[rstest]
#[case(InputValue::Integer("98765432109876543210".into()), "98765432109876543210")]
#[case(InputValue::Decimal("0.10".into()), "0.10")]
#[case(InputValue::Boolean(true), "true")]
#[case(InputValue::Missing, "null")]
#[case(InputValue::String("1".into()), "\"1\"")]
fn e10_a_bare_input_is_a_json_value(#[case] value: InputValue, #[case] expected: &str) {
    assert_eq!(body("[{{a}}]", BodyKind::Json, &with("a", value)), format!("[{expected}]"));
}

#[test]
fn e10_a_missing_input_is_sent_empty_inside_a_string() {
    assert_eq!(body(r#"["{{a}}"]"#, BodyKind::Json, &with("a", InputValue::Missing)), r#"[""]"#);
}

#[test]
fn e10_other_bodies_have_their_own_escapes() {
    let inputs = text("<a b=\"c\">&'\n");
    assert_eq!(body("k={{a}}&l=1", BodyKind::Form, &inputs), "k=%3Ca%20b%3D%22c%22%3E%26%27%0A&l=1");
    assert_eq!(body("<x>{{a}}</x>", BodyKind::Xml, &inputs), "<x>&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#10;</x>");
    assert_eq!(body("{{a}}!", BodyKind::Text, &inputs), "<a b=\"c\">&'\n!");
    let fault = Template::parse_body("<x>{{a}}</x>").unwrap().render_body(BodyKind::Xml, &text("\u{1}")).unwrap_err();
    assert_eq!(fault.input(), Some("a"));
}

#[rstest]
#[case(Some("application/json; charset=utf-8"), "x", BodyKind::Json)]
#[case(Some("Application/Vnd.API+JSON"), "x", BodyKind::Json)]
#[case(Some("application/x-www-form-urlencoded"), "{}", BodyKind::Form)]
#[case(Some("application/soap+xml"), "x", BodyKind::Xml)]
#[case(Some("text/plain"), "{}", BodyKind::Text)]
#[case(None, r#" {"a": {{a}}}"#, BodyKind::Json)]
#[case(None, "{{a}} and more", BodyKind::Text)]
#[case(None, "[section] {{a}}", BodyKind::Text)]
#[case(None, "<x/>", BodyKind::Xml)]
fn e10_the_content_type_decides_how_a_body_is_written(
    #[case] announced: Option<&str>,
    #[case] template: &str,
    #[case] kind: BodyKind,
) {
    assert_eq!(BodyKind::of(announced, &Template::parse_body(template).unwrap()), kind);
}

#[rstest]
#[case("{\"é\": {{a}},}", 13)]
#[case("{\n  \"k\": 1{{a}}\n}", 11)]
#[case(r#"["\{{a}}"]"#, 4)]
#[case(r#"["\u00{{a}}"]"#, 12)]
#[case("{ {{a}}: 1 }", 3)]
#[case("{\"k\": ", 6)]
fn e10_a_json_body_that_is_none_says_where(#[case] template: &str, #[case] position: usize) {
    let fault = Template::parse_body(template).unwrap().json_fault().unwrap();
    assert_eq!(fault.position, position, "{fault}");
}

/// Pieces that make JSON-like templates, valid and not, far more often than random text does.
fn json_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{{a}}",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "1",
        "-",
        "null",
        " ",
        "\"k\":",
        "\"{{a}}\"",
        "\\u00",
        "é",
        "[{{a}}]",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = InputValue> {
    prop_oneof![
        any::<String>().prop_map(InputValue::String),
        any::<i128>().prop_map(|number| InputValue::Integer(number.to_string())),
        any::<f64>()
            .prop_filter_map("finite", serde_json::Number::from_f64)
            .prop_map(|number| InputValue::Decimal(number.to_string())),
        any::<bool>().prop_map(InputValue::Boolean),
        Just(InputValue::Missing),
    ]
}

proptest! {
    #[test]
    fn e10_parsing_never_panics_and_loses_no_text(template in "[{}a é]{0,12}") {
        if let Ok(parsed) = Template::parse_body(&template) {
            let again = parsed
                .render_body(BodyKind::Text, &parsed.names().map(|(name, _)| (name, InputValue::String(format!("{{{{{name}}}}}")))).collect())
                .unwrap();
            let squeezed = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeezed(&again), squeezed(&template));
        }
    }

    #[test]
    fn e10_a_json_body_that_saves_is_valid_with_every_value(template in json_like(), value in any_value()) {
        if let Ok(parsed) = Template::parse_body(&template) && parsed.json_fault().is_none() {
            let rendered = parsed.render_body(BodyKind::Json, &with("a", value)).unwrap();
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&rendered).is_ok(), "{}", rendered);
        }
    }

    #[test]
    fn e10_a_json_string_reads_back_as_the_value(value in any::<String>()) {
        let read: Vec<String> = serde_json::from_str(&body(r#"["{{a}}",{{a}}]"#, BodyKind::Json, &text(&value))).unwrap();
        prop_assert_eq!(read, vec![value.clone(), value]);
    }

    #[test]
    fn e10_no_value_changes_the_shape_of_a_url(value in any::<String>()) {
        let template = Template::parse("https://api.example:8443/o/{{a}}/lines?q={{a}}&r=1").unwrap();
        if let Ok(rendered) = template.render_url(&text(&value)) {
            let url = url::Url::parse(&rendered).unwrap();
            prop_assert_eq!(url.host_str(), Some("api.example"));
            prop_assert_eq!(url.port(), Some(8443));
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3, "{}", url);
            prop_assert_eq!((segments[0], segments[2]), ("o", "lines"));
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(decoded.as_ref(), value.as_str());
            prop_assert_eq!(url.query_pairs().map(|(key, _)| key.into_owned()).collect::<Vec<_>>(), ["q", "r"]);
            prop_assert_eq!(url.fragment(), None);
        } else {
            prop_assert!(value == "." || value == "..");
        }
    }

    #[test]
    fn e10_a_rendered_header_is_one_header(value in any::<String>()) {
        if let Ok(rendered) = Template::parse("v {{a}}").unwrap().render_header(&text(&value)) {
            prop_assert!(http::HeaderValue::from_str(&rendered).is_ok() || !rendered.is_ascii());
            prop_assert!(!rendered.contains(['\r', '\n', '\0']));
        }
    }

    #[test]
    fn e10_xml_reads_back_as_the_value(value in any::<String>()) {
        let template = Template::parse_body("<x y=\"{{a}}\"/>").unwrap();
        if let Ok(rendered) = template.render_body(BodyKind::Xml, &text(&value)) {
            let inside = rendered.strip_prefix("<x y=\"").unwrap().strip_suffix("\"/>").unwrap();
            prop_assert!(!inside.contains(['<', '"']));
            let unescaped = quick_xml::escape::unescape(inside).unwrap();
            prop_assert_eq!(unescaped.as_ref(), value.as_str());
        }
    }
}
