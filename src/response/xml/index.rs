//! What the one pass over an XML text leaves behind: where that ends which is long to pass over, and what elements hold.
//!
//! An entry is made only for what takes at least [`LARGE`] bytes of reading to pass over, entries inside it being stepped
//! over. So each entry is paid for by bytes of its own, however deep elements are nested.

use std::ops::Range;

/// What can be passed over by reading fewer bytes is not indexed: that costs no more than finding it.
const LARGE: u32 = 1024;

/// What stepping over an entry is counted as, in bytes read.
const STEP: u32 = 16;

/// Every so many children of an indexed element, the position of one is kept.
pub(super) const STRIDE: u32 = 32;

/// An indexed element, attribute or run of text.
pub(super) struct Entry {
    /// Where it begins.
    pub start: u32,
    /// The position after it.
    pub end: u32,
    /// The children of an element; of a run of text, 0 when it is blank and else 1; 1 for an attribute.
    pub count: u32,
    /// Where an element's marks begin in [`Index::marks`].
    marks: u32,
    /// How many children stand before the first element, if all from there on are elements of one name; else [`MIXED`].
    before: u32,
}

/// Stands for "not all of one name".
const MIXED: u32 = u32::MAX;

impl Entry {
    /// How many children stand before the first element, if all from there on are elements of one name.
    pub fn alike_from(&self) -> Option<u32> {
        (self.before != MIXED).then_some(self.before)
    }
}

/// Takes at most 7 % of the text: 5 % for marks (4 bytes for 32 children, two of which take at least 5 bytes) and 2 % for
/// entries (20 bytes for 1,024).
#[derive(Default)]
pub(super) struct Index {
    /// In the order of the text.
    entries: Vec<Entry>,
    /// The starts of children 32, 64, 96 … of each indexed element, those of one together.
    marks: Vec<u32>,
}

impl Index {
    /// The entry that begins at `start`, or else those that begin later.
    pub fn find(&self, start: u32) -> Result<&Entry, &[Entry]> {
        match self.entries.binary_search_by_key(&start, |entry| entry.start) {
            Ok(entry) => Ok(&self.entries[entry]),
            Err(after) => Err(&self.entries[after..]),
        }
    }

    /// The starts of children 32, 64, 96 … of the element at `start`; none when it is not indexed.
    pub fn marks(&self, start: u32) -> &[u32] {
        let Ok(entry) = self.find(start) else { return &[] };
        let (from, number) = (entry.marks as usize, entry.count.saturating_sub(1) / STRIDE);
        self.marks.get(from..from + number as usize).unwrap_or_default()
    }
}

#[cfg(test)]
impl Index {
    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.entries) + size_of_val(&*self.marks)
    }
}

/// An element that is being read.
struct Open {
    start: u32,
    count: u32,
    /// How many bytes were stepped over when it began.
    stepped: u32,
    /// How many marks of elements around it wait in [`Builder::waiting`].
    marks: usize,
    /// As [`Entry::before`]; 0 while no element is inside it.
    before: u32,
    /// The name of the first element inside it.
    first: Range<usize>,
}

/// Builds an index while the text is read from front to back.
pub(super) struct Builder<'a> {
    bytes: &'a [u8],
    index: Index,
    open: Vec<Open>,
    /// The marks of the open elements, those of the innermost last.
    waiting: Vec<u32>,
    /// Bytes of all before that need not be read to pass over them.
    stepped: u32,
}

impl<'a> Builder<'a> {
    /// An empty index of a text.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, index: Index::default(), open: Vec::new(), waiting: Vec::new(), stepped: 0 }
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where the innermost open element begins.
    pub fn innermost(&self) -> Option<u32> {
        self.open.last().map(|open| open.start)
    }

    /// How many children the innermost open element has so far.
    pub fn count(&self) -> u32 {
        self.open.last().map_or(0, |open| open.count)
    }

    /// An attribute or a run of text begins, a child of the innermost open element.
    pub fn child(&mut self, start: u32) {
        let Some(open) = self.open.last_mut() else { return };
        if !open.first.is_empty() {
            open.before = MIXED;
        }
        Self::add(open, &mut self.waiting, start);
    }

    /// An element of this name begins inside the innermost open one, or as the root.
    pub fn enter(&mut self, start: u32, name: Range<usize>) {
        if let Some(open) = self.open.last_mut() {
            if open.first.is_empty() {
                (open.before, open.first) = (open.count, name);
            } else if self.bytes[open.first.clone()] != self.bytes[name] {
                open.before = MIXED;
            }
            Self::add(open, &mut self.waiting, start);
        }
        self.open.push(Open { start, count: 0, stepped: self.stepped, marks: self.waiting.len(), before: 0, first: 0..0 });
    }

    fn add(open: &mut Open, waiting: &mut Vec<u32>, start: u32) {
        if open.count != 0 && open.count.is_multiple_of(STRIDE) {
            waiting.push(start);
        }
        open.count += 1;
    }

    /// The innermost open element has ended.
    pub fn leave(&mut self, end: u32) {
        let Some(open) = self.open.pop() else { return };
        let read = (end - open.start).saturating_sub(self.stepped - open.stepped);
        if read >= LARGE {
            let marks = u32::try_from(self.index.marks.len()).unwrap_or(u32::MAX);
            self.index.entries.push(Entry { start: open.start, end, count: open.count, marks, before: open.before });
            self.index.marks.extend(&self.waiting[open.marks..]);
            self.stepped = open.stepped + (end - open.start - STEP);
        }
        self.waiting.truncate(open.marks);
    }

    /// An attribute or a run of text has been read.
    pub fn single(&mut self, start: u32, end: u32, blank: bool) {
        if end - start >= LARGE {
            self.index.entries.push(Entry { start, end, count: u32::from(!blank), marks: 0, before: MIXED });
            self.stepped += end - start - STEP;
        }
    }

    /// The index of the text that was read.
    pub fn finish(mut self) -> Index {
        // An element's entry was made at its end, after those inside it.
        self.index.entries.sort_unstable_by_key(|entry| entry.start);
        self.index.entries.shrink_to_fit();
        self.index.marks.shrink_to_fit();
        self.index
    }
}
