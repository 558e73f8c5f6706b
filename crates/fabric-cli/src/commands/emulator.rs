//! `emulator serve`: the emulator as a server.

use std::io::Write;
use std::path::{Path, PathBuf};

use fabric_emulator::ServeOptions;
use serde_json::Value;

use crate::arguments::ServeArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt;

pub(super) async fn serve(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let (emulator, endpoints) = fabric_emulator::serve(ServeOptions {
        listen: Some(arguments.listen.to_string()),
        state: arguments.state.as_ref().map(PathBuf::from),
        tls: arguments.tls.clone(),
        latency: arguments.latency,
        operation_duration: arguments.lro,
        page_size: arguments.page_size,
        seed: arguments.seed.as_deref().map(read_seed).transpose()?,
    })
    .await?;
    let mut line = serde_json::to_string(&endpoints).map_err(std::io::Error::from)?;
    line.push('\n');
    let mut stdout = std::io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()?;
    interrupt::asked_to_end().await?;
    emulator.stop().await;
    Ok(Exit::Success)
}

fn read_seed(path: &Path) -> Result<Value, Failure> {
    let unusable = |reason: String| Failure::Seed { path: path.display().to_string(), reason };
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))
}
