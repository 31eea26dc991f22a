//! The way to a row in words that a token location is made of (T4): a path in each text, and how the next one is opened.

use super::opened::Inside;
use super::path::{self, Step};
use super::sources::{OUTER, SourceId};
use crate::response::json::Member;
use crate::response::pointer;
use crate::response::row::PathForm;
use crate::response::source::{ROOT, Source};
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// Why nothing from here on can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Blocked {
    /// A name stands more than once in its object.
    Repeated(String),
    /// An earlier field of the same name counts.
    NotFirst,
    /// A later cookie of the same name counts.
    NotLast,
    /// The field has no name.
    Nameless,
}

/// Grows and shrinks with each level, so that a page of rows costs the way to its first one, not to each.
pub(super) struct Way {
    parts: Vec<Part>,
    steps: usize,
    /// From which step on, and why.
    blocked: Option<(usize, Blocked)>,
}

/// The way within one text.
struct Part {
    kind: Kind,
    text: String,
    /// How long `text` was before each step.
    before: Vec<usize>,
    /// The claim, which is a step of its own; `text` is a pointer into it.
    claim: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Claims,
    Xml,
    Lines,
    Form,
    Field(LocationIn),
}

impl Part {
    fn new(source: Source<'_>) -> Self {
        let kind = match source {
            Source::Json(_) => Kind::Json,
            Source::Claims(_) => Kind::Claims,
            Source::Xml(_) => Kind::Xml,
            Source::Lines(..) => Kind::Lines,
            Source::Form(_) => Kind::Form,
            Source::Fields(_) => Kind::Field(LocationIn::Header),
        };
        // The outermost element is a step of its own.
        let text = if let Source::Xml(xml) = source { format!("/{}", xml.name(xml.root())) } else { String::new() };
        Self { kind, text, before: Vec::new(), claim: None }
    }
}

impl Way {
    /// To the outermost value of a view.
    pub fn new(source: Source<'_>) -> Self {
        Self { parts: vec![Part::new(source)], steps: 0, blocked: None }
    }

    /// Goes one step down, to a child of a container.
    pub fn push(&mut self, source: Source<'_>, inside: Inside<'_>, member: Member, ordinal: u32) {
        let name = source.name(member);
        if self.blocked.is_none()
            && let Some(reason) = blocked(source, inside, member, name.as_deref())
        {
            self.blocked = Some((self.steps, reason));
        }
        self.steps += 1;
        let Some(part) = self.parts.last_mut() else { return };
        part.before.push(part.text.len());
        match (part.kind, name) {
            (Kind::Claims, Some(name)) if part.before.len() == 1 => part.claim = Some(name.into_owned()),
            (Kind::Json | Kind::Claims, Some(name)) => pointer::push(&mut part.text, &name),
            (Kind::Json | Kind::Claims, None) => pointer::push(&mut part.text, &ordinal.to_string()),
            (Kind::Xml, name) => {
                part.text.push('/');
                match source {
                    Source::Xml(xml) => part.text.push_str(&xml.step(inside.around, member)),
                    _ => part.text.push_str(&name.unwrap_or_default()),
                }
            }
            (Kind::Lines, _) => part.text.push_str(&(ordinal + 1).to_string()),
            (Kind::Form, name) => part.text.push_str(&name.unwrap_or_default()),
            (Kind::Field(_), name) => {
                part.kind = Kind::Field(match source {
                    Source::Fields(fields) => fields.part(member.value),
                    _ => LocationIn::Header,
                });
                // The group is no part of the location.
                if inside.around != ROOT {
                    part.text.push_str(&name.unwrap_or_default());
                }
            }
        }
    }

    /// Goes one step up.
    pub fn pop(&mut self) {
        let Some(part) = self.parts.last_mut() else { return };
        if let Some(before) = part.before.pop() {
            part.text.truncate(before);
        }
        if part.before.is_empty() {
            part.claim = None;
        }
        self.steps -= 1;
        if self.blocked.as_ref().is_some_and(|(from, _)| *from >= self.steps) {
            self.blocked = None;
        }
    }

    /// Goes on in the text that a single value was opened to.
    pub fn enter(&mut self, source: Source<'_>) {
        self.parts.push(Part::new(source));
    }

    /// Comes back from there.
    pub fn leave(&mut self) {
        self.parts.pop();
    }

    /// Why nothing here can be chosen.
    pub fn blocked(&self) -> Option<&Blocked> {
        self.blocked.as_ref().map(|(_, reason)| reason)
    }

    /// How many bytes the paths take.
    pub fn length(&self) -> usize {
        self.parts.iter().map(|part| part.text.len()).sum()
    }

    /// The pointer into a JSON body; `None` in anything else.
    pub fn pointer(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [part] if part.kind == Kind::Json => Some(&part.text),
            _ => None,
        }
    }

    /// Whether any part of the way satisfies `known`, as it is written or with its pointers unescaped.
    pub fn any(&self, known: impl Fn(&str) -> bool) -> bool {
        self.parts.iter().any(|part| {
            let unescaped = part.text.contains('~').then(|| part.text.replace("~1", "/").replace("~0", "~"));
            let texts = [Some(part.text.as_str()), unescaped.as_deref(), part.claim.as_deref()];
            texts.into_iter().flatten().any(&known)
        })
    }

    /// The location of the place that the way leads to.
    pub fn location(&self) -> TokenLocation {
        let mut location = TokenLocation { part: LocationIn::Text, at: String::new(), then: Vec::new() };
        for (number, part) in self.parts.iter().enumerate() {
            match part.kind {
                Kind::Json if number == 0 => {
                    location.part = LocationIn::Json;
                    location.at.clone_from(&part.text);
                }
                Kind::Xml => {
                    location.part = LocationIn::Xml;
                    location.at.clone_from(&part.text);
                }
                Kind::Form | Kind::Field(_) => {
                    location.part = if let Kind::Field(field) = part.kind { field } else { LocationIn::Form };
                    location.at.clone_from(&part.text);
                }
                Kind::Json => location.then.push(LocationStep::Json { at: part.text.clone() }),
                Kind::Claims => {
                    location.then.extend(part.claim.clone().map(|claim| LocationStep::JwtClaim { claim }));
                    if !part.text.is_empty() {
                        location.then.push(LocationStep::Json { at: part.text.clone() });
                    }
                }
                Kind::Lines => location.then.extend(part.text.parse().ok().map(|number| LocationStep::Line { number })),
            }
        }
        location
    }
}

fn blocked(source: Source<'_>, inside: Inside<'_>, member: Member, name: Option<&str>) -> Option<Blocked> {
    let name = name?;
    match source {
        Source::Json(_) | Source::Claims(_) => {
            inside.repeated.holds(source, inside.around, name).then(|| Blocked::Repeated(name.to_owned()))
        }
        Source::Form(_) if name.trim().is_empty() => Some(Blocked::Nameless),
        Source::Form(form) => {
            let earlier = || form.counting(name).is_some_and(|first| first.start != member.start);
            (inside.repeated.holds(source, inside.around, name) && earlier()).then_some(Blocked::NotFirst)
        }
        Source::Fields(fields) if inside.around != ROOT => {
            let part = fields.part(member.value);
            match fields.counting(part, name) {
                _ if name.is_empty() => Some(Blocked::Nameless),
                Some(counting) if counting == member => None,
                _ if part == LocationIn::Cookie => Some(Blocked::NotLast),
                _ => Some(Blocked::NotFirst),
            }
        }
        Source::Xml(_) | Source::Lines(..) | Source::Fields(_) => None,
    }
}

/// A step of a path that is copied.
pub(super) struct PathStep<'a> {
    pub id: SourceId,
    pub source: Source<'a>,
    /// The container whose child it is.
    pub around: u32,
    pub member: Member,
    pub ordinal: u32,
}

/// The path of the outermost value.
pub(super) fn outermost(source: Source<'_>, form: PathForm) -> String {
    match source {
        Source::Json(_) => path::write(form, std::iter::empty()),
        Source::Xml(xml) => format!("/{}", xml.name(xml.root())),
        _ => String::new(),
    }
}

/// A path as it is copied: within each text in the notation asked for, the texts after the first behind “then”.
pub(super) fn write(form: PathForm, steps: &[PathStep<'_>]) -> String {
    let texts = steps.chunk_by(|one, other| one.id == other.id);
    let written: Vec<String> = texts.filter_map(|steps| write_text(form, steps)).collect();
    written.join(", then ")
}

fn write_text(form: PathForm, steps: &[PathStep<'_>]) -> Option<String> {
    let names: Vec<_> = steps.iter().map(|step| (step.source.name(step.member), step.ordinal)).collect();
    let within = names.iter().map(|(name, ordinal)| match name {
        Some(name) => Step::Name(name),
        None => Step::Number(*ordinal),
    });
    let last = steps.last()?;
    let name = || last.source.name(last.member).unwrap_or_default();
    Some(match last.source {
        Source::Json(_) if last.id == OUTER => path::write(form, within),
        Source::Json(_) => format!("JSON {}", path::write(form, within)),
        Source::Claims(_) => format!("JWT {}", path::write(form, within)),
        Source::Xml(xml) => {
            let below = steps.iter().map(|step| format!("/{}", xml.step(step.around, step.member)));
            outermost(last.source, form) + &below.collect::<String>()
        }
        Source::Lines(..) => format!("line {}", last.ordinal + 1),
        Source::Form(_) => format!("form field {}", name()),
        Source::Fields(_) if last.around == ROOT => name().into_owned(),
        Source::Fields(fields) if fields.part(last.member.value) == LocationIn::Cookie => format!("cookie {}", name()),
        Source::Fields(_) => format!("header {}", name()),
    })
}
