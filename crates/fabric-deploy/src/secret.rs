//! Secrets that content refers to: their values are in memory and in what is sent; all that is kept has the reference.
//!
//! A parameter file puts in `${secret:name}`. The reference stands in [`Content`](crate::content::Content) until a step
//! sends it. Before the workspace is read, [`Secrets::read`] asks for every value once: that tells what does not exist
//! while nothing has been sent, and lets the plan compare. Diffs, digests and journals are made from the references.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::desired::{DesiredItem, DesiredState};
use crate::diagnostic::Place;

/// How a value is written into the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As it is.
    Plain,
    /// With the escapes of a JSON string, in whose quotes it stands.
    Json,
}

impl Encoding {
    fn encode(self, value: &str) -> Zeroizing<String> {
        match self {
            Self::Plain => Zeroizing::new(value.to_owned()),
            Self::Json => {
                let quoted = Zeroizing::new(serde_json::Value::from(value).to_string());
                Zeroizing::new(quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned())
            }
        }
    }
}

/// A place in content that a secret's value is put into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SecretReference {
    /// What stands between `${secret:` and `}`.
    pub name: String,
    /// How its value is written there.
    pub encoding: Encoding,
    /// Where a file asks for it.
    pub place: Place,
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{secret:{}}}", self.name)
    }
}

/// The value of a secret.
#[derive(Clone)]
pub struct SecretValue {
    value: Zeroizing<String>,
    again: String,
}

impl SecretValue {
    /// The value, and the name by which exactly this value is given again, where the store has versions.
    pub fn new(value: Zeroizing<String>, again: impl Into<String>) -> Self {
        Self { value, again: again.into() }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretValue(redacted, {})", self.again)
    }
}

/// What kind of failure it is that a secret has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFailure {
    /// There is none, or its name cannot be one.
    Missing,
    /// The store refuses.
    Denied,
    /// The store gives no answer.
    Unreachable,
    /// Anything else.
    Other,
}

/// Why a secret has no value. It holds none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SecretError {
    /// What kind of failure it is.
    pub failure: SecretFailure,
    /// What the store says.
    pub message: String,
}

/// Gives secrets by what files call them.
#[async_trait]
pub trait SecretSource: fmt::Debug + Send + Sync {
    /// The value of the secret that `name`, the text between `${secret:` and `}`, means.
    async fn get(&self, name: &str) -> Result<SecretValue, SecretError>;
}

/// A secret that has no value, and every place that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSecret {
    /// What files call it.
    pub name: String,
    /// Where they do.
    pub places: Vec<Place>,
    /// Why it has no value.
    pub error: SecretError,
}

/// Who gives the values, and those that were given when the plan was made.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    source: Option<Arc<dyn SecretSource>>,
    planned: Arc<HashMap<String, SecretValue>>,
}

/// Two states ask for the same whoever gives the values.
impl PartialEq for Secrets {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Secrets {}

impl Secrets {
    /// Values from `source`, none of which has been asked for.
    pub fn new(source: Arc<dyn SecretSource>) -> Self {
        Self { source: Some(source), planned: Arc::default() }
    }

    /// Asks `source` for everything that `desired` refers to.
    ///
    /// # Errors
    /// All secrets that have no value, by name.
    pub async fn read(source: Arc<dyn SecretSource>, desired: &DesiredState) -> Result<Self, Vec<MissingSecret>> {
        let mut wanted: BTreeMap<&str, BTreeSet<&Place>> = BTreeMap::new();
        for reference in desired.secret_references() {
            wanted.entry(&reference.name).or_default().insert(&reference.place);
        }
        let asked = wanted.into_iter().map(|(name, places)| {
            let source = &source;
            async move { (name, places, source.get(name).await) }
        });
        let mut planned = HashMap::new();
        let mut missing = Vec::new();
        for (name, places, answer) in futures::future::join_all(asked).await {
            match answer {
                Ok(value) => {
                    planned.insert(name.to_owned(), value);
                }
                Err(error) => {
                    let places = places.into_iter().cloned().collect();
                    missing.push(MissingSecret { name: name.to_owned(), places, error });
                }
            }
        }
        if missing.is_empty() { Ok(Self { planned: Arc::new(planned), ..Self::new(source) }) } else { Err(missing) }
    }

    /// The value that the plan was made with.
    pub(crate) fn planned(&self, reference: &SecretReference) -> Option<String> {
        let value = self.planned.get(&reference.name)?;
        Some(reference.encoding.encode(&value.value).as_str().to_owned())
    }

    /// The value now.
    async fn now(&self, name: &str) -> Result<SecretValue, SecretError> {
        match &self.source {
            Some(source) => source.get(name).await,
            None => Err(SecretError {
                failure: SecretFailure::Other,
                message: format!("nobody gives the secret {name} here"),
            }),
        }
    }

    /// The value now, written in this way.
    pub(crate) async fn written(&self, name: &str, encoding: Encoding) -> Result<Zeroizing<String>, SecretError> {
        Ok(encoding.encode(&self.now(name).await?.value))
    }

    /// What must not be kept of `item`: the values now, in every way in which its content writes them.
    pub(crate) async fn kept_of(&self, item: &DesiredItem) -> Result<Veil, SecretError> {
        let mut values = Vec::new();
        for reference in item.parts().iter().flat_map(|part| part.content.secrets()) {
            let value = self.now(&reference.name).await?;
            values.push((reference.encoding.encode(&value.value), value.again, reference.encoding));
        }
        Ok(Veil::new(values))
    }

    /// What must not be kept of anything: the values that the plan was made with.
    pub(crate) fn kept(&self) -> Veil {
        self.veil(|_, value| value.again.clone())
    }

    /// What must not be shown: the same values, by the names that the files use.
    pub(crate) fn shown(&self) -> Veil {
        self.veil(|name, _| name.to_owned())
    }

    fn veil(&self, name: impl Fn(&str, &SecretValue) -> String) -> Veil {
        let ways = [Encoding::Plain, Encoding::Json];
        let values = self.planned.iter().flat_map(|(planned, value)| {
            let name = name(planned, value);
            ways.map(|encoding| (encoding.encode(&value.value), name.clone(), encoding))
        });
        Veil::new(values.collect())
    }
}

/// Values that must not be kept or shown, each with what stands for it.
pub(crate) struct Veil(Vec<(Zeroizing<String>, String, Encoding)>);

/// A run of bytes behind a veil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Veiled<B> {
    /// Bytes that hold no secret.
    Bytes(B),
    /// A secret.
    Secret {
        /// What to ask for.
        name: String,
        /// How it is written.
        encoding: Encoding,
    },
}

impl Veil {
    /// Longer values come first, so that one that contains another is found whole.
    fn new(mut values: Vec<(Zeroizing<String>, String, Encoding)>) -> Self {
        values.retain(|(value, _, _)| !value.is_empty());
        values.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| (&a.1, a.2).cmp(&(&b.1, b.2))));
        Self(values)
    }

    /// `bytes` in runs: those with a secret's value name it instead.
    pub(crate) fn over<'b>(&self, bytes: &'b [u8]) -> Vec<Veiled<&'b [u8]>> {
        let mut runs = vec![Veiled::Bytes(bytes)];
        for (value, name, encoding) in &self.0 {
            let mut finer = Vec::with_capacity(runs.len());
            for run in runs {
                let Veiled::Bytes(mut rest) = run else {
                    finer.push(run);
                    continue;
                };
                while let Some(at) = memchr::memmem::find(rest, value.as_bytes()) {
                    let (before, from) = rest.split_at(at);
                    if !before.is_empty() {
                        finer.push(Veiled::Bytes(before));
                    }
                    finer.push(Veiled::Secret { name: name.clone(), encoding: *encoding });
                    rest = from.get(value.len()..).unwrap_or_default();
                }
                if !rest.is_empty() {
                    finer.push(Veiled::Bytes(rest));
                }
            }
            runs = finer;
        }
        runs
    }

    /// `bytes` for people: references in the place of values.
    pub(crate) fn shown(&self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(bytes.len());
        for run in self.over(bytes) {
            match run {
                Veiled::Bytes(bytes) => shown.extend_from_slice(bytes),
                Veiled::Secret { name, .. } => shown.extend_from_slice(format!("${{secret:{name}}}").as_bytes()),
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil(values: &[(&str, &str, Encoding)]) -> Veil {
        let owned = values
            .iter()
            .map(|(value, name, encoding)| (Zeroizing::new((*value).to_owned()), (*name).to_owned(), *encoding));
        Veil::new(owned.collect())
    }

    #[test]
    fn a_value_that_contains_another_is_found_whole() {
        let veil = veil(&[("pass", "short", Encoding::Plain), ("password", "long", Encoding::Plain)]);
        assert_eq!(veil.shown(b"a password, a pass."), b"a ${secret:long}, a ${secret:short}.");
    }

    #[test]
    fn a_value_is_escaped_where_it_stands_in_json() {
        assert_eq!(Encoding::Json.encode("a\"b\\c\n").as_str(), "a\\\"b\\\\c\\n");
        assert_eq!(Encoding::Plain.encode("a\"b").as_str(), "a\"b");
    }

    #[test]
    fn nothing_is_hidden_behind_an_empty_value() {
        assert_eq!(veil(&[("", "empty", Encoding::Plain)]).shown(b"text"), b"text");
    }
}
