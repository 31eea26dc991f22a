use proptest::prelude::*;
use rstest::rstest;

use super::super::words::texts;
use super::*;

fn words(text: &str) -> Split {
    split(&text.chars().collect::<Vec<_>>(), 0, false).unwrap()
}

#[rstest]
#[case("a 'b c' d\\ e", &["a", "b c", "d e"])]
#[case(r#"a "b \"c\" \n \$x" '' x"y"'z'"#, &["a", r#"b "c" \n $x"#, "", "xyz"])]
#[case("a \\\n  b \\\r\n c", &["a", "b", "c"])]
#[case("a \\  \n b", &["a", "b"])]
#[case("a \"b\\\r\nc\"", &["a", "bc"])]
#[case(r"$'a\'b\n\t\u0021\x41\103\\' x", &["a'b\n\t!AC\\", "x"])]
#[case(r"$'\xc3\xa9\uD83D\uDE00'", &["é😀"])]
#[case(r#"$"a b" c"#, &["a b", "c"])]
#[case(r"it\'s", &["it's"])]
#[case("a | jq .", &["a"])]
#[case("a 2>/dev/null", &["a"])]
#[case("a2 &> out", &["a2"])]
#[case("http://h/?a=1&b=2;c", &["http://h/?a=1&b=2;c"])]
#[case("a && b", &["a"])]
#[case("a # b 'c", &["a"])]
#[case("a#b", &["a#b"])]
#[case("a -u $(cat 'my file'):x `id -u` z", &["a", "-u", "$(cat 'my file'):x", "`id -u`", "z"])]
#[case("a\n-b c\nThen do d.", &["a", "-b", "c"])]
fn posix_words(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(texts(&words(text)), expected);
}

#[test]
fn words_know_where_they_begin() {
    let places: Vec<_> = words("é 'b c'  \"\" d").words.iter().map(|word| word.at).collect();
    assert_eq!(places, [1, 3, 10, 13]);
}

#[rstest]
#[case("a 'b", '\'', 3)]
#[case("é \"b\\\"", '"', 3)]
#[case("a $'b\\'", '\'', 4)]
fn an_unclosed_quote_is_said_with_its_place(#[case] text: &str, #[case] quote: char, #[case] position: usize) {
    let failure = split(&text.chars().collect::<Vec<_>>(), 0, false).err();
    assert_eq!(failure, Some(CurlFailure::UnclosedQuote { quote, position }));
}

#[test]
fn variables_stay_and_are_noted_once() {
    let split = words("a $TOKEN \"${TOKEN} $TOKEN\" '$NOT' $5");
    assert_eq!(texts(&split), ["a", "$TOKEN", "${TOKEN} $TOKEN", "$NOT", "$5"]);
    assert_eq!(split.notes.len(), 2, "{:?}", split.notes);
}

#[test]
fn t8_what_follows_a_dollar_in_a_password_is_not_repeated() {
    let split = words("a \"pa$sword\"");
    assert_eq!(texts(&split), ["a", "pa$sword"]);
    assert!(!split.notes.concat().contains("sword"), "{:?}", split.notes);
    assert_eq!(split.notes.len(), 1);
}

/// Pieces of words in every quoting that bash has, without what bash fills in or expands.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9=:/.,@%+_-]{1,4}",
        "'[^'\\x00\\r]{0,5}'",
        "\"([a-z '(){}*?#;&|<>]|\\\\\"|\\\\\\\\|\\\\\\$|\\\\`|\\\\n|\\\\\n){0,4}\"",
        "\\$'([a-z \"(){}*?#;&|<>]|\\\\n|\\\\t|\\\\\\\\|\\\\'|\\\\x4[0-9a-f]|\\\\x7|\\\\10[1-7]|\\\\u00e9|\\\\u20ac|\\\\q){0,4}'",
        "\\\\[ '\"$`\\\\&|;<>()*?{}#a-z]",
        "\\\\\n",
        "[ \t]{1,2}",
    ]
}

/// The words as the real bash splits them.
fn bash(line: &str) -> Vec<String> {
    let printed = std::process::Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &format!("set -f; printf '%s\\0' {line}")])
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert!(printed.status.success(), "{line:?}: {}", String::from_utf8_lossy(&printed.stderr));
    let text = String::from_utf8(printed.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn words_are_split_as_the_real_bash_splits_them(pieces in prop::collection::vec(piece(), 1..9)) {
        let line = format!("a {} z", pieces.concat());
        let split = words(&line);
        prop_assert_eq!(texts(&split), bash(&line));
    }
}
