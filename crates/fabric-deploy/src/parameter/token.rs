//! Stand-ins for values that only the server knows.
//!
//! Parameters work on text: a regular expression must be able to match an id that another file's `logicalId` was
//! replaced by. So while a part's text is worked on, a reference stands in it as a token that looks like a GUID. At
//! the end the text is cut into literal runs and references.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use crate::content::{Content, Reference, Segment};

/// What follows the part of a token that all tokens of one text share.
const INDEX_DIGITS: usize = 12;

/// The references of one text, each with its token.
#[derive(Debug)]
pub(crate) struct Tokens {
    prefix: String,
    references: Vec<Reference>,
    /// Where each stands among them, so that a text may have many.
    indexes: HashMap<Reference, usize>,
}

impl Tokens {
    /// Tokens that cannot be mistaken for anything in the texts of which `occurs` knows.
    pub(crate) fn distinct_from(occurs: impl Fn(&str) -> bool) -> Self {
        // The texts are finite, so that one of these is free; the last is as good as any for texts beyond reason.
        let group = (0_u32..).find_map(|number| {
            let group = format!("{:08x}-", 0xfab0_0000_u32.wrapping_add(number));
            (!occurs(&group)).then_some(group)
        });
        let prefix = format!("{}0000-4000-8000-", group.unwrap_or_default());
        Self { prefix, references: Vec::new(), indexes: HashMap::new() }
    }

    /// The token that stands for `reference`.
    pub(crate) fn token(&mut self, reference: &Reference) -> String {
        let index = self.indexes.get(reference).copied().unwrap_or_else(|| {
            self.references.push(reference.clone());
            self.indexes.insert(reference.clone(), self.references.len() - 1);
            self.references.len() - 1
        });
        format!("{}{index:0INDEX_DIGITS$x}", self.prefix)
    }

    /// Whether replacing one of `ranges` of `text`, which are in order, would leave a part of a token.
    pub(crate) fn are_cut_by(&self, text: &str, ranges: &[Range<usize>]) -> bool {
        let mut tokens = self.positions(text).map(|(token, _)| token).peekable();
        for range in ranges {
            while let Some(token) = tokens.peek().filter(|token| token.start < range.end) {
                let whole = range.start <= token.start && token.end <= range.end;
                if token.end > range.start && !whole {
                    return true;
                }
                if token.end > range.end {
                    break;
                }
                tokens.next();
            }
        }
        false
    }

    /// Lets secrets and names be written with the escapes of JSON strings, in a text that is JSON.
    pub(crate) fn escape_for_json(&mut self) {
        for reference in &mut self.references {
            *reference = reference.in_quotes();
        }
    }

    /// Whether a secret or a name is among the references: text that may hold anything.
    pub(crate) fn have_free_text(&self) -> bool {
        self.references.iter().any(|reference| reference.is_name() || matches!(reference, Reference::Secret(_)))
    }

    /// Whether a secret is among the references.
    pub(crate) fn have_secrets(&self) -> bool {
        self.references.iter().any(|reference| matches!(reference, Reference::Secret(_)))
    }

    /// `text` with every token turned into its reference.
    pub(crate) fn split(&self, text: String) -> Content {
        let mut segments = Vec::new();
        let mut end = 0;
        let push_literal = |segments: &mut Vec<Segment>, start: usize, end: usize| {
            let literal = text.get(start..end).unwrap_or_default();
            if !literal.is_empty() {
                segments.push(Segment::Literal(literal.as_bytes().to_vec()));
            }
        };
        for (token, reference) in self.positions(&text) {
            push_literal(&mut segments, end, token.start);
            segments.push(Segment::Reference(reference.clone()));
            end = token.end;
        }
        if segments.is_empty() {
            return Content::literal(text);
        }
        push_literal(&mut segments, end, text.len());
        Content::from_segments(segments)
    }

    fn positions<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (Range<usize>, &'t Reference)> {
        memmem::find_iter(text.as_bytes(), self.prefix.as_bytes()).filter_map(|start| {
            let index = start + self.prefix.len();
            let end = index + INDEX_DIGITS;
            let reference = self.references.get(usize::from_str_radix(text.get(index..end)?, 16).ok()?)?;
            Some((start..end, reference))
        })
    }
}
