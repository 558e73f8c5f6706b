//! A parameter file: what is different from environment to environment.
//!
//! The grammar is that of fabric-cicd's `parameter.yml`. What is not supported is an error, never skipped.

pub(crate) mod apply;
pub(crate) mod bindings;
mod entry;
mod entry_reader;
mod filter;
mod in_place;
mod json_path;
pub(crate) mod layout;
mod paths;
mod read;
mod spark_pool;
pub(crate) mod token;
mod value;

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use memchr::memmem;

use crate::content::Reference;
use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Place};
use bindings::Bindings;
use entry::{Action, Entry, Find, NewValue};
pub use read::{LookedUp, ParameterRequest, WrittenIn, read};
pub(crate) use value::SECRET;

/// The entries of a parameter file that apply to one environment.
#[derive(Debug, Default)]
pub struct Parameters {
    /// `spark_pool` before `key_value_replace` before `find_replace`, each in the order of the file.
    entries: Vec<Entry>,
    /// Which connections semantic models shall use.
    pub(crate) bindings: Bindings,
    /// The files that were read for this.
    files: Vec<PathBuf>,
    /// All literal texts that are looked for, so that one pass tells files without any.
    literals: Option<AhoCorasick>,
}

impl Parameters {
    fn new(mut entries: Vec<Entry>, bindings: Bindings, files: Vec<PathBuf>) -> Self {
        entries.sort_by_key(|entry| match entry.action {
            Action::SparkPool { .. } => 0,
            Action::KeyValueReplace { .. } => 1,
            Action::FindReplace { .. } => 2,
        });
        let finds = entries.iter().filter_map(|entry| match &entry.action {
            Action::FindReplace { find: Find::Literal(text), .. } => Some(text),
            _ => None,
        });
        // Too many texts for an automaton only cost speed: each is then looked for by itself.
        let literals = AhoCorasick::new(finds).ok();
        Self { entries, bindings, files, literals }
    }

    /// The parameter file and the templates that it extends.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Whether the entry of this index has conditions, of which some accept nothing: what each of these is. `files` are
    /// the items of the source folder with the paths of their files.
    pub(crate) fn unmatched(&self, index: usize, files: &[(ItemKey, Vec<String>)]) -> Vec<Diagnostic> {
        self.entries.get(index).map(|entry| entry.filter.unmatched(files)).unwrap_or_default()
    }

    /// How many entries apply to files.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing applies to files.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where the entry of this index was written.
    pub(crate) fn place(&self, index: usize) -> Option<&Place> {
        self.entries.get(index).map(|entry| &entry.place)
    }

    /// The references that entries look for and whose values are not known, each with its entry's index and place.
    pub(crate) fn sought(&self) -> impl Iterator<Item = (usize, &Place, &Reference)> {
        self.entries.iter().enumerate().filter_map(|(index, entry)| match &entry.action {
            Action::FindReplace { find: Find::Unknown(reference), .. } => Some((index, &entry.place, reference)),
            _ => None,
        })
    }

    /// The items of the deployed workspace that entries ask for, each with the place of the entry.
    pub(crate) fn target_items(&self) -> impl Iterator<Item = (&Place, &ItemKey)> {
        self.entries.iter().filter_map(|entry| {
            let reference = match &entry.action {
                Action::FindReplace { replacement: value::Replacement::Reference(reference), .. } => reference,
                Action::KeyValueReplace { value: NewValue::Reference(reference), .. } => reference,
                _ => return None,
            };
            Some((&entry.place, reference.target_item()?))
        })
    }

    /// Whether `text` occurs in anything that an entry may put into a file.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        let occurs = |haystack: &str| memmem::find(haystack.as_bytes(), text.as_bytes()).is_some();
        self.entries.iter().any(|entry| match &entry.action {
            Action::FindReplace { replacement, .. } => replacement.mentions(&occurs),
            Action::SparkPool { .. } => false,
            Action::KeyValueReplace { value: NewValue::Json(new), .. } => occurs(&new.to_string()),
            Action::KeyValueReplace { value: NewValue::Tree(new), .. } => new.mentions(&occurs),
            Action::KeyValueReplace { value: NewValue::Reference(_), .. } => false,
        })
    }
}
