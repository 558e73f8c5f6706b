//! What the Python scripts did with a product configuration, and this tool does otherwise.

use fabric_deploy::document::{Document, Mark, Node};

use super::{Difference, Told, entry, is};

pub(super) fn tell(document: &Document) -> Told {
    let root = &document.root;
    let mut told = Told {
        kind: "a product configuration",
        environments: Vec::new(),
        options: Vec::new(),
        differences: Vec::new(),
    };
    let mut say = |mark: Mark, what: &str, remedy: Option<&str>| {
        let place = mark.place(&document.file);
        told.differences.push(Difference { place, what: what.to_owned(), remedy: remedy.map(str::to_owned) });
    };
    for environment in root.get("environments").and_then(Node::as_mapping).into_iter().flatten() {
        if environment.node.get("enabled").is_some_and(|enabled| is(enabled, false)) {
            let what = "this environment is not enabled, and is not deployed";
            say(environment.key.mark, what, Some("set `enabled: true` to deploy it"));
        } else {
            told.environments.push(environment.key.name.clone());
        }
    }
    let under = |section: &str, key: &str| entry(root, section).and_then(|section| entry(&section.node, key));
    if let Some(rollback) = under("deployment", "rollback_on_error")
        && is(&rollback.node, true)
    {
        let what = "`rollback_on_error` takes effect with FEATURE_USE_ROLLBACK: the deployment is recorded, and what failed \
                    is undone and verified";
        say(rollback.key.mark, what, None);
        told.options.extend(["--flag", "FEATURE_USE_ROLLBACK=on"]);
    }
    if let Some(git) = under("git", "auto_connect") {
        let what = "the workspace is connected to its branch as the last step of the deployment, and only if all before it \
                    succeeded";
        say(git.key.mark, what, None);
    }
    if let Some(users) = entry(root, "users") {
        let what = "a name that Microsoft Graph does not know, or that several have, is an error before anything is sent; \
                    the scripts took the first one, or made a user of it";
        say(users.key.mark, what, Some("`fabric-cli principals resolve` shows whom a name means"));
    }
    if let Some(items) = entry(root, "items").or_else(|| entry(root, "product")) {
        let what = "items that are there already are compared and only changed where they differ; the scripts created them \
                    again or failed";
        say(items.key.mark, what, Some("`fabric-cli plan` shows what would change"));
    }
    told
}
