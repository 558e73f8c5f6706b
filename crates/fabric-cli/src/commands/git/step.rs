//! `git update` and `git commit`: one side follows the other.

use fabric_deploy::git::{self, Deletions, Moved};
use fabric_deploy::report::Status;

use super::{Place, preference};
use crate::arguments::git::{CommitArguments, UpdateArguments};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::git::GitDocument;

pub(super) async fn update(arguments: &UpdateArguments, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace.workspace, context).await?;
    let moved = git::update(&place.workspace.git(), preference(arguments.prefer)).await?;
    end("git update", &place, &moved, context).await
}

pub(super) async fn commit(arguments: &CommitArguments, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace.workspace, context).await?;
    let moved = git::commit(&place.workspace.git(), &arguments.message, Deletions::Commit).await?;
    end("git commit", &place, &moved, context).await
}

async fn end(command: &'static str, place: &Place, moved: &Moved, context: &Context) -> Result<Exit, Failure> {
    let status = if moved.changes.is_empty() { Status::Unchanged } else { Status::Committed };
    let mut side = place.side().await?;
    side.head = moved.head.clone().or(side.head);
    GitDocument::new(command, status, place.workspace.id(), side, context)
        .with_changes(&moved.changes)
        .write(context)?;
    Ok(Exit::Success)
}
