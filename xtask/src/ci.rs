//! Everything that must pass before a change is good, cheapest first.

use anyhow::bail;

use crate::stage::{self, Outcome, Stage};
use crate::workspace::Workspace;
use crate::{api, checks, codegen, deny, features, interop, msrv, parity, pipelines, tidy};

/// Runs all stages and prints the table.
///
/// # Errors
/// At least one stage did not pass.
pub(crate) fn run(workspace: &Workspace, fail_fast: bool) -> anyhow::Result<()> {
    let rows = stage::run_all(stages(workspace), fail_fast);
    print!("\n{}", stage::table(&rows));
    let failed: Vec<_> = rows.iter().filter(|row| row.stops()).map(|row| row.name).collect();
    if !failed.is_empty() {
        bail!("did not pass: {}", failed.join(", "));
    }
    println!("\nAll stages passed.");
    Ok(())
}

fn stages(workspace: &Workspace) -> Vec<Stage<'_>> {
    vec![
        stage("fmt", None, || checks::format(workspace, true)),
        stage("tidy", None, || tidy::run(workspace)),
        stage("msrv", None, || msrv::run_all(workspace)),
        stage("lint", None, || checks::lint(workspace)),
        stage("features", None, || features::run_all(workspace)),
        stage("build", None, || checks::build(workspace)),
        stage("test", Some("build"), || checks::test(workspace, &["--no-fail-fast".to_owned()])),
        stage("codegen", Some("build"), || codegen::run(workspace, true)),
        stage("api", None, || api::run(workspace, true)),
        stage("doc", None, || checks::doc(workspace)),
        stage("pipelines", None, || pipelines::run_all(workspace)),
        stage("interop", Some("build"), || interop::run_all(workspace)),
        stage("parity", Some("build"), || parity::run_all(workspace, &parity::Options::checked())),
        stage("deny", None, || deny::run(workspace)),
    ]
}

fn stage<'a>(
    name: &'static str,
    needs: Option<&'static str>,
    run: impl FnOnce() -> anyhow::Result<Outcome> + 'a,
) -> Stage<'a> {
    Stage { name, needs, run: Box::new(run) }
}
