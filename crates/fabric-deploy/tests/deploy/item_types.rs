//! `docs/item-types.md` says what the table of item types says.

use std::fmt::Write;
use std::path::Path;

use fabric_deploy::item_type::{self, Deployed, Format, TYPES};

const PREFACE: &str = "# Item types

Made from the table in `crates/fabric-deploy/src/item_type/table.rs`: `UPDATE_DOCS=1 cargo test -p fabric-deploy --test deploy
item_types` writes this page. A type that is not listed is deployed with its definition as it is, by the generic API; the
service decides whether it takes it.

Independent items start in the order of the table; what refers to another item comes after it, whatever its type.
*Shell*: only name and description are deployed. *In bulk*: a bulk import takes it, where no format has to be named; one
whose names may repeat is updated by itself. *Data*: deleted with `--prune-data` only, last of all, and for good.

";

fn page() -> String {
    let mut page = PREFACE.to_owned();
    page.push_str("| type | deployed | format | required parts | left out | data | names | in bulk | special |\n");
    page.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for known in TYPES {
        let deployed = match known.deployed {
            Deployed::Definition => "definition",
            Deployed::Shell => "shell",
            Deployed::Nothing => "with another item",
        };
        let format = match known.format {
            Format::Unnamed => String::new(),
            Format::Always(format) => format!("`{format}`"),
            Format::WithFile { format, ending } => format!("`{format}` with a `{ending}` file"),
        };
        let groups = known.required.iter().map(|group| {
            let patterns: Vec<_> = group.iter().map(|pattern| format!("`{pattern}`")).collect();
            patterns.join(" or ")
        });
        let mut required = groups.collect::<Vec<_>>().join(", ");
        if known.may_be_empty {
            required.push_str(", or none at all");
        }
        let excluded = known.excluded.map(|directory| format!("`{directory}/`")).unwrap_or_default();
        let data = if known.holds_data { "data" } else { "" };
        let names = if known.equal_names { "may repeat" } else { "unique" };
        let bulk = if item_type::takes_bulk(known.name) { "yes" } else { "" };
        let mut special: Vec<&str> = Some(known.special).filter(|special| !special.is_empty()).into_iter().collect();
        if known.keeps_ids {
            special.push("ids in its files are replaced by parameters only");
        }
        if known.one_at_a_time {
            special.push("one after the other");
        }
        let special = special.join("; ");
        writeln!(
            page,
            "| {} | {deployed} | {format} | {required} | {excluded} | {data} | {names} | {bulk} | {special} |",
            known.name
        )
        .unwrap();
    }
    page
}

#[test]
fn the_item_types_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/item-types.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    } else {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, page(), "docs/item-types.md is not up to date: run `cargo xtask codegen`");
    }
}

#[test]
fn the_types_of_fabric_cicd_come_first_and_each_type_once() {
    let names: std::collections::BTreeSet<_> = TYPES.iter().map(|known| known.name).collect();
    assert_eq!(names.len(), TYPES.len());
    assert_eq!((TYPES[0].name, TYPES[30].name), ("VariableLibrary", "GraphModel"));
    assert!(TYPES[31..].iter().all(|known| known.name != "Notebook"));
}
