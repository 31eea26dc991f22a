//! The lines of a text that is not a tree: every 64th line's start is kept, the rest is found by searching.

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

    /// Line `number`, counted from 0, without its line break.
    pub fn line<'a>(&self, text: &'a str, number: u32) -> Option<&'a str> {
        if number >= self.count {
            return None;
        }
        let number = number as usize;
        let mut start = *self.starts.get(number / STRIDE)? as usize;
        for _ in 0..number % STRIDE {
            start = line_end(text, start) + 1;
        }
        let line = &text[start..line_end(text, start)];
        Some(line.strip_suffix('\r').unwrap_or(line))
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
                assert_eq!(lines.line(text, u32::try_from(number).unwrap()), Some(*line));
            }
            assert_eq!(lines.line(text, lines.count()), None);
        }
    }
}
