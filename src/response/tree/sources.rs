//! The texts that a view shows: its own, and those that values in it were opened to.
//!
//! A nested text is a copy (it had to be unescaped or decoded) and lives as long as its value is open. Together they take
//! at most [`MOST_NESTED`] bytes.

use crate::response::json::Json;
use crate::response::jwt;
use crate::response::lines::Lines;
use crate::response::row::Opens;
use crate::response::shown::Shown;
use crate::response::source::Source;

/// Identifies a source of a view.
pub(super) type SourceId = u16;

/// The view's own source.
pub(super) const OUTER: SourceId = 0;

/// A longer value is not opened.
const LONGEST_NESTED: usize = 16 << 20;

/// The open nested texts of a view take no more bytes than this.
const MOST_NESTED: usize = 64 << 20;

/// So many values are opened inside one another, as many steps as a location takes at most.
const DEEPEST: u8 = 8;

/// Why a single value can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenFailure {
    /// It is too long.
    #[error("This value is longer than 16 MiB, so it can't be opened as a tree.")]
    TooLong,
    /// Others take up all the room.
    #[error("The values that were opened in this response take up 64 MiB together.")]
    NoRoom,
    /// Too many values are opened inside one another.
    #[error("Eight values are opened inside one another here; that is as deep as a location can point.")]
    TooDeep,
    /// It only began like JSON.
    #[error("This value is not JSON at character {at}: {what}.")]
    NotJson {
        /// The character, counted from 1.
        at: usize,
        /// Why, as the end of a sentence.
        what: &'static str,
    },
    /// It only looked like more than one value.
    #[error("There is nothing inside this value.")]
    NothingInside,
}

impl OpenFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::TooLong => "Copy it and look at it in another program.",
            Self::NoRoom => "Close some of them first.",
            Self::TooDeep | Self::NothingInside => "Copy the value to look at it elsewhere.",
            Self::NotJson { .. } => "Reveal the value to look at it as it is.",
        }
    }
}

/// The sources of one view.
pub(super) struct Sources {
    shown: Shown,
    /// By [`SourceId`], less one; those of closed values are free.
    nested: Vec<Option<Nested>>,
    bytes: usize,
}

struct Nested {
    content: Content,
    depth: u8,
    bytes: usize,
}

enum Content {
    Json(Json),
    Claims(Json),
    Lines(String, Lines),
}

impl Sources {
    pub fn new(shown: Shown) -> Self {
        Self { shown, nested: Vec::new(), bytes: 0 }
    }

    /// What the view shows.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// The view's own source; `None` when there is nothing to show.
    pub fn outer(&self) -> Option<Source<'_>> {
        self.shown.source()
    }

    /// The source of this id, which must be open.
    pub fn get(&self, id: SourceId) -> Option<Source<'_>> {
        let Some(nested) = id.checked_sub(1) else { return self.outer() };
        Some(match &self.nested.get(nested as usize)?.as_ref()?.content {
            Content::Json(json) => Source::Json(json),
            Content::Claims(json) => Source::Claims(json),
            Content::Lines(text, lines) => Source::Lines(text, lines),
        })
    }

    /// How many values are open around a source, one inside the other.
    fn depth(&self, id: SourceId) -> u8 {
        let nested = id.checked_sub(1).and_then(|nested| self.nested.get(nested as usize)?.as_ref());
        nested.map_or(0, |nested| nested.depth)
    }

    /// Whether a value of this source can be opened at all.
    pub fn may_open(&self, id: SourceId) -> bool {
        self.depth(id) < DEEPEST
    }

    /// Opens a single value of a source.
    pub fn open(&mut self, around: SourceId, value: u32, opens: Opens) -> Result<SourceId, OpenFailure> {
        let depth = self.depth(around) + 1;
        if depth > DEEPEST {
            return Err(OpenFailure::TooDeep);
        }
        let source = self.get(around).ok_or(OpenFailure::NothingInside)?;
        if source.length(value) > LONGEST_NESTED {
            return Err(OpenFailure::TooLong);
        }
        let text = source.scalar(value);
        let bytes = text.len();
        if self.bytes + bytes > MOST_NESTED {
            return Err(OpenFailure::NoRoom);
        }
        let content = match opens {
            Opens::Json => Content::Json(Json::parse(text.into_owned()).map_err(|(text, error)| OpenFailure::NotJson {
                at: crate::response::masking::prefix(&text, error.at).chars().count() + 1,
                what: error.what,
            })?),
            Opens::Jwt => Content::Claims(jwt::claims(&text).ok_or(OpenFailure::NothingInside)?),
            Opens::Lines => {
                let lines = Lines::new(&text);
                Content::Lines(text.into_owned(), lines)
            }
        };
        let id = self.free_id().ok_or(OpenFailure::NoRoom)?;
        self.bytes += bytes;
        self.nested[id as usize - 1] = Some(Nested { content, depth, bytes });
        Ok(id)
    }

    fn free_id(&mut self) -> Option<SourceId> {
        let free = self.nested.iter().position(Option::is_none).unwrap_or(self.nested.len());
        let id = SourceId::try_from(free + 1).ok()?;
        if free == self.nested.len() {
            self.nested.push(None);
        }
        Some(id)
    }

    /// Lets a nested text go when its value is closed.
    pub fn close(&mut self, id: SourceId) {
        let nested = id.checked_sub(1).and_then(|nested| self.nested.get_mut(nested as usize));
        self.bytes -= nested.and_then(Option::take).map_or(0, |nested| nested.bytes);
    }
}
