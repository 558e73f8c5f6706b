//! A snapshot as an OpenFeature provider.

use open_feature::async_trait;
use open_feature::provider::{FeatureProvider, ProviderMetadata, ResolutionDetails};
use open_feature::{
    EvaluationContext, EvaluationError, EvaluationErrorCode, EvaluationReason, EvaluationResult, StructValue,
};

use crate::{Feature, Reason, Snapshot};

/// Answers OpenFeature's boolean questions from a frozen [`Snapshot`]; keys are the features' variable names.
///
/// The evaluation context is ignored: the snapshot was decided once, at start.
#[derive(Debug)]
pub struct SnapshotProvider {
    metadata: ProviderMetadata,
    snapshot: Snapshot,
}

impl SnapshotProvider {
    /// Answers from `snapshot`.
    pub fn new(snapshot: Snapshot) -> Self {
        Self { metadata: ProviderMetadata::new("fabric-flags"), snapshot }
    }

    /// Every flag is a boolean, so any other question has the wrong type or the wrong key.
    fn no_such_value<T>(key: &str) -> EvaluationResult<ResolutionDetails<T>> {
        let code = match Feature::from_variable(key) {
            Some(_) => EvaluationErrorCode::TypeMismatch,
            None => EvaluationErrorCode::FlagNotFound,
        };
        Err(EvaluationError { code, message: None })
    }
}

#[async_trait]
impl FeatureProvider for SnapshotProvider {
    fn metadata(&self) -> &ProviderMetadata {
        &self.metadata
    }

    async fn resolve_bool_value(&self, key: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<bool>> {
        let Some(row) = self.snapshot.explain().iter().find(|row| row.feature.variable() == key) else {
            return Self::no_such_value(key);
        };
        let mut details = ResolutionDetails::new(row.value);
        details.variant.clone_from(&row.variant);
        details.reason = Some(row.reason.into());
        Ok(details)
    }

    async fn resolve_int_value(&self, key: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<i64>> {
        Self::no_such_value(key)
    }

    async fn resolve_float_value(&self, key: &str, _: &EvaluationContext) -> EvaluationResult<ResolutionDetails<f64>> {
        Self::no_such_value(key)
    }

    async fn resolve_string_value(
        &self,
        key: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<String>> {
        Self::no_such_value(key)
    }

    async fn resolve_struct_value(
        &self,
        key: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<StructValue>> {
        Self::no_such_value(key)
    }
}

impl From<Reason> for EvaluationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Static => Self::Static,
            Reason::Default => Self::Default,
            Reason::TargetingMatch => Self::TargetingMatch,
            Reason::Split => Self::Split,
            Reason::Disabled => Self::Disabled,
            Reason::Error => Self::Error,
        }
    }
}
