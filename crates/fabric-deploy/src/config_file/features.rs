//! The feature flags of fabric-cicd: what each comes to here.

use crate::diagnostic::Diagnostic;
use crate::document::{Located, Reader, nearest};

/// What `features` turn on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Shortcuts of lakehouses are deployed.
    pub shortcuts: bool,
    /// Items are put into the root of the workspace, whatever folder they lie in.
    pub no_folders: bool,
    /// Types that hold data and may be deleted where that is asked for.
    pub deletable_data: Vec<&'static str>,
}

/// What becomes of a flag.
enum Meaning {
    Shortcuts,
    NoFolders,
    Deletable(&'static str),
    /// This tool does it without a flag.
    Always,
    /// This tool does not do it, for this reason.
    Never(&'static str),
}

const FLAGS: [(&str, Meaning); 19] = [
    ("enable_lakehouse_unpublish", Meaning::Deletable("Lakehouse")),
    ("enable_warehouse_unpublish", Meaning::Deletable("Warehouse")),
    ("enable_sqldatabase_unpublish", Meaning::Deletable("SQLDatabase")),
    ("enable_eventhouse_unpublish", Meaning::Deletable("Eventhouse")),
    ("enable_kqldatabase_unpublish", Meaning::Deletable("KQLDatabase")),
    ("enable_cosmosdbdatabase_unpublish", Meaning::Deletable("CosmosDBDatabase")),
    ("enable_graphmodel_unpublish", Meaning::Deletable("GraphModel")),
    ("enable_shortcut_publish", Meaning::Shortcuts),
    ("disable_workspace_folder_publish", Meaning::NoFolders),
    ("enable_bulk_publish", Meaning::Always),
    ("enable_environment_variable_replacement", Meaning::Always),
    ("enable_experimental_features", Meaning::Always),
    ("enable_items_to_include", Meaning::Always),
    ("enable_exclude_folder", Meaning::Always),
    ("enable_include_folder", Meaning::Always),
    ("enable_shortcut_exclude", Meaning::Always),
    ("enable_response_collection", Meaning::Always),
    ("continue_on_shortcut_failure", Meaning::Never("a deployment is done whole or not at all")),
    (
        "enable_hard_delete",
        Meaning::Never("what is deleted goes to the workspace's recycle bin, where it can be found"),
    ),
];

impl Features {
    /// What these names turn on. A name that is not known is an error: fabric-cicd would ignore it in silence.
    pub(super) fn of(reader: &Reader<'_>, names: &[Located<String>]) -> Self {
        let mut features = Self::default();
        for name in names {
            let Some((_, meaning)) = FLAGS.iter().find(|(known, _)| *known == name.value) else {
                let near = nearest(&name.value, FLAGS.iter().map(|(known, _)| *known));
                let mut finding =
                    Diagnostic::error("unknown-feature", format!("`{}` is no feature of fabric-cicd", name.value))
                        .at(name.place.clone());
                finding.remedy = near.map(|near| format!("did you mean `{near}`?"));
                reader.report(finding);
                continue;
            };
            match meaning {
                Meaning::Shortcuts => features.shortcuts = true,
                Meaning::NoFolders => features.no_folders = true,
                Meaning::Deletable(item_type) => features.deletable_data.push(item_type),
                Meaning::Always => {}
                Meaning::Never(why) => reader.report(
                    Diagnostic::warning("no-effect", format!("`{}` changes nothing: {why}", name.value))
                        .at(name.place.clone()),
                ),
            }
        }
        features
    }
}
