//! Which names stand more than once in a container, so that a path by name would not lead to one value.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::OnceLock;

use crate::response::source::Source;

/// Containers with at most this many members are compared name by name.
const FEW: u32 = 8;

/// The repeated names of an open container, found when it is first asked about. It keeps 8 bytes for each of them.
#[derive(Default)]
pub(super) struct Repeated(OnceLock<Option<Box<Names>>>);

struct Names {
    /// Drawn at random, so that nobody can send names that are taken for one another.
    keys: RandomState,
    /// Ascending.
    hashes: Box<[u64]>,
}

impl Repeated {
    /// Whether a name stands more than once among the children of the container at `around`. Two different names count as
    /// one if their hashes are the same, which happens in one of a million responses with five million names: the value
    /// can't be chosen then, but no wrong one is.
    pub fn holds(&self, source: Source<'_>, around: u32, name: &str) -> bool {
        let names = self.0.get_or_init(|| find(source, around));
        names.as_ref().is_some_and(|names| names.hashes.binary_search(&names.keys.hash_one(name)).is_ok())
    }
}

/// A first pass notes in a few bits for each name which hashes may repeat, a second one keeps those and no others.
fn find(source: Source<'_>, around: u32) -> Option<Box<Names>> {
    let count = source.count(around);
    if count < 2 {
        return None;
    }
    let keys = RandomState::new();
    let names = || hashes(source, around, &keys);
    let mut hashes: Vec<u64> = if count <= FEW {
        names().collect()
    } else {
        let bits = (u64::from(count) * 8).next_power_of_two();
        let mut once = vec![0_u64; usize::try_from(bits / 64 + 1).ok()?];
        let mut twice = once.clone();
        let place = |hash: u64| (usize::try_from((hash & (bits - 1)) / 64).unwrap_or(0), 1_u64 << (hash % 64));
        for (word, bit) in names().map(place) {
            twice[word] |= once[word] & bit;
            once[word] |= bit;
        }
        let again = |hash: &u64| {
            let (word, bit) = place(*hash);
            twice[word] & bit != 0
        };
        names().filter(again).collect()
    };
    hashes.sort_unstable();
    let repeated = hashes.chunk_by(|one, other| one == other).filter(|same| same.len() > 1).map(|same| same[0]);
    let hashes: Box<[u64]> = repeated.collect();
    (!hashes.is_empty()).then(|| Box::new(Names { keys, hashes }))
}

fn hashes(source: Source<'_>, around: u32, keys: &RandomState) -> impl Iterator<Item = u64> {
    let mut next = source.first(around);
    std::iter::from_fn(move || {
        let member = next?;
        next = source.next(around, source.end(member.value));
        Some(keys.hash_one(source.name(member)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::json::Json;

    fn json(members: impl Iterator<Item = String>) -> Json {
        let members: Vec<String> = members.map(|name| format!("\"{name}\":0")).collect();
        Json::parse(format!("{{{}}}", members.join(","))).map_err(|(_, error)| error).unwrap()
    }

    fn repeated(json: &Json) -> impl Fn(&str) -> bool {
        let found = Repeated::default();
        move |name| found.holds(Source::Json(json), json.root().value, name)
    }

    #[test]
    fn t4_names_that_stand_twice_are_found_among_few_and_among_many() {
        for many in [3, 9, 20_000] {
            let once = json((0..many).map(|number| format!("k{number}")));
            let is_repeated = repeated(&once);
            assert!((0..many).all(|number| !is_repeated(&format!("k{number}"))));
            let twice = json((0..many).chain([1]).map(|number| format!("k{number}")));
            let is_repeated = repeated(&twice);
            assert!((0..many).all(|number| is_repeated(&format!("k{number}")) == (number == 1)));
        }
    }

    #[test]
    fn t4_a_name_is_the_same_however_it_is_escaped() {
        let json = json(["a", "\\u0061", "b"].into_iter().map(str::to_owned));
        let is_repeated = repeated(&json);
        assert!(is_repeated("a") && !is_repeated("b"));
    }
}
