//! The bodies that are measured: three kinds of answers, of any size.

use std::fmt::Write as _;

/// One kind of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An array of small records, on one line.
    Records,
    /// Indented records with a few levels, long strings, escapes and letters beyond ASCII.
    Prose,
    /// An array of nothing but numbers: the most rows for each byte.
    Numbers,
}

/// All of them.
pub const SHAPES: [Shape; 3] = [Shape::Records, Shape::Prose, Shape::Numbers];

impl Shape {
    /// As arguments and keys of figures name it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Prose => "prose",
            Self::Numbers => "numbers",
        }
    }

    /// What it is.
    pub fn words(self) -> &'static str {
        match self {
            Self::Records => "small records",
            Self::Prose => "long texts",
            Self::Numbers => "numbers",
        }
    }

    /// The shape of this key.
    pub fn named(key: &str) -> Option<Self> {
        SHAPES.into_iter().find(|shape| shape.key() == key)
    }

    /// A body of about so many bytes; its buffer has room for no more.
    pub fn body(self, bytes: usize) -> String {
        let mut body = String::with_capacity(bytes + 1024);
        body.push_str("{\"access_token\":\"kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA\",\"token_type\":\"Bearer\",\"data\":[");
        for number in 0_u64.. {
            if body.len() >= bytes {
                break;
            }
            if number > 0 {
                body.push(',');
            }
            self.element(number, &mut body);
        }
        body.push_str("],\"expires_in\":3600}");
        body.shrink_to_fit();
        body
    }

    fn element(self, number: u64, body: &mut String) {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // Writing into a string can't fail.
        let _ = match self {
            Self::Records => write!(
                body,
                r#"{{"id":{number},"name":"Customer {number}","email":"c{number}@example.com","active":{},"balance":{}.{:02},"created_at":"2024-05-{:02}T10:11:12Z","tags":["new","b{}"]}}"#,
                number.is_multiple_of(2),
                number * 7 % 10_000,
                number % 100,
                number % 28 + 1,
                number % 9
            ),
            Self::Prose => write!(
                body,
                "\n    {{\n      \"id\": \"{mixed:016x}\",\n      \"author\": {{\n        \"profile\": {{\n          \"name\": \"Zoë Müller {number}\",\n          \"city\": \"東京 \\u6771\\u4eac\"\n        }}\n      }},\n      \"body\": \"He said \\\"hello\\\" and left.\\nThe text of message {number} goes on — {}\",\n      \"url\": \"https:\\/\\/example.com\\/messages\\/{number}\"\n    }}",
                "and it is as long as messages are, with a few wörds that are no ASCII. ".repeat(6)
            ),
            Self::Numbers => write!(body, "{}.{}", mixed >> 40, mixed % 1000),
        };
    }
}
