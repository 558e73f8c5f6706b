//! `emulator serve`: the emulator as a server.

use std::io::Write;

use fabric_emulator::Emulator;

use crate::arguments::ServeArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt;

pub(super) async fn serve(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let mut builder =
        Emulator::builder().listen(arguments.listen).latency(arguments.latency).operation_duration(arguments.lro);
    if let Some(directory) = &arguments.state {
        builder = builder.state_directory(directory);
    }
    if let Some(page_size) = arguments.page_size {
        builder = builder.page_size(page_size);
    }
    if let Some(path) = &arguments.seed {
        let unusable = |reason: String| Failure::Seed { path: path.display().to_string(), reason };
        let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        builder = builder.seed(serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?);
    }
    let emulator = builder.start().await?;
    let mut line = serde_json::to_string(&emulator.endpoints()).unwrap_or_default();
    line.push('\n');
    let mut stdout = std::io::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()?;
    interrupt::wait().await?;
    emulator.stop().await;
    Ok(Exit::Success)
}
