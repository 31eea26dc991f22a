//! The lines of a text that is not a tree: every 64th line's start is kept, the rest is found by searching.

use super::json::Member;
use super::source::ROOT;

/// How many lines apart the kept starts are.
const STRIDE: usize = 64;

/// An index of a text's lines. A line break at the very end begins no further line.
#[derive(Default)]
pub(super) struct Lines {
    starts: Vec<u32>,
    count: u32,
}

impl Lines {
    /// Counts the lines of `text`; what lies beyond 4 GiB is left out.
    pub fn new(text: &str) -> Self {
        let mut lines = Self::default();
        let mut start = 0;
        while start < text.len() {
            let Ok(offset) = u32::try_from(start) else { break };
            if (lines.count as usize).is_multiple_of(STRIDE) {
                lines.starts.push(offset);
            }
            lines.count += 1;
            start = line_end(text, start) + 1;
        }
        lines
    }

    /// How many lines there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Where line `number`, counted from 0, begins.
    pub fn start(&self, text: &str, number: u32) -> Option<u32> {
        if number >= self.count {
            return None;
        }
        let number = number as usize;
        let mut start = *self.starts.get(number / STRIDE)? as usize;
        for _ in 0..number % STRIDE {
            start = line_end(text, start) + 1;
        }
        u32::try_from(start).ok()
    }

    /// The position after the line that begins at `start` and its line break; after the text for the whole of it.
    pub fn end(text: &str, start: u32) -> u32 {
        let end = if start == ROOT { text.len() } else { (line_end(text, start as usize) + 1).min(text.len()) };
        u32::try_from(end).unwrap_or(ROOT)
    }

    /// The line that begins at `start`, without its line break.
    pub fn line_at(text: &str, start: u32) -> &str {
        let start = start as usize;
        let line = &text[start..line_end(text, start)];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// A line at or before the position, not far from it, and its number.
    pub fn around(&self, position: u32) -> Option<(u32, Member)> {
        let kept = self.starts.partition_point(|start| *start <= position).checked_sub(1)?;
        let start = self.starts[kept];
        Some((u32::try_from(kept * STRIDE).ok()?, Member { start, value: start }))
    }
}

fn line_end(text: &str, start: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |found| start + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_as_str_lines_finds_it() {
        let long = "some line\r\n".repeat(300) + "end";
        for text in ["", "\n", "a", "a\n", "a\n\nb", "\r\n\r\n", "ü\nx", long.as_str()] {
            let lines = Lines::new(text);
            let all: Vec<&str> = text.lines().collect();
            assert_eq!(lines.count() as usize, all.len(), "{text:?}");
            for (number, line) in all.iter().enumerate() {
                let number = u32::try_from(number).unwrap();
                let start = lines.start(text, number).unwrap();
                assert_eq!(Lines::line_at(text, start), *line);
                assert_eq!(lines.start(text, number + 1).unwrap_or(Lines::end(text, ROOT)), Lines::end(text, start));
                let (before, member) = lines.around(start).unwrap();
                assert!(before <= number && member.start <= start && before + 64 > number);
            }
            assert_eq!(lines.start(text, lines.count()), None);
        }
    }
}
