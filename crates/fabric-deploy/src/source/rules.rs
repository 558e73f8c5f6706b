//! What is particular to an item type in a source folder.

/// A part that an item of a type cannot do without: any one of the listed patterns. A pattern is a path, a path
/// that ends in `*`, or a `*` followed by an ending.
pub(super) struct RequiredPart {
    pub(super) any_of: &'static [&'static str],
}

/// The parts without which the service refuses a definition of this type, as the published definition articles mark
/// them. Types that are not listed are not checked.
pub(super) fn required_parts(item_type: &str) -> &'static [RequiredPart] {
    macro_rules! parts {
        ($([$($pattern:literal),+]),+) => { &[$(RequiredPart { any_of: &[$($pattern),+] }),+] };
    }
    match item_type {
        "Notebook" => parts!(["notebook-content.*", "*.ipynb"]),
        "DataPipeline" => parts!(["pipeline-content.json"]),
        "SemanticModel" => parts!(["definition.pbism"], ["model.bim", "definition/*"]),
        "Report" => parts!(["definition.pbir"], ["report.json", "definition/*"]),
        "PaginatedReport" => parts!(["*.rdl"]),
        "SparkJobDefinition" => parts!(["SparkJobDefinitionV1.json"]),
        "VariableLibrary" => parts!(["variables.json"]),
        "MirroredDatabase" => parts!(["mirroring.json"]),
        "CopyJob" => parts!(["copyjob-content.json"]),
        "Dataflow" => parts!(["mashup.pq"]),
        "Eventstream" => parts!(["eventstream.json"]),
        "KQLDashboard" => parts!(["RealTimeDashboard.json"]),
        "KQLQueryset" => parts!(["RealTimeQueryset.json"]),
        "Reflex" => parts!(["ReflexEntities.json"]),
        "GraphQLApi" => parts!(["graphql-definition.json"]),
        _ => &[],
    }
}

/// Whether a directory of this type with nothing but a `.platform` is a whole item: the service creates such items
/// empty, and exports them so.
pub(super) fn may_be_empty(item_type: &str) -> bool {
    matches!(item_type, "CopyJob" | "Eventstream" | "KQLDashboard" | "KQLQueryset" | "Reflex" | "GraphQLApi")
}

impl RequiredPart {
    /// Whether the file at `path` is this part.
    pub(super) fn is(&self, path: &str) -> bool {
        self.any_of.iter().any(|pattern| {
            if let Some(ending) = pattern.strip_prefix('*') {
                path.ends_with(ending)
            } else if let Some(beginning) = pattern.strip_suffix('*') {
                path.starts_with(beginning)
            } else {
                path == *pattern
            }
        })
    }
}

/// Whether a file is a user's local state and not part of the item.
pub(super) fn is_excluded(item_type: &str, path: &str) -> bool {
    let excluded = match item_type {
        "Report" | "SemanticModel" | "DataAgent" => ".pbi",
        "Eventhouse" => ".children",
        _ => return false,
    };
    path.rsplit_once('/').is_some_and(|(directories, _)| directories.split('/').any(|name| name == excluded))
}

/// Whether only the name of such an item is deployed: the service takes no definition for it, or taking it would
/// replace what the item holds.
pub(super) fn is_shell(item_type: &str) -> bool {
    matches!(item_type, "Lakehouse" | "Warehouse" | "SQLDatabase" | "MLExperiment" | "MLModel")
}

/// Whether the part at `path` must be JSON. Folders that carry a user's own files are not looked into.
pub(super) fn is_json(path: &str) -> bool {
    let own_files = ["Libraries/", "Libs/", "Main/", "Resources/"];
    !own_files.iter().any(|folder| path.starts_with(folder))
        && path
            .rsplit_once('.')
            .is_some_and(|(_, extension)| matches!(extension, "json" | "ipynb" | "pbir" | "pbism" | "bim"))
}

/// The definition format to name to the server.
pub(super) fn format<'a>(item_type: &str, mut paths: impl Iterator<Item = &'a str>) -> Option<String> {
    match item_type {
        "Notebook" => paths.any(|path| path.ends_with(".ipynb")).then(|| "ipynb".to_owned()),
        "SparkJobDefinition" => Some("SparkJobDefinitionV2".to_owned()),
        _ => None,
    }
}

/// Whether ids of other items in the files of such an item are left as they are. A variable library's values are
/// changed by parameters only, as fabric-cicd does.
pub(super) fn keeps_ids(item_type: &str) -> bool {
    item_type == "VariableLibrary"
}
