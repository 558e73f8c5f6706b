//! `secrets list|check|set`: which secrets there are and where they come from; never what they are.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

use fabric_deploy::desired::DesiredState;
use fabric_deploy::plan::Strategy;
use fabric_secrets::{SecretName, SecretString};
use zeroize::Zeroizing;

use super::Context;
use crate::arguments::{InputArguments, PruneArguments, SecretNameArguments, SecretsCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::render::{self, SecretRow, SecretsDocument};
use crate::secrets::{self, SecretsError};

pub(super) async fn run(command: &SecretsCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        SecretsCommand::List => list(context).await,
        SecretsCommand::Check(arguments) => check(arguments, context).await,
        SecretsCommand::Set(arguments) => set(arguments, context).await,
    }
}

/// What the vault lists. Variables are no list: which of them are secrets, only a reference tells.
async fn list(context: &Context) -> Result<Exit, Failure> {
    let secrets = context.secrets()?;
    let Some(vault) = secrets.vault() else {
        render::say_note(
            "FEATURE_USE_KEY_VAULT is off: secrets come from the environment and .env; `secrets check` says which are needed",
        );
        let document = SecretsDocument::new("secrets list", None, Vec::new(), context.elapsed_ms());
        render::secrets(context.global.output, &document)?;
        return Ok(Exit::Success);
    };
    let listed = vault.store.list().await.map_err(SecretsError::from)?;
    let rows = listed.iter().map(|listed| SecretRow::listed(listed, &secrets::source_of(&vault.store))).collect();
    let document = SecretsDocument::new("secrets list", Some(vault.method), rows, context.elapsed_ms());
    render::secrets(context.global.output, &document)?;
    Ok(Exit::Success)
}

/// Asks for everything that the files and the credential variables refer to.
async fn check(arguments: &InputArguments, context: &Context) -> Result<Exit, Failure> {
    let secrets = context.secrets()?;
    let mut used: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (variable, reference) in secrets::borrowing(&context.environment) {
        used.entry(reference.to_owned()).or_default().push(variable.to_owned());
    }
    for (reference, place) in files(arguments, context)?.iter().flat_map(references) {
        used.entry(reference).or_default().push(place);
    }
    let asked = used.into_iter().map(|(reference, places)| {
        let secrets = &secrets;
        async move {
            let answer = secrets.get(&reference).await;
            (SecretRow::checked(&reference, places, &answer), answer.err().map(|error| error.failure()))
        }
    });
    let (rows, failures): (Vec<_>, Vec<_>) = futures::future::join_all(asked).await.into_iter().unzip();
    let exit = secrets::exit_of(failures.into_iter().flatten()).unwrap_or(Exit::Success);
    let opener = secrets.vault().map(|vault| vault.method);
    let document = SecretsDocument::new("secrets check", opener, rows, context.elapsed_ms());
    render::secrets(context.global.output, &document)?;
    Ok(exit)
}

/// What is to be deployed, where the command line names something.
fn files(arguments: &InputArguments, context: &Context) -> Result<Option<DesiredState>, Failure> {
    if arguments.config.is_none() && arguments.source.is_none() {
        return Ok(None);
    }
    let prune = PruneArguments { prune: false, prune_data: false, max_delete: 0 };
    let loaded = inputs::load(&inputs::plan_inputs(arguments, prune, Strategy::Auto), &context.environment)?;
    Ok(Some(loaded.desired))
}

fn references(desired: &DesiredState) -> Vec<(String, String)> {
    let found = desired.secret_references();
    found.into_iter().map(|reference| (reference.name.clone(), reference.place.to_string())).collect()
}

/// Writes what standard input holds.
async fn set(arguments: &SecretNameArguments, context: &Context) -> Result<Exit, Failure> {
    let name = SecretName::parse(&arguments.name).map_err(SecretsError::from)?;
    let secrets = context.secrets()?;
    let vault = secrets.vault().ok_or(SecretsError::Off)?;
    let value = read_value(&name)?;
    let written = vault.store.set(&name, &value).await.map_err(SecretsError::from)?;
    let row = SecretRow::written(&name, &secrets::source_of(&vault.store), &written);
    let document = SecretsDocument::new("secrets set", Some(vault.method), vec![row], context.elapsed_ms());
    render::secrets(context.global.output, &document)?;
    Ok(Exit::Success)
}

/// The value: typed unseen on a terminal, or everything that is piped in but for one line end at its end.
fn read_value(name: &SecretName) -> Result<SecretString, Failure> {
    let stdin = std::io::stdin();
    let mut text = if stdin.is_terminal() {
        Zeroizing::new(rpassword::prompt_password(format!("Value of {name}: "))?)
    } else {
        let mut text = Zeroizing::new(String::new());
        stdin.lock().read_to_string(&mut text)?;
        text
    };
    let kept = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line)).len();
    text.truncate(kept);
    if text.is_empty() {
        return Err(SecretsError::NoValue.into());
    }
    Ok(SecretString::new(std::mem::take(&mut text)))
}
