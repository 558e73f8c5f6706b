//! The changelog of each crate: its newest entry is the version that is released.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use cargo_metadata::Package;

use super::Planned;

/// What the changelog of a package says of its version.
///
/// # Errors
/// A sentence with file and remedy, where the newest entry is another one, or empty, or missing.
pub(super) fn entry_of(package: &Package) -> Result<String, String> {
    let path = package.manifest_path.with_file_name("CHANGELOG.md");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    newest(&text, &package.version.to_string()).map_err(|why| format!("{path}: {why}"))
}

fn newest(text: &str, version: &str) -> Result<String, String> {
    let wanted = format!("the newest entry must be `## {version}`, with what changed");
    let mut lines = text.lines().skip_while(|line| !line.starts_with("## "));
    let Some(heading) = lines.next() else { return Err(format!("there is no entry; {wanted}")) };
    let name = heading.trim_start_matches("## ").trim();
    // A date may follow the version.
    if name.split_whitespace().next() != Some(version) {
        return Err(format!("the newest entry is `{name}`; {wanted}"));
    }
    let entry = lines.take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>().join("\n");
    let entry = entry.trim();
    if entry.is_empty() { Err(format!("the entry is empty; {wanted}")) } else { Ok(entry.to_owned()) }
}

/// Writes what is new in every crate into one file.
///
/// # Errors
/// The file cannot be written.
#[expect(clippy::disallowed_methods, reason = "the folder of artifacts is this room's")]
pub(super) fn write_notes(planned: &[Planned<'_>], artifacts: &Path) -> anyhow::Result<()> {
    let mut text = "# Changes in this release\n".to_owned();
    for crate_of_release in planned {
        let Planned { package, changes, .. } = crate_of_release;
        let _ = write!(text, "\n## {} {}\n\n{changes}\n", package.name, package.version);
    }
    let path = artifacts.join("CHANGES.md");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_is_the_version() {
        let text = "# Changes\n\n## 0.2.0 (2030-01-31)\n\n* New.\n\n## 0.1.0\n\n* First.\n";
        assert_eq!(newest(text, "0.2.0"), Ok("* New.".to_owned()));
        assert_eq!(
            newest(text, "0.3.0"),
            Err("the newest entry is `0.2.0 (2030-01-31)`; the newest entry must be `## 0.3.0`, with what changed"
                .to_owned())
        );
    }

    #[test]
    fn a_version_without_words_is_refused() {
        assert!(newest("# Changes\n", "0.1.0").unwrap_err().starts_with("there is no entry"));
        assert!(
            newest("## Unreleased\n\n* New.\n", "0.1.0").unwrap_err().starts_with("the newest entry is `Unreleased`")
        );
        assert!(newest("## 0.1.0\n\n## 0.0.9\n\n* Old.\n", "0.1.0").unwrap_err().starts_with("the entry is empty"));
    }
}
