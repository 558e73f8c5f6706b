//! A flag file in Microsoft's Feature Management v2 format, read so that one damaged flag does not hide the others.

mod audience;
mod condition;
mod decision;
mod definition;
mod event;
mod percentile;
mod position;
mod time_window;
mod variant;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use decision::{Assignment, Decision};
pub use position::FlagFileError;
pub use variant::Variant;

use crate::Context;
use definition::Definition;
use position::parse_part;

/// The flags of one file, of any name: [`FlagSet::resolve`](crate::FlagSet::resolve) uses those of the closed set.
///
/// ```
/// use std::time::SystemTime;
/// use fabric_flags::{Context, FlagFile, Reason};
///
/// let file = FlagFile::parse(
///     r#"{"feature_management": {"feature_flags": [
///         {"id": "FEATURE_USE_TELEMETRY", "enabled": true, "conditions": {"client_filters": [
///             {"name": "Microsoft.Targeting", "parameters": {"Audience": {"Groups": [{"Name": "test", "RolloutPercentage": 100}]}}}
///         ]}}
///     ]}}"#,
/// )?;
/// let context = Context::at(SystemTime::UNIX_EPOCH);
/// assert!(!file.evaluate("FEATURE_USE_TELEMETRY", &context).enabled);
/// let decision = file.evaluate("FEATURE_USE_TELEMETRY", &context.group("test"));
/// assert!(decision.enabled);
/// assert_eq!(decision.reason, Reason::Split);
/// # Ok::<(), fabric_flags::FlagFileError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FlagFile {
    flags: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: String,
    definition: Result<Definition, FlagFileError>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    feature_management: Section<'a>,
}

#[derive(Deserialize)]
struct Section<'a> {
    #[serde(borrow, default)]
    feature_flags: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Identity {
    id: String,
}

impl FlagFile {
    /// Reads `text`. A byte order mark and properties that the format does not know are ignored.
    ///
    /// # Errors
    /// With its line: text that is no JSON, no `feature_management` section, a flag without an id, an id declared
    /// twice. Damage inside one flag is kept until that flag is evaluated.
    pub fn parse(text: &str) -> Result<Self, FlagFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Document<'_> = parse_part(text, text)?;
        let mut flags: Vec<Entry> = Vec::new();
        for raw in document.feature_management.feature_flags {
            let Identity { id } = parse_part(text, raw.get())?;
            if flags.iter().any(|flag| flag.id == id) {
                return Err(FlagFileError::at(text, raw.get(), format!("flag \"{id}\" is declared twice")));
            }
            flags.push(Entry { definition: Definition::parse(text, raw.get(), &id), id });
        }
        Ok(Self { flags })
    }

    /// The ids of the flags, in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().map(|flag| flag.id.as_str())
    }

    /// Decides the flag `id`. Never fails: a flag that is missing, damaged or not understood is off, with an error.
    pub fn evaluate(&self, id: &str, context: &Context) -> Decision<'_> {
        match self.find(id) {
            None => Decision::not_found(id),
            Some(Err(damage)) => Decision::damaged(damage),
            Some(Ok(definition)) => definition.decide(context),
        }
    }

    /// What is wrong with the declaration of `id`.
    pub(crate) fn damage(&self, id: &str) -> Option<&FlagFileError> {
        self.find(id)?.as_ref().err()
    }

    fn find(&self, id: &str) -> Option<&Result<Definition, FlagFileError>> {
        self.flags.iter().find(|flag| flag.id == id).map(|flag| &flag.definition)
    }
}
