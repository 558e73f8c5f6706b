//! A file that the caller asked for, and in which form: `--report junit=FILE`.

use std::io;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::{junit, markdown, sarif};
use crate::render::Document;

/// The forms.
const FORMATS: [(&str, Format); 4] =
    [("junit", Format::JUnit), ("sarif", Format::Sarif), ("md", Format::Markdown), ("json", Format::Json)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    JUnit,
    Sarif,
    Markdown,
    Json,
}

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    format: Format,
    path: PathBuf,
}

impl ReportFile {
    /// Reads `FORMAT=FILE`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let formats = || FORMATS.map(|(name, _)| name).join(", ");
        let Some((name, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
            return Err(format!("give FORMAT=FILE; FORMAT is one of {}", formats()));
        };
        match FORMATS.into_iter().find(|(known, _)| *known == name) {
            Some((_, format)) => Ok(Self { format, path: path.into() }),
            None => Err(format!("there is no report {name:?}; there are {}", formats())),
        }
    }

    /// Where it goes.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file, so that one that cannot be written is known early.
    pub(super) fn create(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        replace(&self.path, b"")
    }

    /// Writes the report.
    pub(super) fn write(&self, document: &Document, findings: &[Finding<'_>]) -> io::Result<()> {
        let content = match self.format {
            Format::JUnit => junit::suite(document, findings)?,
            Format::Sarif => serde_json::to_vec_pretty(&sarif::log(findings))?,
            Format::Markdown => markdown::page(document, findings).into_bytes(),
            Format::Json => serde_json::to_vec_pretty(document)?,
        };
        replace(&self.path, &content)
    }
}

/// Writes a whole file.
#[expect(clippy::disallowed_methods, reason = "a report is made anew by each run; nothing depends on an old one")]
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    std::fs::write(path, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_known_format_and_a_file() {
        assert_eq!(ReportFile::parse("md=a=b.md"), Ok(ReportFile { format: Format::Markdown, path: "a=b.md".into() }));
        assert_eq!(
            ReportFile::parse("xml=a"),
            Err("there is no report \"xml\"; there are junit, sarif, md, json".into())
        );
        assert!(ReportFile::parse("junit=").is_err());
        assert!(ReportFile::parse("junit").is_err());
    }
}
