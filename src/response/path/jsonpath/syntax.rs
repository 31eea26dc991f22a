//! A JSONPath as it was read: RFC 9535's grammar with its types already checked, so that nothing ill typed can be built.

/// One segment: which nodes it starts from, and what it selects of each.
#[derive(Debug, PartialEq)]
pub(super) struct Segment {
    /// Whether it looks at the node and everything below it, not at the node alone.
    pub descendants: bool,
    /// In the order in which they are written.
    pub selectors: Vec<Selector>,
}

/// What is selected among the children of a node (section 2.3).
#[derive(Debug, PartialEq)]
pub(super) enum Selector {
    /// The member with this name.
    Name(String),
    /// Every child.
    Wildcard,
    /// One element, from the end when negative.
    Index(i64),
    /// Elements at regular distances.
    Slice {
        /// The first.
        start: Option<i64>,
        /// Before which it ends.
        end: Option<i64>,
        /// The distance; 0 selects nothing.
        step: i64,
    },
    /// Every child for which this holds.
    Filter(Logical),
}

/// What holds or does not (section 2.3.5).
#[derive(Debug, PartialEq)]
pub(super) enum Logical {
    /// At least one of them.
    Any(Vec<Logical>),
    /// All of them.
    All(Vec<Logical>),
    /// Not this.
    Not(Box<Logical>),
    /// The query yields at least one node.
    Exists(NodeQuery),
    /// A comparison.
    Compare(Comparable, Comparison, Comparable),
    /// `match` or `search`.
    Matches {
        /// The text.
        text: Comparable,
        /// The regular expression (RFC 9485).
        pattern: Comparable,
        /// Whether the whole text must match.
        whole: bool,
    },
}

/// The six comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What has one value or none (`ValueType`, section 2.4.1).
#[derive(Debug, PartialEq)]
pub(super) enum Comparable {
    /// A text.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// The value of a query that can yield one node at most.
    Singular(NodeQuery),
    /// `length`: of a text in characters, of an array or object in children.
    Length(Box<Comparable>),
    /// `count`: how many nodes.
    Count(NodeQuery),
    /// `value`: that of the only node.
    Value(NodeQuery),
}

/// A query inside a filter.
#[derive(Debug, PartialEq)]
pub(super) struct NodeQuery {
    /// Whether it starts at the document (`$`) instead of the child looked at (`@`).
    pub from_root: bool,
    pub segments: Vec<Segment>,
}

impl NodeQuery {
    /// Whether it can yield one node at most (section 2.3.5.1).
    pub fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descendants && matches!(segment.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
        })
    }
}
