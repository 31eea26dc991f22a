//! A first look at a text: whether one of the patterns may stand in it at all (Wu and Manber, 1994). Of most texts it
//! reads a part only, so that a page of rows or a million matches can be asked for secrets.

/// Bytes that are looked at together.
const BLOCK: usize = 3;

/// Patterns are known by so many of their first bytes, if all have as many.
const MOST_KNOWN: usize = 255;

/// The table has 4,096 to 262,144 entries of a byte, about eight for each block that is known.
const TABLE_BITS: std::ops::RangeInclusive<u32> = 12..=18;

/// Knows the blocks of all patterns.
pub(super) struct Sieve {
    /// Bytes of the shortest pattern.
    shortest: usize,
    /// How many bytes of each are known; 0 when the shortest has less than a block.
    known: usize,
    /// For each block, by its hash: how far its end is at least from where the known bytes of a pattern can end.
    shifts: Box<[u8]>,
    /// 32 minus the number of bits that number the entries.
    unused_bits: u32,
}

impl Sieve {
    /// Of patterns that are not empty.
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let shortest = patterns.clone().map(<[u8]>::len).min().unwrap_or_default();
        let known = if shortest < BLOCK { 0 } else { shortest.min(MOST_KNOWN) };
        let blocks = patterns.clone().count().saturating_mul(known);
        let bits = blocks.saturating_mul(8).max(1).ilog2().clamp(*TABLE_BITS.start(), *TABLE_BITS.end());
        let farthest = u8::try_from(known.saturating_sub(BLOCK - 1)).unwrap_or(u8::MAX);
        let mut sieve = Self { shortest, known, shifts: vec![farthest; 1 << bits].into(), unused_bits: 32 - bits };
        for pattern in patterns {
            for (number, block) in pattern[..known].windows(BLOCK).enumerate() {
                let entry = sieve.entry(block);
                let left = u8::try_from(known - BLOCK - number).unwrap_or(u8::MAX);
                sieve.shifts[entry] = sieve.shifts[entry].min(left);
            }
        }
        sieve
    }

    /// Bytes of the shortest pattern.
    pub(super) fn shortest(&self) -> usize {
        self.shortest
    }

    /// Whether a pattern may stand in the text; when it does, this is true.
    pub(super) fn may_hold(&self, text: &[u8]) -> bool {
        if text.len() < self.shortest || self.known == 0 {
            return text.len() >= self.shortest;
        }
        let mut end = self.known;
        while let Some(block) = text.get(end - BLOCK..end) {
            match self.shifts[self.entry(block)] {
                0 => return true,
                shift => end += usize::from(shift),
            }
        }
        false
    }

    fn entry(&self, block: &[u8]) -> usize {
        let number = block.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        (number.wrapping_mul(0x9e37_79b1) >> self.unused_bits) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn s2_what_stands_in_a_text_is_never_sieved_out(
            patterns in prop::collection::vec("[a-dé]{1,12}", 1..5),
            before in "[a-dé]{0,40}",
            after in "[a-dé]{0,40}",
            long in 0_usize..600,
        ) {
            let long = [patterns[0].repeat(long.div_ceil(4))];
            for patterns in [&patterns[..], &long[..]] {
                let sieve = Sieve::new(patterns.iter().map(String::as_bytes).filter(|pattern| !pattern.is_empty()));
                for pattern in patterns {
                    let text = format!("{before}{pattern}{after}");
                    prop_assert!(sieve.may_hold(text.as_bytes()), "{} in {}", pattern, text);
                }
            }
        }
    }

    #[test]
    fn s2_most_texts_are_sieved_out() {
        let patterns = ["kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA", "s3cret/of+the login, long as they are"];
        let sieve = Sieve::new(patterns.iter().map(|pattern| pattern.as_bytes()));
        let held =
            (0..10_000).filter(|number| sieve.may_hold(format!("message {number} of customer {}", number * 7919).as_bytes()));
        assert!(held.count() < 500);
        assert!(!sieve.may_hold(b"kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0s"), "shorter than any");
    }
}
