//! Paths into XML in the usual notation: `/soap:Envelope/soap:Body/Login[2]/@id`, `/a/b/text()`.
//!
//! A name is as written, with its prefix. `[n]` counts from 1 among the children of that name; without it there must be
//! exactly one. `text()` is the text of an element that has other content too.

use super::Xml;
use crate::response::ValueKind;
use crate::response::json::Member;
use crate::response::masking::cut;

/// Names are compared with what was typed for so many children.
const MOST_COMPARED: usize = 1000;

/// A path that leads to nothing, and which part of it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::response) struct XmlPathError {
    /// The first character that is wrong, counted from 0.
    pub from: usize,
    /// The character after it.
    pub to: usize,
    /// A whole sentence.
    pub message: String,
    /// What kind of error it is.
    pub fault: XmlPathFault,
}

/// Why a path leads to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::response) enum XmlPathFault {
    /// It breaks the notation.
    Malformed,
    /// It exists only up to here; empty when not even its first step does.
    Missing {
        /// The part of the path that exists.
        deepest: String,
    },
    /// A step without a number leads to several.
    Several {
        /// The name.
        name: String,
        /// How many there are.
        times: u32,
    },
}

/// A step as typed: a name as [`Xml::name`] gives it, a number, and where it stands (bytes).
struct Step<'a> {
    name: &'a str,
    number: Option<u32>,
    from: usize,
    to: usize,
}

impl Step<'_> {
    fn is_first_text(&self) -> bool {
        self.name == "text()" && self.number.is_none_or(|number| number == 1)
    }
}

impl Xml {
    /// The value at `path`.
    pub fn find(&self, path: &str) -> Result<Member, XmlPathError> {
        Ok(self.way(path)?.pop().unwrap_or(self.root()))
    }

    /// The value at `path` where it stands as a single value, and its path as [`Self::step`] writes it. Of an element with
    /// attributes that has only text besides, it is the text.
    pub fn find_single(&self, path: &str) -> Result<(Member, String), XmlPathError> {
        let mut way = self.way(path)?;
        let mut last = way.last().copied().unwrap_or(self.root());
        if self.is_container(last.value)
            && !self.has_elements(last.value)
            && let Some(text) = self.children(last.value).find(|child| self.kind(child.value) == ValueKind::Text)
        {
            way.push(text);
            last = text;
        }
        Ok((last, self.path(&way)))
    }

    /// The path that leads through these elements, from the root on, to the last of them or a child of it.
    pub fn path(&self, way: &[Member]) -> String {
        let mut path = String::new();
        for (depth, member) in way.iter().enumerate() {
            path.push('/');
            match depth.checked_sub(1) {
                Some(above) => path.push_str(&self.step(way[above].value, *member)),
                None => path.push_str(&self.name(*member)),
            }
        }
        path
    }

    /// The elements on the way to the value at `path`, and the value.
    fn way(&self, path: &str) -> Result<Vec<Member>, XmlPathError> {
        let mut way: Vec<Member> = Vec::new();
        for step in steps(path)? {
            match way.last().copied() {
                None => way.push(self.root_of(path, &step)?),
                // The text of an element that has nothing else is the element's own value.
                Some(leaf) if step.is_first_text() && !self.is_container(leaf.value) => {}
                Some(around) => way.push(self.child_of(path, around, &step)?),
            }
        }
        Ok(way)
    }

    fn root_of(&self, path: &str, step: &Step<'_>) -> Result<Member, XmlPathError> {
        let root = self.root();
        let name = self.name(root);
        if step.name == name && step.number.is_none_or(|number| number == 1) {
            return Ok(root);
        }
        let message = format!("The outermost element is “{}”, not “{}”.", cut(&name, 80).0, cut(step.name, 80).0);
        Err(error(path, step.from..step.to, XmlPathFault::Missing { deepest: String::new() }, message))
    }

    fn child_of(&self, path: &str, around: Member, step: &Step<'_>) -> Result<Member, XmlPathError> {
        let mut named = self.children(around.value).filter(|child| self.name(*child) == step.name);
        let found = named.nth(step.number.map_or(0, |number| number as usize - 1));
        match (found, step.number) {
            (Some(found), Some(_)) => Ok(found),
            (Some(found), None) => match u32::try_from(named.count()).unwrap_or(u32::MAX) {
                0 => Ok(found),
                more => Err(several(path, step, more.saturating_add(1))),
            },
            (None, _) => Err(self.missing(path, around, step)),
        }
    }

    fn missing(&self, path: &str, around: Member, step: &Step<'_>) -> XmlPathError {
        let deepest = path[..step.from - 1].to_owned();
        let (shown, place) = (cut(step.name, 80).0, cut(&deepest, 200).0);
        let message = if let Some(number) = step.number.filter(|number| *number > 1) {
            let all = self.children(around.value).filter(|child| self.name(*child) == step.name).count();
            match all {
                0 => format!("There is no “{shown}” in {place}{}.", self.instead(around, step.name)),
                1 => format!("There is only one “{shown}” in {place}, not {number}."),
                _ => format!("There are only {all} “{shown}” in {place}, not {number}."),
            }
        } else if self.is_container(around.value) {
            format!("There is no “{shown}” in {place}{}.", self.instead(around, step.name))
        } else {
            format!("{place} is a single value; there is nothing inside it.")
        };
        error(path, step.from..step.to, XmlPathFault::Missing { deepest }, message)
    }

    /// The child whose name is nearest to what was typed, as the end of a sentence.
    fn instead(&self, around: Member, typed: &str) -> String {
        let local = |name: &str| name.rsplit([':', '@']).next().unwrap_or(name).to_lowercase();
        let names = self.children(around.value).take(MOST_COMPARED).map(|child| self.name(child));
        let distance = |name: &str| match strsim::osa_distance(&local(name), &local(typed)) {
            distance if name.starts_with('@') == typed.starts_with('@') => distance * 2,
            distance => distance * 2 + 1,
        };
        let nearest =
            names.filter(|name| name.len() <= 200).map(|name| (distance(&name), name)).min_by_key(|(distance, _)| *distance);
        match nearest {
            Some((distance, name)) if distance <= typed.chars().count() => {
                format!("; the nearest name is “{}”", cut(&name, 80).0)
            }
            _ => String::new(),
        }
    }
}

const NOT_A_PATH: &str = "A path begins with / and names elements from the outermost on, such as /login/token.";

fn several(path: &str, step: &Step<'_>, times: u32) -> XmlPathError {
    let name = cut(step.name, 80).0;
    let message = format!("There are {times} “{name}” here; write which one, such as {name}[1].");
    error(path, step.from..step.to, XmlPathFault::Several { name: step.name.to_owned(), times }, message)
}

fn error(path: &str, bytes: std::ops::Range<usize>, fault: XmlPathFault, message: String) -> XmlPathError {
    let characters = |end: usize| path.get(..end).map_or(0, |before| before.chars().count());
    XmlPathError { from: characters(bytes.start), to: characters(bytes.end), message, fault }
}

/// The steps of a path.
fn steps(path: &str) -> Result<Vec<Step<'_>>, XmlPathError> {
    let malformed = |bytes, message: &str| Err(error(path, bytes, XmlPathFault::Malformed, message.to_owned()));
    let Some(rest) = path.strip_prefix('/') else { return malformed(0..path.len(), NOT_A_PATH) };
    let mut from = 1;
    let mut steps: Vec<Step<'_>> = Vec::new();
    for typed in rest.split('/') {
        let to = from + typed.len();
        if steps.last().is_some_and(|step| step.name.starts_with('@') || step.name == "text()") {
            return malformed(from..to, "Nothing stands inside an attribute or a text; it must be the last step.");
        }
        match step(typed, from) {
            Ok(step) => steps.push(step),
            Err((range, message)) => return malformed(range, message),
        }
        from = to + 1;
    }
    Ok(steps)
}

/// One step; the error is where in the path it breaks the notation, and how.
fn step(typed: &str, from: usize) -> Result<Step<'_>, (std::ops::Range<usize>, &'static str)> {
    let to = from + typed.len();
    if typed.is_empty() {
        return Err((from.saturating_sub(1)..to, "A name is missing here; paths such as // are not offered."));
    }
    let (name, number) = match typed.find('[') {
        None => (typed, None),
        Some(bracket) => {
            let digits = typed[bracket + 1..].strip_suffix(']').filter(|digits| {
                !digits.starts_with('0') && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            let number = digits.and_then(|digits| digits.parse().ok());
            let wrong = (from + bracket..to, "Only a position from 1 on can stand in brackets, such as [2].");
            (&typed[..bracket], Some(number.ok_or(wrong)?))
        }
    };
    let local = name.strip_prefix('@').unwrap_or(name);
    let is_name = !local.is_empty() && local.bytes().all(super::markup::is_name);
    if is_name && !(name.starts_with('@') && number.is_some()) || name == "text()" {
        return Ok(Step { name, number, from, to });
    }
    if is_name {
        return Err((from + name.len()..to, "An element has an attribute only once; leave the position out."));
    }
    Err((from..to, "Only names, @attributes, text() and positions such as [2] can be used."))
}
