//! Turns ids of one workspace into ids that mean the same in any workspace.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Captures, Regex};
use uuid::Uuid;

use crate::canonical::{PartKind, kind_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::error::DeployError;

pub(super) struct Rewrite {
    ids: AhoCorasick,
    logical_ids: Vec<String>,
    workspace_members: Regex,
    workspace: String,
}

impl Rewrite {
    pub(super) fn new(workspace: Uuid, logical_ids: &HashMap<Uuid, Uuid>) -> Result<Self, DeployError> {
        let (object_ids, logical_ids): (Vec<_>, Vec<_>) =
            logical_ids.iter().map(|(object_id, logical_id)| (object_id.to_string(), logical_id.to_string())).unzip();
        let too_many = |message: String| {
            let mut diagnostics = Diagnostics::new();
            diagnostics.push(Diagnostic::error("too-many-items", message));
            DeployError::Invalid(diagnostics)
        };
        let ids = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostFirst)
            .build(object_ids)
            .map_err(|error| too_many(error.to_string()))?;
        let workspace_members =
            Regex::new(r#"("?(?:default_lakehouse_workspace_id|workspaceId|workspace)"?\s*[:=]\s*")([^"]*)""#)
                .map_err(|error| too_many(error.to_string()))?;
        Ok(Self { ids, logical_ids, workspace_members, workspace: workspace.to_string() })
    }

    pub(super) fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        if kind_of("", bytes) == PartKind::Binary {
            return bytes.to_vec();
        }
        let with_logical_ids = self.ids.replace_all_bytes(bytes, &self.logical_ids);
        let replaced = self.workspace_members.replace_all(&with_logical_ids, |found: &Captures<'_>| {
            let is_own = found[2].eq_ignore_ascii_case(self.workspace.as_bytes());
            if !is_own {
                return found[0].to_vec();
            }
            [&found[1], Uuid::nil().to_string().as_bytes(), b"\""].concat()
        });
        replaced.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_workspace_and_exported_items_are_rewritten() {
        let workspace: Uuid = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let object_id: Uuid = "22222222-2222-4222-8222-222222222222".parse().unwrap();
        let logical_id: Uuid = "33333333-3333-4333-8333-333333333333".parse().unwrap();
        let rewrite = Rewrite::new(workspace, &HashMap::from([(object_id, logical_id)])).unwrap();
        let text = format!(
            r#"{{"workspaceId":"{workspace}","notebookId":"{object_id}","workspaceId": "44444444-4444-4444-8444-444444444444"}}"#
        );
        let rewritten = String::from_utf8(rewrite.apply(text.as_bytes())).unwrap();
        assert_eq!(
            rewritten,
            r#"{"workspaceId":"00000000-0000-0000-0000-000000000000","notebookId":"33333333-3333-4333-8333-333333333333","workspaceId": "44444444-4444-4444-8444-444444444444"}"#
        );
    }
}
