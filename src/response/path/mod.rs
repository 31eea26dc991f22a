//! Typed locations: paths read and written, what they yield, and how they can be completed.

mod branches;
mod complete;
pub(super) mod jsonpath;
mod preview;
mod views;

use std::borrow::Cow;

pub use complete::complete;
pub use preview::preview;
pub use views::{Completion, LocationError, LocationPreview, PreviewValue};

use super::json::{Json, Member};

/// One step from a container to a child of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// To the member with this name.
    Name(Cow<'a, str>),
    /// To the element at this position.
    Index(u32),
}

/// The steps from the document to a node. Reads each sibling before them once, whatever the depth.
pub(super) fn steps_to(json: &Json, node: Member) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut around = json.root().value;
    while around != node.value && json.is_container(around) {
        let named = json.is_object(around);
        let mut next = json.first(around);
        let mut index = 0;
        let mut inside = None;
        while let Some(member) = next {
            let end = json.end(member.value);
            if node.value < end {
                inside = Some(member);
                break;
            }
            next = json.next(end, named);
            index += 1;
        }
        let Some(member) = inside else { break };
        steps.push(match json.key(member) {
            Some(name) => Step::Name(name),
            None => Step::Index(index),
        });
        around = member.value;
    }
    steps
}
