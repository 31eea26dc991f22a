//! The fields of a form, `a=b&c=d`, read in place: every 64th field's start is kept, the rest is found by searching.

use std::borrow::Cow;
use std::ops::Range;

use url::form_urlencoded;

use super::json::Member;

/// How many fields apart the kept starts are.
const STRIDE: usize = 64;

/// A text that is taken for a form without being announced as one has at most this many bytes.
const LARGEST_GUESSED: usize = 64 * 1024;

/// A text of form fields with its index. A field's value begins behind its `=`.
pub(super) struct Form {
    text: String,
    /// Without the white space around the fields.
    fields: Range<usize>,
    starts: Vec<u32>,
    count: u32,
}

impl Form {
    /// Finds the fields of a text of less than 4 GiB; gives a larger one back.
    pub fn new(text: String) -> Result<Self, String> {
        if u32::try_from(text.len()).is_err() {
            return Err(text);
        }
        let start = text.len() - text.trim_start().len();
        let fields = start..text.trim_end().len().max(start);
        let mut form = Self { text, fields, starts: Vec::new(), count: 0 };
        let mut next = form.next_from(form.fields.start);
        while let Some(member) = next {
            if (form.count as usize).is_multiple_of(STRIDE) {
                form.starts.push(member.start);
            }
            form.count += 1;
            next = form.next(form.end(member.value));
        }
        Ok(form)
    }

    /// Whether a text that is not announced as a form plainly is one: one line of `name=value` pairs, at least two, whose
    /// names and values hold what a form's may.
    pub fn is_plain(text: &str) -> bool {
        let text = text.trim();
        let name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%+".contains(&byte))
        };
        let value = |value: &str| value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>{}\\^`|".contains(&byte));
        text.len() <= LARGEST_GUESSED
            && text.contains('&')
            && text.split('&').all(|pair| pair.split_once('=').is_some_and(|(key, rest)| name(key) && value(rest)))
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many fields there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The field after the one that ended at `end`.
    pub fn next(&self, end: u32) -> Option<Member> {
        self.next_from(end as usize)
    }

    fn next_from(&self, from: usize) -> Option<Member> {
        let bytes = &self.text.as_bytes()[..self.fields.end];
        let start = from + bytes.get(from..)?.iter().position(|byte| *byte != b'&')?;
        let end = pair_end(bytes, start);
        let value = memchr::memchr(b'=', &bytes[start..end]).map_or(end, |equals| start + equals + 1);
        Some(Member { start: position(start), value: position(value) })
    }

    /// The position after a field.
    pub fn end(&self, value: u32) -> u32 {
        if value == super::source::ROOT {
            return position(self.text.len());
        }
        position(pair_end(&self.text.as_bytes()[..self.fields.end], value as usize))
    }

    /// Field `ordinal`.
    pub fn field(&self, ordinal: u32) -> Option<Member> {
        if ordinal >= self.count {
            return None;
        }
        let start = *self.starts.get(ordinal as usize / STRIDE)?;
        let mut member = self.next(start)?;
        for _ in 0..ordinal as usize % STRIDE {
            member = self.next(self.end(member.value))?;
        }
        Some(member)
    }

    /// A field at or before the position, not far from it, and its number.
    pub fn around(&self, position: u32) -> Option<(u32, Member)> {
        let kept = self.starts.partition_point(|start| *start <= position).checked_sub(1)?;
        Some((u32::try_from(kept * STRIDE).ok()?, self.next(self.starts[kept])?))
    }

    /// A field's name, decoded.
    pub fn name(&self, member: Member) -> Option<Cow<'_, str>> {
        (member.value != super::source::ROOT).then(|| {
            let pair = &self.text[member.start as usize..member.value as usize];
            decode(pair.strip_suffix('=').unwrap_or(pair))
        })
    }

    /// A field's value, decoded.
    pub fn value(&self, value: u32) -> Cow<'_, str> {
        decode(&self.text[value as usize..self.end(value) as usize])
    }

    /// The field that counts among all of its name: the first.
    pub fn counting(&self, name: &str) -> Option<Member> {
        let mut next = self.next_from(self.fields.start);
        while let Some(member) = next {
            if self.name(member).is_some_and(|other| other == name) {
                return Some(member);
            }
            next = self.next(self.end(member.value));
        }
        None
    }
}

fn pair_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr(b'&', &bytes[from..]).map_or(bytes.len(), |found| from + found)
}

/// Without `=` and `&` inside, so that it is exactly one name for the parser.
fn decode(part: &str) -> Cow<'_, str> {
    if !part.contains(['%', '+', '=']) {
        return Cow::Borrowed(part);
    }
    let mut values = form_urlencoded::parse(part.as_bytes());
    // An `=` in a value belongs to it: put a name before it, so that only the first one parts the two.
    if part.contains('=') {
        let with_name = format!("v={part}");
        return Cow::Owned(
            form_urlencoded::parse(with_name.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned()),
        );
    }
    values.next().map_or(Cow::Borrowed(""), |(name, _)| name)
}

/// A place in a text that is known to be shorter than 4 GiB.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn t4_every_field_is_what_the_url_crate_reads(text in "[a-c=&%+ 0-9é]{0,60}") {
            let form = Form::new(text.clone()).unwrap();
            let theirs: Vec<(String, String)> = form_urlencoded::parse(text.trim().as_bytes()).into_owned().collect();
            let mut ours = Vec::new();
            for number in 0..form.count() {
                let member = form.field(number).unwrap();
                ours.push((form.name(member).unwrap().into_owned(), form.value(member.value).into_owned()));
                let (from, near) = form.around(member.start).unwrap();
                prop_assert!(from <= number && near.start <= member.start);
            }
            prop_assert_eq!(&ours, &theirs);
            for (name, _) in &theirs {
                let member = form.counting(name).unwrap();
                let first = theirs.iter().find(|(other, _)| other == name).unwrap();
                prop_assert_eq!(form.value(member.value), first.1.as_str());
            }
        }
    }

    #[test]
    fn e12_only_what_plainly_is_a_form_is_taken_for_one() {
        assert!(Form::is_plain("access_token=gho_16C7e42F&scope=repo%2Cgist&token_type=bearer\n"));
        for other in ["a=b", "hello & goodbye", "a=b&c", "x = 1 & y = 2", "<a href=\"?a=b&c=d\">", "=b&c=d", "a=b\n&c=d"] {
            assert!(!Form::is_plain(other), "{other}");
        }
    }
}
