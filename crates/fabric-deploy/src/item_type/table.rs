//! The table of item types: the 31 of fabric-cicd 1.4 in its order of publishing, then others of which something is known.

use super::{Deployed, Format, ItemType};

const fn item(name: &'static str) -> ItemType {
    ItemType {
        name,
        deployed: Deployed::Definition,
        format: Format::Unnamed,
        required: &[],
        may_be_empty: false,
        excluded: None,
        holds_data: false,
        equal_names: false,
        keeps_ids: false,
        one_at_a_time: false,
        not_in_bulk: false,
        special: "",
    }
}

const fn shell(name: &'static str) -> ItemType {
    ItemType { deployed: Deployed::Shell, ..item(name) }
}

const fn child(name: &'static str) -> ItemType {
    ItemType { deployed: Deployed::Nothing, ..item(name) }
}

impl ItemType {
    const fn parts(self, required: &'static [&'static [&'static str]]) -> Self {
        Self { required, ..self }
    }

    const fn or_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    const fn without(self, directory: &'static str) -> Self {
        Self { excluded: Some(directory), ..self }
    }

    const fn data(self) -> Self {
        Self { holds_data: true, ..self }
    }

    const fn power_bi(self) -> Self {
        Self { equal_names: true, ..self }
    }

    const fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    const fn special(self, special: &'static str) -> Self {
        Self { special, ..self }
    }
}

const IPYNB: Format = Format::WithFile { format: "ipynb", ending: ".ipynb" };

/// Every type of which something is known.
pub static TYPES: &[ItemType] = &[
    ItemType { keeps_ids: true, ..item("VariableLibrary") }
        .parts(&[&["variables.json"]])
        .special("the value set of the environment's name is made active"),
    shell("Warehouse").data().special("created with the `creationPayload` of its `.platform`"),
    item("MirroredDatabase").parts(&[&["mirroring.json"]]).data(),
    shell("Lakehouse").data().special(
        "created with schemas where `lakehouse.metadata.json` has a `defaultSchema`; shortcuts are written in batches, and orphans deleted with `--prune`",
    ),
    shell("SQLDatabase").data().special("created with the `creationPayload` of its `.platform`"),
    item("CosmosDBDatabase").data(),
    item("Environment").special("published after its definition changed"),
    item("UserDataFunction"),
    item("Eventhouse").without(".children").data(),
    item("SparkJobDefinition")
        .parts(&[&["SparkJobDefinitionV1.json"]])
        .format(Format::Always("SparkJobDefinitionV2")),
    item("Notebook").parts(&[&["notebook-content.*", "*.ipynb"]]).format(IPYNB),
    item("SemanticModel")
        .parts(&[&["definition.pbism"], &["model.bim", "definition/*"]])
        .without(".pbi")
        .power_bi()
        .special("data sources are bound to connections after it"),
    item("Report")
        .parts(&[&["definition.pbir"], &["report.json", "definition/*"]])
        .without(".pbi")
        .power_bi()
        .special("a model that it names by path is named by id"),
    ItemType { one_at_a_time: true, ..item("PaginatedReport") }.parts(&[&["*.rdl"]]).power_bi(),
    item("CopyJob").parts(&[&["copyjob-content.json"]]).or_empty(),
    ItemType { not_in_bulk: true, ..item("DataBuildToolJob") },
    item("KQLDatabase").data().special("comes after the eventhouse in whose directory it lies"),
    item("KQLQueryset")
        .parts(&[&["RealTimeQueryset.json"]])
        .or_empty()
        .special("an empty `clusterUri` is that of the KQL database that the data source names"),
    item("Dataflow").parts(&[&["mashup.pq"]]).special("comes after the dataflows that it refers to"),
    item("DataPipeline").parts(&[&["pipeline-content.json"]]).special("comes after the pipelines that it runs"),
    item("Reflex").parts(&[&["ReflexEntities.json"]]).or_empty(),
    item("Eventstream").parts(&[&["eventstream.json"]]).or_empty(),
    item("KQLDashboard")
        .parts(&[&["RealTimeDashboard.json"]])
        .or_empty()
        .special("an empty `clusterUri` is that of the KQL database that the data source names"),
    item("GraphQLApi").parts(&[&["graphql-definition.json"]]).or_empty(),
    item("ApacheAirflowJob"),
    item("MountedDataFactory"),
    item("Ontology"),
    item("DataAgent").without(".pbi"),
    shell("MLExperiment").data(),
    item("Map"),
    item("GraphModel").data(),
    shell("MLModel").data(),
    item("SnowflakeDatabase").data(),
    item("DigitalTwinBuilder").data(),
    child("SQLEndpoint"),
    child("MirroredWarehouse"),
    child("Datamart"),
    child("Dashboard").power_bi(),
];
