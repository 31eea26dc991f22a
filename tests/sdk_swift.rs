//! The Swift SDK, read by a real grammar of Swift: no compiler of it is at hand where these tests run.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod support;

use std::collections::BTreeMap;

use latchkey::workspace::SnippetLanguage;
use support::Bench;
use support::drafts::user_token;
use tree_sitter::{Node, Parser, Tree};

const SDK: &str = include_str!("../src/customer/messenger/sdk/Messenger.swift");

fn parsed(source: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_swift::LANGUAGE.into()).unwrap();
    parser.parse(source, None).unwrap()
}

/// Each node, with what encloses it before it.
fn walk<'tree>(node: Node<'tree>, look: &mut impl FnMut(Node<'tree>)) {
    look(node);
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        walk(child, look);
    }
}

/// Where the grammar finds no Swift, by line.
fn faults(source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    walk(parsed(source).root_node(), &mut |node| {
        if node.is_error() || node.is_missing() {
            faults.push(format!("line {}: {}", node.start_position().row + 1, &source[node.byte_range()]));
        }
    });
    faults
}

/// The public functions, by name, with the names of their parameters as a caller writes them.
fn public_functions(source: &str) -> BTreeMap<String, Vec<String>> {
    let text = |node: Node<'_>| source[node.byte_range()].to_owned();
    let mut functions = BTreeMap::new();
    walk(parsed(source).root_node(), &mut |node| {
        if node.kind() != "function_declaration" || !text(node).starts_with("public ") {
            return;
        }
        let mut cursor = node.walk();
        let parameters = node.children(&mut cursor).filter(|child| child.kind() == "parameter").map(|parameter| {
            let label = parameter.child_by_field_name("external_name").or_else(|| parameter.child_by_field_name("name"));
            text(label.unwrap())
        });
        let parameters = parameters.collect();
        functions.insert(text(node.child_by_field_name("name").unwrap()), parameters);
    });
    functions
}

#[test]
fn m1_the_swift_sdk_is_swift_with_the_calls_of_the_messenger() {
    assert_eq!(faults(SDK), Vec::<String>::new());
    let functions = public_functions(SDK);
    let parameters = |name: &str| functions.get(name).map(|names| names.join(" ")).unwrap_or_default();
    assert_eq!(parameters("initialize"), "address appId");
    assert_eq!(parameters("loginIdentifiedUser"), "userId email jwt userHash completion");
    assert_eq!(parameters("setAuthTokens"), "_ completion");
    assert_eq!(parameters("logout"), "completion");
    assert!(SDK.contains("public typealias Completion = (Result<Void, Error>) -> Void"));
    assert!(SDK.contains("setAuthTokens(_ tokens: [String: String]"));
}

#[test]
fn a_slip_in_the_swift_sdk_is_seen() {
    let slips = [
        ("guard let known = customer else {", "guard let known = customer {"),
        ("public static func logout(", "public static fun logout("),
        ("httpMethod = \"POST\"", "httpMethod = \"POST"),
    ];
    for (right, wrong) in slips {
        assert!(SDK.contains(right), "{right}");
        assert_ne!(faults(&SDK.replacen(right, wrong, 1)), Vec::<String>::new(), "{wrong}");
    }
    let cut = SDK.trim_end().strip_suffix('}').unwrap();
    assert_ne!(faults(cut), Vec::<String>::new(), "a brace is missing");
}

#[tokio::test]
async fn m1_the_swift_snippet_is_swift_whatever_the_token_is_called() {
    let bench = Bench::new().await;
    for name in ["security_token", "it's \"a\" \\(token) \\ $ #\" Schlüssel 🔑 \"\"\""] {
        let token = bench.token(user_token(name, "X-Odd")).await.summary.id;
        let snippets = bench.workspace.messenger().snippets(&token).await.unwrap();
        let code = snippets.into_iter().find(|snippet| snippet.language == SnippetLanguage::Swift).unwrap().code;
        assert_eq!(faults(&code), Vec::<String>::new(), "{code}");
        let (tree, mut kinds) = (parsed(&code), Vec::new());
        walk(tree.root_node(), &mut |node| kinds.push(node.kind()));
        assert_eq!(kinds.iter().filter(|kind| **kind == "dictionary_literal").count(), 1, "{code}");
        assert!(!kinds.contains(&"interpolated_expression"), "nothing of a name is filled in: {code}");
    }
}
