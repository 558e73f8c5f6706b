//! Writes synthetic source folders in Fabric's Git format.

use std::path::Path;

use serde_json::{Value, json};

use super::case::Case;

/// The size of a notebook in bytes; the budgets are for 50 KB.
const NOTEBOOK_SIZE: usize = 50_000;
const NOTEBOOK_HEAD: &str = "\
# Fabric notebook source

# METADATA ********************

# META {
# META   \"kernel_info\": {
# META     \"name\": \"synapse_pyspark\"
# META   },
# META   \"dependencies\": {}
# META }

# CELL ********************

";

/// Replaces whatever is in the folder by the case's items. Every notebook of one revision differs from that of another.
///
/// # Errors
/// The file system refuses.
pub(crate) fn write(case: &Case, revision: u32, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let (notebooks, others) = match case {
        Case::Notebooks(count) => (*count, false),
        Case::Mixed => (60, true),
    };
    for number in 0..notebooks {
        write_item(folder, Kind::Notebook, number, "notebook-content.py", &notebook(number, revision))?;
    }
    if others {
        for number in 0..20 {
            write_item(folder, Kind::DataPipeline, number, "pipeline-content.json", &pretty(&pipeline(number)))?;
        }
        for number in 0..10 {
            write_item(folder, Kind::CopyJob, number, "copyjob-content.json", &pretty(&copy_job()))?;
            write_item(folder, Kind::Reflex, number, "ReflexEntities.json", "[]\n")?;
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Notebook,
    DataPipeline,
    CopyJob,
    Reflex,
}

fn write_item(folder: &Path, kind: Kind, number: u32, part: &str, content: &str) -> std::io::Result<()> {
    let name = format!("Benchmark_{number:04}");
    let directory = folder.join(format!("{name}.{kind:?}"));
    std::fs::create_dir_all(&directory)?;
    let platform = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": {"type": format!("{kind:?}"), "displayName": name},
        "config": {"version": "2.0", "logicalId": logical_id(kind, number)},
    });
    write_file(&directory.join(".platform"), &pretty(&platform))?;
    write_file(&directory.join(part), content)
}

#[expect(clippy::disallowed_methods, reason = "benchmark sources are this room's files")]
fn write_file(path: &Path, content: &str) -> std::io::Result<()> {
    std::fs::write(path, content)
}

fn logical_id(kind: Kind, number: u32) -> String {
    format!("b0000000-0000-4000-8000-{:04x}{number:08x}", kind as u16)
}

fn notebook(number: u32, revision: u32) -> String {
    let mut text = String::with_capacity(NOTEBOOK_SIZE + 200);
    text.push_str(NOTEBOOK_HEAD);
    text.push_str(&format!("revision = {revision}\n"));
    let mut step = 0;
    while text.len() < NOTEBOOK_SIZE {
        text.push_str(&format!(
            "step_{step} = spark.table(\"orders_{number}\").where(\"day >= {step}\").groupBy(\"country\").count()\n"
        ));
        step += 1;
    }
    text
}

fn pipeline(number: u32) -> Value {
    json!({"properties": {"activities": [{
        "name": "Run",
        "type": "TridentNotebook",
        "dependsOn": [],
        "typeProperties": {
            "notebookId": logical_id(Kind::Notebook, number),
            "workspaceId": "00000000-0000-0000-0000-000000000000",
        },
    }]}})
}

fn copy_job() -> Value {
    json!({"properties": {"jobMode": "Batch"}, "activities": []})
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(case: Case) -> (Vec<String>, u64) {
        let folder = tempfile::tempdir().unwrap();
        write(&case, 0, folder.path()).unwrap();
        let items = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        let names = items.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let notebook = folder.path().join("Benchmark_0000.Notebook/notebook-content.py");
        (names, std::fs::metadata(notebook).unwrap().len())
    }

    #[test]
    fn a_case_has_the_promised_number_and_size_of_items() {
        let (names, size) = written(Case::Notebooks(3));
        assert_eq!(names.len(), 3);
        assert!((50_000..50_200).contains(&size), "{size}");
        let (names, _) = written(Case::Mixed);
        assert_eq!(names.len(), 100);
        assert_eq!(names.iter().filter(|name| name.ends_with(".DataPipeline")).count(), 20);
    }
}
