//! The decisions of one run, frozen.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::{Evaluation, Feature, Profile, Warning};

/// The decisions of one run. It never changes, so a deployment cannot change its mind half-way.
///
/// A clone copies one pointer and one integer. It serialises as `{"FEATURE_USE_KEY_VAULT": false, …}`: every
/// feature, in the order of [`Feature::ALL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    on: u32,
    detail: Arc<Detail>,
}

#[derive(Debug, PartialEq, Eq)]
struct Detail {
    evaluations: [Evaluation; Feature::ALL.len()],
    profile: Option<Profile>,
    warnings: Vec<Warning>,
}

impl Snapshot {
    pub(crate) fn new(
        evaluations: [Evaluation; Feature::ALL.len()],
        profile: Option<Profile>,
        warnings: Vec<Warning>,
    ) -> Self {
        let on = evaluations.iter().filter(|row| row.value).fold(0, |on, row| on | bit(row.feature));
        Self { on, detail: Arc::new(Detail { evaluations, profile, warnings }) }
    }

    /// Whether `feature` is on: one mask of one integer.
    #[inline]
    pub const fn is_on(&self, feature: Feature) -> bool {
        self.on & bit(feature) != 0
    }

    /// Why every feature is on or off, in the order of [`Feature::ALL`].
    pub fn explain(&self) -> &[Evaluation] {
        &self.detail.evaluations
    }

    /// Why `feature` is on or off.
    pub fn why(&self, feature: Feature) -> &Evaluation {
        &self.detail.evaluations[feature as usize]
    }

    /// The profile in force.
    pub fn profile(&self) -> Option<Profile> {
        self.detail.profile
    }

    /// What the user should be told before anything starts.
    pub fn warnings(&self) -> &[Warning] {
        &self.detail.warnings
    }
}

/// No source at all: every feature has its default.
impl Default for Snapshot {
    fn default() -> Self {
        Self::new(Feature::ALL.map(Evaluation::default_of), None, Vec::new())
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Feature::ALL.map(|feature| (feature, self.is_on(feature))))
    }
}

const fn bit(feature: Feature) -> u32 {
    1 << feature as u32
}
