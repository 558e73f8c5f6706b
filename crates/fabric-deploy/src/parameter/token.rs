//! Stand-ins for values that only the server knows.
//!
//! Parameters work on text: a regular expression must be able to match an id that another file's `logicalId` was
//! replaced by. So while a part's text is worked on, a reference stands in it as a token that looks like a GUID. At
//! the end the text is cut into literal runs and references.

use memchr::memmem;

use crate::content::{Content, Reference, Segment};

/// What follows the part of a token that all tokens of one text share.
const INDEX_DIGITS: usize = 12;

/// The references of one text, each with its token.
#[derive(Debug)]
pub(crate) struct Tokens {
    prefix: String,
    references: Vec<Reference>,
}

/// Part of a token is left in the text, so that what it stood for is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BrokenToken {
    /// The byte offset of what is left.
    pub(crate) offset: usize,
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
        Self { prefix, references: Vec::new() }
    }

    /// The token that stands for `reference`.
    pub(crate) fn token(&mut self, reference: &Reference) -> String {
        let known = self.references.iter().position(|known| known == reference);
        let index = known.unwrap_or_else(|| {
            self.references.push(reference.clone());
            self.references.len() - 1
        });
        format!("{}{index:0INDEX_DIGITS$x}", self.prefix)
    }

    /// `text` with every token turned into its reference.
    pub(crate) fn split(&self, text: String) -> Result<Content, BrokenToken> {
        let mut segments = Vec::new();
        let mut end = 0;
        for start in memmem::find_iter(text.as_bytes(), self.prefix.as_bytes()) {
            let index = start + self.prefix.len();
            let reference = text
                .get(index..index + INDEX_DIGITS)
                .and_then(|digits| usize::from_str_radix(digits, 16).ok())
                .and_then(|index| self.references.get(index));
            let Some(reference) = reference else { return Err(BrokenToken { offset: start }) };
            self.push_literal(&text, end, start, &mut segments)?;
            segments.push(Segment::Reference(reference.clone()));
            end = index + INDEX_DIGITS;
        }
        if segments.is_empty() {
            self.push_literal(&text, 0, text.len(), &mut Vec::new())?;
            return Ok(Content::literal(text));
        }
        self.push_literal(&text, end, text.len(), &mut segments)?;
        Ok(Content::from_segments(segments))
    }

    fn push_literal(
        &self,
        text: &str,
        start: usize,
        end: usize,
        segments: &mut Vec<Segment>,
    ) -> Result<(), BrokenToken> {
        let literal = text.get(start..end).unwrap_or_default();
        let group = self.prefix.get(..9).unwrap_or_default();
        if let Some(offset) = memmem::find(literal.as_bytes(), group.as_bytes()) {
            return Err(BrokenToken { offset: start + offset });
        }
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal.as_bytes().to_vec()));
        }
        Ok(())
    }
}
