//! The fuzz targets' checks over a bounded number of inputs, made from good ones by a seed. `LATCHKEY_FUZZ_SEED` draws others,
//! `LATCHKEY_FUZZ_INPUTS` more of them; a failure prints its input.

#[expect(clippy::panic, clippy::expect_used, reason = "a check that fails panics: that is how a fuzzer is told")]
#[path = "../fuzz/src/checks.rs"]
mod checks;

/// Inputs of each kind.
const DOCUMENTS: usize = 8_000;
const PATHS: usize = 7_000;
const LOCATIONS: usize = 5_000;

const BODIES: [&str; 14] = [
    r#"{"access_token":"q9W3eR7tY1uI5oP2aS8dF4gH6jK0lZ","expires_in":3600,"token_type":"Bearer"}"#,
    r#"{"data":{"session":{"jwt":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSIsImV4cCI6MTkwMH0.c2lnbmF0dXJl"}},"n":12345678901234567890.10}"#,
    r#"{"inner":"{\"token\":\"deep\",\"list\":[1,2,{\"a\":null}]}","br":"a\nb","dup":1,"dup":2,"u":"\u00e9\ud83d\ude00"}"#,
    "[[[[[[[[[[\"x\"]]]]]]]]]]",
    "{\"a\":1}\n{\"token\":\"second\"}\n{\"c\":[true,false]}\n",
    "<?xml version='1.0'?><s:Envelope xmlns:s='urn:s'><s:Body><r id='7'><t>tok&amp;en</t><t><![CDATA[x<y]]></t>text</r></s:Body></s:Envelope>",
    "<a><b/><b c=\"d\">e</b><!-- no --><?pi?>f</a>",
    "oauth_token=a%20b&oauth_token_secret=c+d&x=&oauth_token=e",
    "ok\r\ntoken: q9W3eR7tY1uI5oP2aS8d\r\n\r\nbye",
    "\"just a string\"",
    "\u{feff}{\"bom\":true}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOnsiaWQiOlsxXX19.c2ln",
    "<html><body>denied</body></html>",
    "",
];

const QUERIES: [&str; 12] = [
    "$.a[1].b",
    "$..a[?@.b == 'x' && count(@.*) > 1 || !@.c]",
    "$['a'][-1, 0:2, ::-1]",
    "$[?match(@.b, 'a.*[^b]') || search(@, '\\\\p{Lu}{1,2}')]",
    "$[?length(@.a) <= -1.5e3 && value($..b) != null]",
    "/a/1/b",
    "/a~1b/~0/-",
    "$.a\n{\"a\":{\"a\":[{\"a\":\"x\"},7,\"y\"]}}",
    "$..*\n[[1,[2,[3]]],{\"b\":\"\\u0041\"}]",
    "$['\\u00e9\\'']",
    "",
    "$",
];

const PLACES: [&str; 9] = [
    r#"{"in":"json","at":"/a/b"}"#,
    r#"{"in":"json","at":"$..c"}"#,
    r#"{"in":"json","at":"/t","then":[{"open":"json","at":"/c"},{"open":"jwt_claim","claim":"sub"}]}"#,
    r#"{"in":"xml","at":"/a/c[2]"}"#,
    r#"{"in":"xml","at":"/a/@b"}"#,
    r#"{"in":"form","at":"b"}"#,
    r#"{"in":"header","at":"A","then":[{"open":"capture","pattern":"^Bearer (.+)$"}]}"#,
    r#"{"in":"cookie","at":"a"}"#,
    r#"{"in":"text","then":[{"open":"line","number":3},{"open":"json","at":"/a"}]}"#,
];

/// Pieces that break things.
const PIECES: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"<",
    b">",
    b"</",
    b"/",
    b"&",
    b"=",
    b"%",
    b"'",
    b"~",
    b"$",
    b"..",
    b"@",
    b"\0",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"9223372036854775808",
    b"-",
    b"1e999",
    b"<![CDATA[",
];

/// Numbers that look random and are the same for the same seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn new(kind: u64) -> Self {
        let seed = std::env::var("LATCHKEY_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_240_229_u64);
        Self((seed ^ kind.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or_default() % limit.max(1)
    }

    /// A good input with up to six things done to it.
    fn broken(&mut self, good: &[&str]) -> Vec<u8> {
        let mut bytes = good[self.below(good.len())].as_bytes().to_vec();
        for _ in 0..self.below(7) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(12)).min(bytes.len());
            match self.below(6) {
                0 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.truncate(at),
                3 => {
                    let copy = bytes[at..end].repeat(1 + self.below(40));
                    drop(bytes.splice(at..at, copy));
                }
                4 => {
                    let other = good[self.below(good.len())].as_bytes();
                    let from = self.below(other.len() + 1);
                    drop(bytes.splice(at..end, other[from..].iter().copied()));
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        bytes
    }
}

fn run(kind: u64, inputs: usize, make: impl Fn(&mut Dice) -> Vec<u8>, check: fn(&[u8])) {
    let inputs = std::env::var("LATCHKEY_FUZZ_INPUTS").ok().and_then(|inputs| inputs.parse().ok()).unwrap_or(inputs);
    let mut dice = Dice::new(kind);
    for number in 0..inputs {
        let input = make(&mut dice);
        assert!(input.len() < 100_000, "inputs are bounded");
        if let Err(panic) = std::panic::catch_unwind(|| check(&input)) {
            eprintln!("input {number}: {:?}", input.escape_ascii().to_string());
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn t4_no_body_breaks_the_tree_its_locations_or_its_suggestions() {
    let make = |dice: &mut Dice| {
        let mut input = vec![u8::try_from(dice.below(8)).unwrap()];
        input.extend(dice.broken(&BODIES));
        input
    };
    run(1, DOCUMENTS, make, checks::document);
}

#[test]
fn t4_no_typed_path_breaks_its_preview_or_completion() {
    run(2, PATHS, |dice| dice.broken(&QUERIES), checks::jsonpath);
}

#[test]
fn t4_no_location_changes_on_its_way_or_breaks_what_looks_it_up() {
    run(3, LOCATIONS, |dice| dice.broken(&PLACES), checks::location);
}
