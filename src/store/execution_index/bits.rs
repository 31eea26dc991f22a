//! Which executions of one chunk of the log have something: a bit for each place in it.

use super::super::failure::StoreFailure;

/// Places of a chunk, as a power of two. A full chunk is 512 bytes, so that seven fit a page and none needs a second one.
pub(super) const CHUNK_BITS: u32 = if cfg!(test) { 4 } else { 12 };
/// Places that a set can hold.
const PLACES: usize = 4096;
const WORD_NUMBERS: u16 = 64;
const WORDS: usize = WORD_NUMBERS as usize;
/// From so many members on, a bit for each place takes less than two bytes for each member.
const DENSE: usize = PLACES / 16;

/// The chunk that a `seq` is in.
pub(super) fn chunk_of(seq: i64) -> i64 {
    seq >> CHUNK_BITS
}

/// The place of a `seq` in its chunk.
pub(super) fn place_of(seq: i64) -> u16 {
    // Masked to a chunk's size, it fits.
    u16::try_from(seq & ((1 << CHUNK_BITS) - 1)).unwrap_or_default()
}

/// The first `seq` of a chunk.
pub(super) fn first_of(chunk: i64) -> i64 {
    chunk << CHUNK_BITS
}

/// A set of places.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub const NONE: Self = Self([0; WORDS]);

    /// The places `from..to`.
    pub fn between(from: u16, to: u16) -> Self {
        let mut bits = Self::NONE;
        (from..to).for_each(|place| bits.insert(place));
        bits
    }

    /// What [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreFailure> {
        let damaged = || StoreFailure::Damaged("a set of executions can't be read".to_owned());
        let mut bits = Self::NONE;
        if bytes.len() == PLACES / 8 {
            for (word, eight) in bits.0.iter_mut().zip(bytes.as_chunks().0) {
                *word = u64::from_le_bytes(*eight);
            }
            return Ok(bits);
        }
        let (members, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(damaged());
        }
        for member in members {
            let place = u16::from_le_bytes(*member);
            if usize::from(place) >= PLACES {
                return Err(damaged());
            }
            bits.insert(place);
        }
        Ok(bits)
    }

    /// Few members as their places, many as a bit for each place; the length tells which.
    pub fn encode(&self) -> Vec<u8> {
        if self.len() < DENSE {
            return self.descending().collect::<Vec<_>>().into_iter().rev().flat_map(u16::to_le_bytes).collect();
        }
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub fn insert(&mut self, place: u16) {
        self.0[usize::from(place) / 64] |= 1 << (place % 64);
    }

    pub fn remove(&mut self, place: u16) {
        self.0[usize::from(place) / 64] &= !(1 << (place % 64));
    }

    pub fn contains(&self, place: u16) -> bool {
        self.0[usize::from(place) / 64] & (1 << (place % 64)) != 0
    }

    /// Keeps what is in both.
    pub fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its places, the greatest first.
    pub fn descending(&self) -> impl Iterator<Item = u16> {
        let words = self.0;
        (0..WORD_NUMBERS).rev().flat_map(move |number| {
            let mut left = words[usize::from(number)];
            std::iter::from_fn(move || {
                let bit = left.checked_ilog2()?;
                left &= !(1 << bit);
                // Below 64.
                Some(number * 64 + u16::try_from(bit).unwrap_or_default())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn of(places: &BTreeSet<u16>) -> Bits {
        let mut bits = Bits::NONE;
        for place in places {
            bits.insert(*place);
        }
        bits
    }

    proptest! {
        #[test]
        fn a_set_is_what_was_put_in_however_it_is_written(
            one in prop::collection::btree_set(0_u16..4096, 0..600),
            other in prop::collection::btree_set(0_u16..4096, 0..600),
        ) {
            let bits = of(&one);
            prop_assert_eq!(bits.descending().collect::<Vec<_>>(), one.iter().rev().copied().collect::<Vec<_>>());
            prop_assert_eq!(bits.len(), one.len());
            let encoded = bits.encode();
            prop_assert!(encoded.len() <= 512);
            prop_assert!(Bits::decode(&encoded).unwrap() == bits);
            let mut both = bits;
            both.keep(&of(&other));
            let expected: Vec<_> = one.iter().rev().filter(|place| other.contains(place)).copied().collect();
            prop_assert_eq!(both.descending().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn the_longest_list_is_told_from_a_bit_for_each_place() {
        for members in [255, 256, 257, 4096] {
            let bits = Bits::between(0, members);
            assert!(Bits::decode(&bits.encode()).unwrap() == bits, "{members}");
        }
        assert!(Bits::NONE.encode().is_empty());
        assert!(Bits::decode(&[1]).is_err());
        assert!(Bits::decode(&[0, 16]).is_err(), "a place beyond the chunk");
    }
}
