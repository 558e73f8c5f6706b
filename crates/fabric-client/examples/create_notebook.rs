//! Creates a notebook, reads it back, and deletes it.
//!
//! ```text
//! fabric-cli emulator serve            # or use Fabric itself: https://api.fabric.microsoft.com
//! echo "$TOKEN" | cargo run -p fabric-client --example create_notebook -- http://127.0.0.1:PORT
//! ```
//!
//! The bearer token is read from standard input: arguments can be seen by other users of the machine.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use fabric_client::{
    CapacityState, Client, DefinitionPart, Deletion, Endpoint, ItemDefinition, NewItem, NewWorkspace, Started,
};

const SOURCE: &str = "# Fabric notebook source\n\n# CELL ********************\n\nprint(\"hello\")\n";

#[derive(Debug)]
struct FixedToken(Secret);

#[async_trait]
impl TokenCredential for FixedToken {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new(self.0.clone(), OffsetDateTime::UNIX_EPOCH))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1).ok_or("say which endpoint to use")?;
    let token = std::io::read_to_string(std::io::stdin())?.trim().to_owned();

    let http = Client::http_defaults().build()?;
    let client =
        Client::builder(http, Arc::new(FixedToken(token.into()))).endpoint(Endpoint::parse(&endpoint)?).build();

    let capacities = client.capacities().list().await?;
    let active = capacities.iter().find(|capacity| capacity.state == CapacityState::Active);
    let new = NewWorkspace {
        display_name: "fabric-client example".to_owned(),
        capacity_id: active.map(|capacity| capacity.id),
        ..NewWorkspace::default()
    };
    let workspace = client.workspaces().create(&new).await?;
    let workspace = client.workspace(workspace.id);
    println!("workspace {}", workspace.id());

    let definition = ItemDefinition::new(vec![DefinitionPart::new("notebook-content.py", SOURCE)]);
    let notebook = NewItem { definition: Some(definition), ..NewItem::new("Notebook", "Hello") };
    let notebook = match workspace.items().create(&notebook).start().await? {
        Started::Ready(notebook) => notebook,
        Started::Running(operation) => {
            println!("operation {}: write it down, and a crash costs nothing", operation.id());
            operation.wait().await?
        }
    };
    println!("notebook {}", notebook.id);

    let definition = workspace.items().definition(notebook.id, None).await?;
    for part in &definition.parts {
        println!("  {} ({} bytes)", part.path, part.payload.len());
    }

    workspace.items().delete(notebook.id, Deletion::Soft).await?;
    workspace.delete().await?;
    println!("deleted");
    Ok(())
}
