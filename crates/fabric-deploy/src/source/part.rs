//! One file becomes one part: ids of other items and values of parameters are put in.
//!
//! The order is fabric-cicd's: what the type needs, ids, `key_value_replace`, `find_replace`, workspace ids.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use uuid::Uuid;

use super::tree::{self, SourceFile, SourceItem};
use super::{guid, kusto, report, rules, workspace_id};
use crate::content::{Content, Reference};
use crate::desired::{DesiredPart, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::parameter::token::Tokens;
use crate::parameter::{Parameters, apply, layout};

/// What parts may refer to.
pub(super) struct Context<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) by_logical_id: HashMap<Uuid, ItemKey>,
    pub(super) models_by_directory: HashMap<String, ItemKey>,
    pub(super) databases: kusto::Databases,
}

/// A part, and what was noticed on the way.
pub(super) struct Built {
    pub(super) part: DesiredPart,
    pub(super) matched: Vec<usize>,
    pub(super) diagnostics: Diagnostics,
}

impl Context<'_> {
    /// The part that `file` becomes. A file that is not text, and one in which nothing is replaced, is passed on as it
    /// is, byte for byte.
    pub(super) fn build(&self, item: &SourceItem, file: SourceFile) -> Built {
        let source = item.path.join(&file.path);
        let mut diagnostics = Diagnostics::new();
        let mut matched = Vec::new();
        let changed = file.text().and_then(|text| {
            match self.rewrite(item, &file.path, &source, text, &mut matched, &mut diagnostics) {
                (Cow::Borrowed(_), _) => None,
                (Cow::Owned(text), tokens) => Some(tokens.split(text)),
            }
        });
        let content = changed.unwrap_or_else(|| Content::literal(file.bytes));
        Built { part: DesiredPart { path: file.path, content, source }, matched, diagnostics }
    }

    /// `text` of the file at `path` with ids and parameters put in, and what its tokens stand for; borrowed where
    /// nothing is replaced.
    pub(super) fn rewrite<'t>(
        &self,
        item: &SourceItem,
        path: &str,
        source: &Path,
        text: &'t str,
        matched: &mut Vec<usize>,
        diagnostics: &mut Diagnostics,
    ) -> (Cow<'t, str>, Tokens) {
        let key = &item.platform.key;
        let mut tokens = Tokens::distinct_from(|group| {
            memchr::memmem::find(text.as_bytes(), group.as_bytes()).is_some() || self.parameters.mentions(group)
        });
        let mut text = Cow::Borrowed(text);
        if key.item_type == "Report" && path == report::PART {
            match report::by_connection(&text, &item.directory, &self.models_by_directory, &mut tokens) {
                Ok(changed) => text = changed.map_or(text, Cow::Owned),
                Err(missing) => diagnostics.push(
                    Diagnostic::error(
                        "report-model-not-found",
                        format!("no semantic model of the source folder is in {:?}", missing.path),
                    )
                    .at(Place::at_offset(source, &text, missing.offset))
                    .remedy("Correct the path, add the model, or refer to a deployed one by connection."),
                ),
            }
        }
        if kusto::concerns(&key.item_type)
            && let Some(filled) = kusto::fill(&text, &self.databases, &mut tokens)
        {
            text = Cow::Owned(filled);
        }
        text = self.replace_ids(key, source, text, &mut tokens, diagnostics);
        if !self.parameters.is_empty() {
            let full_path = tree::below(&item.directory, path);
            let part = apply::Part { item: key, path: &full_path, file: source };
            let applied = self.parameters.apply(&part, text, &mut tokens);
            *matched = applied.matched;
            diagnostics.extend(applied.diagnostics);
            text = applied.text;
            if applied.by_text && rules::is_json(path) {
                self.check_still_json(source, &text, matched, diagnostics);
            }
        }
        if !rules::keeps_ids(&key.item_type)
            && let Some(replaced) = workspace_id::replace(&text, &key.item_type, &mut tokens)
        {
            text = Cow::Owned(replaced);
        }
        if tokens.have_free_text() && layout::check_json(&text).is_ok() {
            tokens.escape_for_json();
        }
        (text, tokens)
    }

    /// `text` with the `logicalId` of every item of the folder turned into a reference to that item.
    fn replace_ids<'t>(
        &self,
        key: &ItemKey,
        source: &Path,
        text: Cow<'t, str>,
        tokens: &mut Tokens,
        diagnostics: &mut Diagnostics,
    ) -> Cow<'t, str> {
        guid::replace(text, |text, range, id| {
            let referred = self.by_logical_id.get(&id)?;
            if rules::keeps_ids(&key.item_type) {
                diagnostics.push(
                    Diagnostic::warning(
                        "id-not-replaced",
                        format!("this is the logicalId of {referred}; ids in a {} are left as they are", key.item_type),
                    )
                    .at(Place::at_offset(source, text, range.start))
                    .remedy(format!("Replace it by a parameter: $items.{}.{}.$id", referred.item_type, referred.name)),
                );
                return None;
            }
            Some(tokens.token(&Reference::item_id(referred.clone())))
        })
    }

    fn check_still_json(&self, source: &Path, text: &str, matched: &[usize], diagnostics: &mut Diagnostics) {
        let Err(error) = layout::check_json(text) else { return };
        let message = format!(
            "with the parameters put in, {} is not valid JSON (line {}): {}",
            source.display(),
            error.line,
            error.message
        );
        diagnostics.push(
            Diagnostic::error("parameter-breaks-json", message)
                .at(self.first_place(matched).unwrap_or_else(|| Place::file(source)))
                .remedy("Correct the replacement, or use key_value_replace."),
        );
    }

    fn first_place(&self, matched: &[usize]) -> Option<Place> {
        // `find_replace` entries come last, and only they can damage a text.
        self.parameters.place(*matched.last()?).cloned()
    }
}
