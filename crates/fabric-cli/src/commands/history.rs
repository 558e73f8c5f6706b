//! `history` and `show`: deployments on record.

use super::Context;
use crate::arguments::TransactionArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::render;

pub(super) async fn history(context: &Context) -> Result<Exit, Failure> {
    let entries = Ledger::open(context)?.history().await?;
    render::history(context.global.output, &entries)?;
    Ok(Exit::Success)
}

pub(super) async fn show(arguments: &TransactionArguments, context: &Context) -> Result<Exit, Failure> {
    let ledger = Ledger::open(context)?;
    let id = ledger.find(Some(&arguments.transaction)).await?;
    let (state, records) = fabric_txn::show(&*ledger.store, id).await?;
    render::transaction(context.global.output, &state, &records)?;
    Ok(Exit::Success)
}
