//! What the one pass over a JSON text leaves behind: where large containers end and how many members they have.

/// Containers shorter than this many bytes are not indexed: passing over them costs no more than finding them.
pub(super) const LARGE: u32 = 1024;

/// Every so many members of a large container, the position of one is kept.
pub(in crate::response) const STRIDE: u32 = 32;

/// A container of at least [`LARGE`] bytes.
pub(super) struct Container {
    /// Its opening bracket.
    pub start: u32,
    /// The position after its closing bracket. While it is being read: the entry around it.
    pub end: u32,
    /// Its members or elements.
    pub count: u32,
}

/// The start of a member whose number is a multiple of [`STRIDE`].
pub(super) struct Mark {
    pub offset: u32,
    /// The container's position in [`Index::containers`].
    pub container: u32,
}

/// Both in the order of the text.
#[derive(Default)]
pub(super) struct Index {
    pub containers: Vec<Container>,
    pub marks: Vec<Mark>,
}

impl Index {
    /// The large container that begins at `start`.
    pub fn large(&self, start: u32) -> Option<&Container> {
        self.entry(start).map(|entry| &self.containers[entry])
    }

    /// The marks of the container at `start`, in order. Marks of containers inside it lie between its own.
    pub fn marks(&self, start: u32) -> Box<[u32]> {
        let Some(entry) = self.entry(start) else { return Box::default() };
        let container = &self.containers[entry];
        if container.count <= STRIDE {
            return Box::default();
        }
        let from = self.marks.partition_point(|mark| mark.offset < container.start);
        self.marks[from..]
            .iter()
            .take_while(|mark| mark.offset < container.end)
            .filter(|mark| mark.container as usize == entry)
            .map(|mark| mark.offset)
            .collect()
    }

    fn entry(&self, start: u32) -> Option<usize> {
        self.containers.binary_search_by_key(&start, |container| container.start).ok()
    }
}
