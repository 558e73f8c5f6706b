//! YAML and JSON files as trees in which every value and every key knows its line and column.
//!
//! A configuration is read in two steps. [`Document::read`] turns the file into a tree and reports what is not YAML or
//! not JSON. A [`Reader`] then walks the tree by name and type, collects every finding instead of stopping at the
//! first, and puts variables into values. Variables never touch the text of the file, so that no value of a variable
//! can change its structure.

mod json;
mod keys;
mod mapping;
mod nearest;
mod node;
mod reader;
mod scalar;
mod variables;
mod yaml;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub(crate) use keys::{KeyTable, Treatment, check_keys};
pub use mapping::MappingReader;
pub use nearest::nearest;
pub use node::{Entry, Key, Mark, Node, Scalar, ScalarKind, Value};
pub use reader::{Located, Lookup, Reader};

use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// How deep mappings and sequences may nest.
const MAX_DEPTH: usize = 100;

/// How large a file may be, and its tree in memory, in bytes, counting what aliases repeat.
const MAX_WEIGHT: usize = 64 << 20;

/// The language a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, with the scalars that PyYAML's safe loader and YAML 1.2 agree on.
    Yaml,
    /// JSON, strictly.
    Json,
}

impl Format {
    /// JSON where the file's name ends in `.json`, YAML otherwise.
    pub fn of(file: &Path) -> Self {
        match file.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("json") => Self::Json,
            _ => Self::Yaml,
        }
    }
}

/// A file as a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file, as the user would type it.
    pub file: PathBuf,
    /// The whole.
    pub root: Node,
}

impl Document {
    /// Reads a file in the language that its name tells.
    ///
    /// There is no document where the file cannot be read or parsed. Repeated keys are errors, but leave a document,
    /// so that the rest of the file is checked as well.
    pub fn read(file: &Path) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        match read(file) {
            Ok(bytes) if bytes.len() > MAX_WEIGHT => diagnostics.push(too_large(file, Mark { line: 1, column: 1 })),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => return Self::parse(&text, file, Format::of(file)),
                Err(error) => {
                    let valid = error.utf8_error().valid_up_to();
                    let start = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default());
                    diagnostics.push(
                        Diagnostic::error("not-utf8", "the file is not UTF-8 text")
                            .at(Place::at_offset(file, &start, start.len()))
                            .remedy("save the file as UTF-8"),
                    );
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                diagnostics.push(Diagnostic::error("file-not-found", "the file does not exist").at(Place::file(file)));
            }
            Err(error) => {
                diagnostics.push(
                    Diagnostic::error("file-unreadable", format!("the file cannot be read: {error}"))
                        .at(Place::file(file)),
                );
            }
        }
        (None, diagnostics)
    }

    /// Parses text that was read from `file`.
    pub fn parse(text: &str, file: &Path, format: Format) -> (Option<Self>, Diagnostics) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut diagnostics = Diagnostics::new();
        let root = match format {
            Format::Yaml => yaml::parse(text, file, &mut diagnostics),
            Format::Json => json::parse(text, file, &mut diagnostics),
        };
        (root.map(|root| Self { file: file.to_owned(), root }), diagnostics)
    }
}

/// The bytes of `file`, and no more of them than it takes to know that they are too many: a file that another one names
/// may be a device that never ends.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_WEIGHT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The finding that a mapping has one key twice.
fn duplicate_key(file: &Path, key: &Key, first: Mark) -> Diagnostic {
    Diagnostic::error("duplicate-key", format!("`{}` is already given in line {}", key.name, first.line))
        .at(key.mark.place(file))
        .remedy("keep one of the two")
}

/// The finding that a file is larger, or nests deeper, than any configuration does.
fn too_large(file: &Path, mark: Mark) -> Diagnostic {
    Diagnostic::error("document-too-large", "the file is too large, nests too deeply, or its aliases repeat too much")
        .at(mark.place(file))
        .remedy("write the values out, and split the file where it is very large")
}
