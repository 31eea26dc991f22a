//! How long many executions took, as counts in cells that grow with the duration: small, merged by adding and undone by
//! subtracting. Up to 31 ms each millisecond is a cell of its own; beyond that each doubling has 16 cells, so what is read
//! back is within 3.2 % of what was put in.

use super::failure::StoreFailure;

/// Each millisecond below this is a cell of its own.
const EXACT: u32 = 32;
/// Cells of each doubling above that, as a power of two.
const CELL_BITS: u32 = 4;

/// Counts of durations in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations {
    /// By cell, no count zero.
    cells: Vec<(u16, u32)>,
}

impl Durations {
    /// How many durations there are.
    pub fn count(&self) -> u64 {
        self.cells.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Adds one duration.
    pub fn add(&mut self, millis: u32) {
        self.raise(cell_of(millis), 1);
    }

    /// Adds all durations of another.
    pub fn merge(&mut self, other: &Self) {
        for (cell, count) in &other.cells {
            self.raise(*cell, *count);
        }
    }

    /// Takes all durations of another away, which were added before.
    pub fn subtract(&mut self, other: &Self) {
        for (cell, count) in &other.cells {
            if let Ok(at) = self.find(*cell) {
                self.cells[at].1 = self.cells[at].1.saturating_sub(*count);
            }
        }
        self.cells.retain(|(_, count)| *count > 0);
    }

    /// The duration that so many of a hundred stayed within (nearest rank), within 3.2 %; `None` when there are none.
    pub fn percentile(&self, percent: u32) -> Option<u32> {
        let rank = (self.count() * u64::from(percent)).div_ceil(100).max(1);
        let mut passed = 0;
        let reached = self.cells.iter().find(|(_, count)| {
            passed += u64::from(*count);
            passed >= rank
        });
        // Of a count that was asked for more than all, the last.
        reached.or(self.cells.last()).map(|(cell, _)| middle_of(*cell))
    }

    fn raise(&mut self, cell: u16, by: u32) {
        match self.find(cell) {
            Ok(at) => self.cells[at].1 = self.cells[at].1.saturating_add(by),
            Err(at) => self.cells.insert(at, (cell, by)),
        }
    }

    fn find(&self, cell: u16) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&cell, |(cell, _)| *cell)
    }

    /// Appends these counts: how many cells, then of each its distance from the one before and its count.
    pub(super) fn write_to(&self, packed: &mut Vec<u8>) {
        write_number(packed, u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
        let mut before = 0;
        for (cell, count) in &self.cells {
            write_number(packed, u32::from(cell - before));
            write_number(packed, *count);
            before = *cell;
        }
    }

    /// Reads what [`Self::write_to`] wrote.
    pub(super) fn read_from(packed: &mut &[u8]) -> Result<Self, StoreFailure> {
        let length = read_number(packed)?;
        let (mut cells, mut cell) = (Vec::new(), 0_u16);
        for _ in 0..length {
            let distance = u16::try_from(read_number(packed)?).map_err(|_| unreadable())?;
            cell = cell.checked_add(distance).ok_or_else(unreadable)?;
            cells.push((cell, read_number(packed)?));
        }
        Ok(Self { cells })
    }
}

fn cell_of(millis: u32) -> u16 {
    // A cell holds what is alike in the highest bit and the four that follow.
    let beyond = if millis < EXACT { 0 } else { millis.ilog2() - CELL_BITS };
    u16::try_from((beyond << CELL_BITS) + (millis >> beyond)).unwrap_or(u16::MAX)
}

fn middle_of(cell: u16) -> u32 {
    let cell = u32::from(cell);
    if cell < EXACT {
        return cell;
    }
    let beyond = (cell >> CELL_BITS) - 1;
    let low = (cell - (beyond << CELL_BITS)) << beyond;
    low + ((1 << beyond) - 1) / 2
}

/// A number in as few bytes as it needs: seven bits each, the lowest first.
pub(super) fn write_number(packed: &mut Vec<u8>, number: u32) {
    let mut rest = number;
    while rest >= 0x80 {
        packed.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    packed.push(u8::try_from(rest).unwrap_or_default());
}

pub(super) fn read_number(packed: &mut &[u8]) -> Result<u32, StoreFailure> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (first, rest) = packed.split_first().ok_or_else(unreadable)?;
        *packed = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return u32::try_from(number).map_err(|_| unreadable());
        }
    }
    Err(unreadable())
}

pub(super) fn unreadable() -> StoreFailure {
    StoreFailure::Other("a count of the log can't be read".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(millis: &[u32]) -> Durations {
        let mut durations = Durations::default();
        for millis in millis {
            durations.add(*millis);
        }
        durations
    }

    #[test]
    fn what_is_read_back_is_within_a_thirtieth_and_cells_follow_each_other() {
        let (mut before, mut cells) = (0, 0);
        for millis in (0..100_000).chain((0..12_000).map(|step| 100_000 + step * 300)).chain([u32::MAX - 1, u32::MAX]) {
            let (cell, read) = (cell_of(millis), middle_of(cell_of(millis)));
            assert!(cell == before || cell == before + 1 || millis > 4_000_000, "{millis} skips a cell");
            assert!(f64::from(read.abs_diff(millis)) <= f64::from(millis) * 0.032, "{millis} is read back as {read}");
            cells += u32::from(cell != before);
            before = cell;
        }
        assert!(cells < 480, "{cells} cells");
    }

    #[test]
    fn few_durations_have_the_percentiles_that_people_count_out() {
        assert_eq!(of(&[]).percentile(50), None);
        assert_eq!((of(&[7]).percentile(50), of(&[7]).percentile(95)), (Some(7), Some(7)));
        assert_eq!((of(&[3, 9]).percentile(50), of(&[3, 9]).percentile(95)), (Some(3), Some(9)));
        assert_eq!((of(&[0, 5, 30]).percentile(50), of(&[30, 0, 5]).percentile(95)), (Some(5), Some(30)));
        let twenty: Vec<u32> = (1..=20).collect();
        assert_eq!((of(&twenty).percentile(50), of(&twenty).percentile(95)), (Some(10), Some(19)));
    }

    #[test]
    fn what_can_not_be_read_is_refused() {
        for packed in [&b""[..], b"\x01", b"\x01\x01", b"\x01\xff\xff\xff\xff\xff\x01", b"\x02\xff\xff\x03\x01\x01\x01"] {
            assert!(Durations::read_from(&mut &*packed).is_err(), "{packed:?}");
        }
    }

    proptest! {
        #[test]
        fn packed_and_read_again_they_are_the_same(millis in prop::collection::vec(any::<u32>(), 0..200)) {
            let durations = of(&millis);
            let mut packed = Vec::new();
            durations.write_to(&mut packed);
            let mut rest = &packed[..];
            prop_assert_eq!(Durations::read_from(&mut rest).unwrap(), durations);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn a_percentile_is_near_the_one_of_the_sorted_list(
            millis in prop::collection::vec(0..4_000_000_u32, 1..300),
            percent in 1..=100_u32,
        ) {
            let mut sorted = millis.clone();
            sorted.sort_unstable();
            let rank = (sorted.len() * percent as usize).div_ceil(100).max(1);
            let (exact, read) = (sorted[rank - 1], of(&millis).percentile(percent).unwrap());
            prop_assert!(f64::from(read.abs_diff(exact)) <= f64::from(exact) * 0.05, "{} for {}", read, exact);
        }

        #[test]
        fn merged_and_subtracted_they_are_as_if_counted_anew(
            kept in prop::collection::vec(0..100_000_u32, 0..100),
            gone in prop::collection::vec(0..100_000_u32, 0..100),
        ) {
            let mut durations = of(&gone);
            durations.merge(&of(&kept));
            durations.subtract(&of(&gone));
            prop_assert_eq!(durations, of(&kept));
        }
    }
}
