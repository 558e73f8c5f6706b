//! `report`: one deployment as a page.

use fabric_deploy::transaction::plan_of;

use super::Context;
use crate::arguments::ReportArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::{render, report_html};

#[expect(clippy::disallowed_methods, reason = "this is the room that writes the page, and its error names the file")]
pub(super) async fn run(arguments: &ReportArguments, context: &Context) -> Result<Exit, Failure> {
    let ledger = Ledger::open(context)?;
    let id = ledger.find(Some(&arguments.transaction)).await?;
    let (state, records) = fabric_txn::show(&*ledger.store, id).await?;
    let page = report_html::page(&state, &records, &plan_of(&state));
    let written = std::fs::write(&arguments.html, page);
    written.map_err(|source| Failure::Report { path: arguments.html.clone(), source })?;
    render::report(context.global.output, id, &arguments.html)?;
    Ok(Exit::Success)
}
