//! A case of the comparison: one text file with everything that is deployed, and what is expected to differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;

use super::difference::Difference;

/// What `tests/parity/<name>.txt` says.
#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) name: String,
    /// The rule that it is about, in one sentence.
    pub(super) title: String,
    pub(super) environment: String,
    /// The item types in scope; all where there is none.
    pub(super) types: Vec<String>,
    /// Feature flags of fabric-cicd, which has them off.
    pub(super) features: Vec<String>,
    /// Environment variables of both tools.
    pub(super) variables: Vec<(String, String)>,
    pub(super) prune: bool,
    /// Ids of connections that the tenant has.
    pub(super) connections: Vec<String>,
    /// What must differ, neither more nor less.
    pub(super) differs: BTreeSet<Difference>,
    /// Why it differs.
    pub(super) because: String,
    files: BTreeMap<String, String>,
}

impl Case {
    /// Reads the text: `key: value` lines, then files, each after a line `-- path --`. In a file, `{id:Name.Type}` is the
    /// logical id of that item; an item's folder without a `.platform` gets one.
    ///
    /// # Errors
    /// A line that is none of these, with its number.
    pub(super) fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let mut case = Self { name: name.to_owned(), environment: "dev".to_owned(), ..Self::default() };
        let mut current: Option<String> = None;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if let Some(path) = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
                case.files.insert(path.to_owned(), String::new());
                current = Some(path.to_owned());
            } else if let Some(content) = current.as_ref().and_then(|path| case.files.get_mut(path)) {
                content.push_str(line);
            } else if !line.trim().is_empty() {
                case.header(line.trim()).with_context(|| format!("{name}, line {}", number + 1))?;
            }
        }
        ensure!(!case.title.is_empty(), "{name} has no `title:`");
        ensure!(case.differs.is_empty() == case.because.is_empty(), "{name}: `differs:` and `because:` go together");
        Ok(case)
    }

    fn header(&mut self, line: &str) -> anyhow::Result<()> {
        let (key, value) = line.split_once(": ").with_context(|| format!("not `key: value`: {line}"))?;
        let words = || value.split(", ").map(str::to_owned).collect::<Vec<_>>();
        match key {
            "title" => value.clone_into(&mut self.title),
            "environment" => value.clone_into(&mut self.environment),
            "types" => self.types = words(),
            "features" => self.features = words(),
            "connections" => self.connections = words(),
            "prune" => self.prune = value == "yes",
            "variable" => {
                let (name, value) = value.split_once('=').context("`variable:` takes NAME=VALUE")?;
                self.variables.push((name.to_owned(), value.to_owned()));
            }
            "differs" => _ = self.differs.insert(Difference::parse(value)?),
            "because" => {
                let gap = if self.because.is_empty() { "" } else { " " };
                self.because.push_str(&format!("{gap}{value}"));
            }
            other => bail!("there is no `{other}:`"),
        }
        Ok(())
    }

    /// Whether it has files below this folder.
    pub(super) fn has(&self, folder: &str) -> bool {
        self.files
            .keys()
            .any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// Replaces whatever is in the folder by the files.
    ///
    /// # Errors
    /// The file system refuses, or an id is asked for of an item that no file belongs to.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        let mut items: Vec<(&str, &str)> = self.files.keys().flat_map(|path| item_folders(path)).collect();
        items.sort_unstable();
        items.dedup();
        let mut ids: Vec<&str> = items.iter().map(|(_, item)| *item).collect();
        ids.sort_unstable();
        ids.dedup();
        let id = |item: &str| {
            let place = ids.iter().position(|other| *other == item);
            place.map(|place| format!("a11ce000-0000-4000-8000-{:012x}", place + 1))
        };
        let mut files = self.files.clone();
        for (path, item) in items {
            let Some((name, kind)) = item.rsplit_once('.') else { continue };
            let platform = json!({
                "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
                "metadata": {"type": kind, "displayName": name},
                "config": {"version": "2.0", "logicalId": id(item)},
            });
            files.entry(format!("{path}/.platform")).or_insert_with(|| format!("{platform:#}\n"));
        }
        for (path, content) in &files {
            let content = with_ids(content, id).with_context(|| format!("{}: {path}", self.name))?;
            write_file(&folder.join(path), &content)?;
        }
        Ok(())
    }
}

/// The folders of the items that a file is in, each with its name as `Name.Type`.
fn item_folders(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
    // A folder with a dot in its name that is no item begins with it.
    folders
        .map(|folder| (folder, folder.rsplit('/').next().unwrap_or(folder)))
        .filter(|(_, name)| name.contains('.') && !name.starts_with('.'))
}

fn with_ids(content: &str, id: impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let mut whole = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, after)) = rest.split_once("{id:") {
        let (item, after) = after.split_once('}').context("`{id:` without its end")?;
        whole.push_str(before);
        whole.push_str(&id(item).with_context(|| format!("there is no item `{item}`"))?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

#[expect(clippy::disallowed_methods, reason = "the sources of a comparison are this room's files")]
fn write_file(path: &Path, content: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, content)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title: A rule\nvariable: A=b\n\n-- source/One.Notebook/a.py --\nx = \"{id:Two.Lakehouse}\"\n\
                        -- source/Two.Lakehouse/.children/More.KQLDatabase/b.json --\n{}\n";

    #[test]
    fn files_get_ids_and_items_their_platform_file() {
        let folder = tempfile::tempdir().unwrap();
        let case = Case::parse("rule", TEXT).unwrap();
        case.write(folder.path()).unwrap();
        let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(read("source/One.Notebook/a.py"), "x = \"a11ce000-0000-4000-8000-000000000003\"\n");
        assert!(read("source/One.Notebook/.platform").contains("\"displayName\": \"One\""));
        assert!(read("source/Two.Lakehouse/.children/More.KQLDatabase/.platform").contains("KQLDatabase"));
        assert!(case.has("source") && !case.has("sour") && !case.has("before"));
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        let error = |text| format!("{:#}", Case::parse("rule", text).unwrap_err());
        assert_eq!(error("title: A\ncolour: red\n"), "rule, line 2: there is no `colour:`");
        assert_eq!(error("title: A\nbecause: no\n"), "rule: `differs:` and `because:` go together");
    }
}
