//! In a pipeline: annotations, groups, summaries, outputs and report files.

use std::fs;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::binary::{self, Run, Stage};
use crate::example::copy_example;

const PLAN: [&str; 5] = ["plan", "--config", "product/product_config.yaml", "--environment", "dev"];

fn in_pipeline(stage: &Stage, arguments: &[&str], variables: &[(&str, &Path)]) -> Run {
    let mut command = binary::fabric_cli(stage.directory.path());
    command
        .args(arguments)
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token());
    binary::run(command.envs(variables.iter().copied()))
}

fn in_github(stage: &Stage, arguments: &[&str]) -> Run {
    let at = |name| stage.directory.path().join(name);
    in_pipeline(
        stage,
        arguments,
        &[
            ("GITHUB_ACTIONS", Path::new("true")),
            ("GITHUB_WORKSPACE", stage.directory.path()),
            ("GITHUB_STEP_SUMMARY", &at("summary.md")),
            ("GITHUB_OUTPUT", &at("outputs")),
        ],
    )
}

/// A copy of the example with a line that cannot be read.
fn break_example(stage: &Stage) {
    copy_example(&stage.directory.path().join("product"));
    let platform = stage.directory.path().join("product/workspace/Store/BRONZE_Sales_Lakehouse.Lakehouse/.platform");
    fs::write(platform, "{\n  \"metadata\": {\n    \"type\": Lakehouse\n}").unwrap();
}

#[test]
fn github_is_shown_a_finding_on_its_line() {
    let stage = Stage::new();
    break_example(&stage);
    let run = in_github(&stage, &PLAN).exits(7);
    let file = "file=product/workspace/Store/BRONZE_Sales_Lakehouse.Lakehouse/.platform,line=3,";
    let annotation = run.stderr.lines().find(|line| line.starts_with("::error ") && line.contains(file));
    assert!(annotation.is_some(), "{}", run.stderr);
    let outputs = fs::read_to_string(stage.path("outputs")).unwrap();
    assert!(outputs.contains("status=refused\nexit_code=7\n"), "{outputs}");
    let summary = fs::read_to_string(stage.path("summary.md")).unwrap();
    assert!(summary.starts_with("### fabric-cli plan: refused"), "{summary}");
    assert_eq!(run.stdout, "", "what is not the result is not on standard output");
}

#[test]
fn github_gets_the_plan_as_a_table_and_the_steps_as_a_group() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    in_github(&stage, &PLAN).exits(0);
    let summary = fs::read_to_string(stage.path("summary.md")).unwrap();
    assert!(summary.contains("| create | Notebook \"01\\_IngestSales\\_Notebook\" | planned |"), "{summary}");
    let deployed = in_github(&stage, &["deploy", "--config", "product/product_config.yaml", "--environment", "dev"]);
    let deployed = deployed.exits(0);
    let begin = deployed.stderr.find("::group::Steps").expect("a group begins");
    let end = deployed.stderr.find("::endgroup::").expect("and ends");
    assert!(deployed.stderr[begin..end].contains("01_IngestSales_Notebook"), "{}", deployed.stderr);
    let outputs = fs::read_to_string(stage.path("outputs")).unwrap();
    assert!(outputs.contains("status=committed\nexit_code=0\n"), "{outputs}");
    assert!(outputs.contains("changes=12\n"), "{outputs}");
}

#[test]
fn azure_devops_is_spoken_to_in_its_own_commands() {
    let stage = Stage::new();
    break_example(&stage);
    let temporary = stage.directory.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let variables = [
        ("TF_BUILD", Path::new("True")),
        ("BUILD_SOURCESDIRECTORY", stage.directory.path()),
        ("AGENT_TEMPDIRECTORY", &*temporary),
    ];
    let run = in_pipeline(&stage, &PLAN, &variables).exits(7);
    let issue = "##vso[task.logissue type=error;sourcepath=product/workspace/Store/BRONZE_Sales_Lakehouse.Lakehouse/.platform;linenumber=3;";
    assert!(run.stderr.contains(issue), "{}", run.stderr);
    assert!(run.stderr.contains("##vso[task.setvariable variable=fabric_exit_code;isOutput=true]7"), "{}", run.stderr);
    let summary = run.stderr.lines().find_map(|line| line.strip_prefix("##vso[task.uploadsummary]")).unwrap();
    assert!(fs::read_to_string(summary).unwrap().contains("refused"));
}

#[test]
fn azure_devops_gets_the_steps_as_a_group_and_the_plan_as_a_table() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let variables = [("TF_BUILD", Path::new("True")), ("AGENT_TEMPDIRECTORY", stage.directory.path())];
    let deploy = ["deploy", "--config", "product/product_config.yaml", "--environment", "dev"];
    let run = in_pipeline(&stage, &deploy, &variables).exits(0);
    let begin = run.stderr.find("##[group]Steps").expect("a group begins");
    let end = run.stderr.find("##[endgroup]").expect("and ends");
    assert!(run.stderr[begin..end].contains("01_IngestSales_Notebook"), "{}", run.stderr);
    for output in ["fabric_status;isOutput=true]committed", "fabric_changes;isOutput=true]12"] {
        assert!(run.stderr.contains(&format!("##vso[task.setvariable variable={output}")), "{}", run.stderr);
    }
    let summary = run.stderr.lines().find_map(|line| line.strip_prefix("##vso[task.uploadsummary]")).unwrap();
    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.contains("| create | Notebook \"01\\_IngestSales\\_Notebook\" | applied |"), "{summary}");
}

#[test]
fn a_pipeline_may_be_named_whatever_the_variables_say() {
    let stage = Stage::new();
    break_example(&stage);
    let named = |name: &str| in_pipeline(&stage, &[&["--ci", name], &PLAN[..]].concat(), &[]).exits(7).stderr;
    assert!(named("github").contains("::error file="));
    assert!(named("azdo").contains("##vso[task.logissue type=error;"));
    let nobody = named("auto");
    assert!(!nobody.contains("::error") && !nobody.contains("##vso"), "{nobody}");
    let other = in_github(&stage, &[&["--ci", "azdo"], &PLAN[..]].concat()).exits(7).stderr;
    assert!(other.contains("##vso[task.logissue") && !other.contains("::error"), "{other}");
    assert!(in_pipeline(&stage, &["--ci", "jenkins", "flags"], &[]).exits(64).stderr.contains("azdo"));
}

#[test]
fn no_pipeline_is_spoken_to_where_that_is_not_wanted() {
    let stage = Stage::new();
    break_example(&stage);
    let run = in_github(&stage, &[&["--ci", "none"], &PLAN[..]].concat()).exits(7);
    assert!(!run.stderr.contains("::error"), "{}", run.stderr);
    assert!(!stage.directory.path().join("summary.md").exists());
}

#[test]
fn four_reports_say_the_same_of_one_run() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let reports = "junit=out/junit.xml,sarif=out/result.sarif,md=out/page.md,json=out/result.json";
    let run = stage.run(&[&["--output", "json", "--report", reports], &PLAN[..]].concat()).exits(0);
    let written: Value = serde_json::from_str(&fs::read_to_string(stage.path("out/result.json")).unwrap()).unwrap();
    assert_eq!(written, run.document());
    let steps = written["steps"].as_array().unwrap().len();
    let (cases, failures) = test_cases(&fs::read_to_string(stage.path("out/junit.xml")).unwrap());
    assert_eq!((cases, failures), (steps, 0));
    let sarif: Value = serde_json::from_str(&fs::read_to_string(stage.path("out/result.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["level"] == "warning"), "{sarif}");
    assert!(fs::read_to_string(stage.path("out/page.md")).unwrap().contains("12 to create"));
}

#[test]
fn reports_of_a_refusal_name_file_and_line() {
    let stage = Stage::new();
    break_example(&stage);
    stage.run(&[&["--report", "junit=junit.xml,sarif=result.sarif"], &PLAN[..]].concat()).exits(7);
    let (cases, failures) = test_cases(&fs::read_to_string(stage.path("junit.xml")).unwrap());
    assert!(failures > 0 && cases == failures, "{cases} cases, {failures} failures");
    let sarif: Value = serde_json::from_str(&fs::read_to_string(stage.path("result.sarif")).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let located = results.iter().any(|result| {
        let location = &result["locations"][0]["physicalLocation"];
        location["artifactLocation"]["uri"] == "product/workspace/Store/BRONZE_Sales_Lakehouse.Lakehouse/.platform"
            && location["region"]["startLine"] == 3
    });
    assert!(located, "{sarif}");
}

#[test]
fn a_report_that_cannot_be_written_stops_the_deployment_before_it_begins() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    fs::write(stage.path("taken"), "a file").unwrap();
    let deploy = ["deploy", "--config", "product/product_config.yaml", "--environment", "dev"];
    let run = stage.run(&[&["--report", "md=taken/page.md"], &deploy[..]].concat()).exits(7);
    assert!(run.stderr.contains("taken/page.md"), "{}", run.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
    let wrong: &mut Command = &mut binary::fabric_cli(stage.directory.path());
    let wrong = binary::run(wrong.args(["--report", "xml=page.xml", "flags"])).exits(64);
    assert!(wrong.stderr.contains("junit, sarif, md, json"), "{}", wrong.stderr);
}

/// How many test cases a JUnit report has, and how many of them failed.
fn test_cases(report: &str) -> (usize, usize) {
    let mut reader = Reader::from_str(report);
    let (mut cases, mut failures) = (0, 0);
    loop {
        match reader.read_event().expect("the report is well-formed") {
            Event::Start(element) | Event::Empty(element) => {
                cases += usize::from(element.name().as_ref() == b"testcase");
                failures += usize::from(element.name().as_ref() == b"failure");
            }
            Event::Eof => return (cases, failures),
            _ => {}
        }
    }
}
