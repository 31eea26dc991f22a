//! Numbers and words that look random and are the same in every run.

/// A generator that is as good as its seed: `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins at this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Whether one of so many happened.
    pub fn one_of(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// Small numbers far more often than large ones, as words and customers come: below `end`.
    pub fn mostly_small(&mut self, end: u64) -> u64 {
        // The number of bits is drawn first, so each power of two is as likely as the next.
        let bits = self.below(u64::from(u64::BITS - end.leading_zeros())) + 1;
        self.below(1 << bits).min(end - 1)
    }
}

const SYLLABLES: [&str; 32] = [
    "ba", "den", "ko", "lir", "mas", "ne", "or", "pul", "ri", "sta", "tem", "ul", "va", "wen", "xi", "yor", "zan", "bre",
    "cal", "dos", "fer", "gim", "hul", "jas", "kin", "lom", "min", "nur", "pas", "qua", "ros", "sel",
];

/// The words that texts are made of.
pub const WORDS: u64 = 30_000;

/// A word by its number: the same for ever, another for each number.
pub fn word(number: u64) -> String {
    let (mut rest, mut word) = (number, String::new());
    loop {
        word.push_str(SYLLABLES[usize::try_from(rest % 32).unwrap_or_default()]);
        rest /= 32;
        if rest == 0 && word.len() > 3 {
            return word;
        }
    }
}

/// A word that stands in a few executions only: no other text begins like it.
pub fn rare_word(number: u64) -> String {
    format!("vv{}", word(number))
}
