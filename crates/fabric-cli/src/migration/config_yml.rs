//! What fabric-cicd does with a `config.yml`, and this tool does otherwise.

use fabric_deploy::document::{Document, Mark, Node};

use super::{Difference, Told, entry, is};

/// What becomes of a feature flag. Flags that change nothing here are warnings of the file's own reading.
const FEATURES: [(&str, &str); 9] = [
    ("enable_shortcut_publish", "shortcuts are deployed in batches, as steps that are undone with the rest"),
    ("disable_workspace_folder_publish", "every item goes to the root of the workspace, as with fabric-cicd"),
    ("enable_bulk_publish", "bulk imports are used where they are faster, inside the transaction: see --strategy"),
    ("enable_experimental_features", "nothing is experimental here: the flag is not needed"),
    ("enable_items_to_include", "`items_to_include` needs no flag"),
    ("enable_exclude_folder", "`folder_exclude_regex` needs no flag"),
    ("enable_include_folder", "`folder_path_to_include` needs no flag"),
    ("enable_shortcut_exclude", "`shortcut_exclude_regex` needs no flag"),
    ("enable_environment_variable_replacement", "`$ENV:NAME` needs no flag; a variable that is missing is an error"),
];

pub(super) fn tell(document: &Document) -> Told {
    let root = &document.root;
    let mut told = Told {
        kind: "a config.yml of fabric-cicd",
        environments: environments(root),
        options: Vec::new(),
        differences: Vec::new(),
    };
    let mut say = |mark: Mark, what: String, remedy: Option<&str>| {
        let place = mark.place(&document.file);
        told.differences.push(Difference { place, what, remedy: remedy.map(str::to_owned) });
    };
    let unpublish = entry(root, "unpublish");
    let skips = unpublish.and_then(|entry| entry.node.get("skip")).is_some_and(|skip| is(skip, true));
    if !skips {
        let mark = unpublish.map_or(root.mark, |entry| entry.key.mark);
        let what = "fabric-cicd deletes what the folder does not have, by default; here that is asked for, it is counted, and \
                    more than --max-delete (10) items are refused";
        say(mark, what.to_owned(), Some("leave --prune out to delete nothing"));
        told.options.push("--prune");
    }
    let mut deletes_data = false;
    for flag in flags(root) {
        let Some(name) = flag.as_text() else { continue };
        if name.starts_with("enable_") && name.ends_with("_unpublish") {
            deletes_data = true;
            let what = format!(
                "`{name}` allows one type that holds data to be deleted; --prune-data allows all of them, last of all and \
                 for good"
            );
            say(flag.mark, what, Some("leave --prune-data out unless data shall go; plan first"));
        } else if let Some((_, what)) = FEATURES.iter().find(|(known, _)| *known == name) {
            say(flag.mark, format!("`{name}`: {what}"), None);
        }
    }
    let core = entry(root, "core");
    if let Some(workspace) = core.and_then(|core| entry(&core.node, "workspace")) {
        let what = "a workspace of this name that does not exist is created here; fabric-cicd refuses";
        say(workspace.key.mark, what.to_owned(), Some("give --capacity ID where it may be new"));
    }
    if let Some(core) = core {
        let what = "fabric-cicd publishes every item each time; here only what differs is sent, and the command fails if \
                    anything failed";
        say(
            core.key.mark,
            what.to_owned(),
            Some("with --flag FEATURE_USE_ROLLBACK=on what failed is undone as a whole"),
        );
    }
    for section in ["publish", "unpublish"] {
        let items = entry(root, section).and_then(|section| entry(&section.node, "items_to_include"));
        if let Some(items) = items {
            let what = format!(
                "`{section}.items_to_include`: items that are left out and refer to one that is deployed are named in a \
                 warning"
            );
            say(items.key.mark, what, None);
        }
    }
    if deletes_data && told.options.contains(&"--prune") {
        told.options.push("--prune-data");
    }
    told
}

/// The flags, for all environments or for any.
fn flags(root: &Node) -> Vec<&Node> {
    let Some(features) = root.get("features") else { return Vec::new() };
    let lists: Vec<&Node> = match features.as_mapping() {
        Some(entries) => entries.iter().map(|entry| &entry.node).collect(),
        None => vec![features],
    };
    lists.into_iter().filter_map(Node::as_sequence).flatten().collect()
}

/// The environments that any setting has a value for, in the order of the file.
fn environments(root: &Node) -> Vec<String> {
    let sections = ["core", "publish", "unpublish", "constants"];
    let settings = sections.iter().filter_map(|name| root.get(name)?.as_mapping()).flatten().map(|entry| &entry.node);
    let mut found: Vec<String> = Vec::new();
    for entry in settings.chain(root.get("features")).filter_map(Node::as_mapping).flatten() {
        if !found.contains(&entry.key.name) {
            found.push(entry.key.name.clone());
        }
    }
    found
}
