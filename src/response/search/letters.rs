//! Finding an ASCII text in any case: by the letter in it that is rarest in what APIs answer.

use memchr::{memchr_iter, memchr2_iter};

/// From the rarest to the most frequent, capitals being as frequent as their small letters.
const BY_FREQUENCY: &[u8] = b"~^`|%$#@!?*;<>\\&+'=()[]qxz{}jkvw_/y.hgbfup-mdclsnr:oita9876543210e, \"";

/// An ASCII text that is looked for in any case.
pub(super) struct Letters {
    /// In small letters.
    text: Vec<u8>,
    /// The place of the rarest.
    rarest: usize,
}

impl Letters {
    /// Of a text that is ASCII and not empty.
    pub fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase().into_bytes();
        let rank = |byte: u8| BY_FREQUENCY.iter().position(|known| *known == byte);
        let rarest = (0..text.len()).min_by_key(|at| rank(text[*at])).unwrap_or_default();
        Self { text, rarest }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Where they stand first.
    pub fn find(&self, hay: &[u8]) -> Option<usize> {
        let rest = hay.get(self.rarest..)?;
        let (small, capital) = (self.text[self.rarest], self.text[self.rarest].to_ascii_uppercase());
        let stands =
            |at: &usize| hay.get(*at..*at + self.text.len()).is_some_and(|there| there.eq_ignore_ascii_case(&self.text));
        // The rarest stands as far behind the start of the text as `rest` begins behind that of the hay.
        if small == capital { memchr_iter(small, rest).find(stands) } else { memchr2_iter(small, capital, rest).find(stands) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letters_are_found_where_a_plain_search_finds_them(hay in "[abAB1 \"k]{0,40}", text in "[abAB1 k]{1,4}") {
            let plain = hay.to_ascii_lowercase().find(&text.to_ascii_lowercase());
            prop_assert_eq!(Letters::new(&text).find(hay.as_bytes()), plain);
        }
    }
}
