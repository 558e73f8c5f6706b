//! Reads a source folder into memory and checks what can be checked item by item.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::platform::{self, Platform};
use super::tree::{SourceFile, SourceItem, SourceTree};
use super::walk::{self, Found};
use super::{MAX_FILE_BYTES, PLATFORM_FILE, parallel, rules, unique};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::parameter::layout;

/// Reads the folder at `root`. Items whose `.platform` cannot be read are left out of the tree and reported.
pub fn read(root: &Path) -> (SourceTree, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let (found, directories) = walk::find(root, &mut diagnostics);
    let mut parents = Vec::with_capacity(found.len());
    let mut items: Vec<Option<SourceItem>> = Vec::with_capacity(found.len());
    for (item, parent, findings) in parallel::map(found, item) {
        diagnostics.extend(findings);
        parents.push(parent);
        items.push(item);
    }
    let keys: Vec<_> = items.iter().map(|item| item.as_ref().map(|item| item.platform.key.clone())).collect();
    for (item, parent) in items.iter_mut().zip(parents) {
        if let (Some(item), Some(parent)) = (item, parent) {
            item.parent = keys.get(parent).cloned().flatten();
        }
    }
    let items: Vec<_> = items.into_iter().flatten().collect();
    unique::check(&items, &mut diagnostics);
    (SourceTree { root: root.to_owned(), items, directories }, diagnostics.sorted())
}

fn item(found: Found) -> (Option<SourceItem>, Option<usize>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let path = found.path.join(PLATFORM_FILE);
    let platform = bytes(&path, &mut diagnostics).and_then(|bytes| match String::from_utf8(bytes) {
        Ok(text) => platform::read(&path, &text, &mut diagnostics),
        Err(_) => {
            diagnostics.push(
                Diagnostic::error("platform-not-json", "`.platform` is not UTF-8 text")
                    .at(Place::file(&path))
                    .remedy("Save the file as UTF-8."),
            );
            None
        }
    });
    let item_type = platform.as_ref().map_or("", |platform: &Platform| platform.key.item_type.as_str());
    let mut files = Vec::with_capacity(found.files.len());
    let mut excluded = Vec::new();
    for (inside, path) in found.files {
        if rules::is_excluded(item_type, &inside) {
            excluded.push(inside);
            continue;
        }
        if let Some(bytes) = bytes(&path, &mut diagnostics) {
            let file = SourceFile { path: inside, bytes };
            if rules::is_json(&file.path) {
                check_json(&path, &file, &mut diagnostics);
            }
            files.push(file);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let item = platform.map(|platform| SourceItem {
        platform,
        directory: found.directory,
        path: found.path,
        folder: found.folder,
        parent: None,
        files,
        excluded,
    });
    if let Some(item) = &item {
        check_required_parts(item, &mut diagnostics);
    }
    (item, found.parent, diagnostics)
}

/// The bytes of a file, or a finding.
fn bytes(path: &Path, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    let mut buffer = Vec::new();
    let read = File::open(path).and_then(|file| {
        let length = file.metadata()?.len();
        buffer.reserve_exact(usize::try_from(length.min(MAX_FILE_BYTES)).unwrap_or_default() + 1);
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut buffer)
    });
    let finding = match read {
        Ok(length) if length as u64 > MAX_FILE_BYTES => Diagnostic::error(
            "file-too-large",
            format!("this file is larger than {} MB, the most that is sent for one part", MAX_FILE_BYTES >> 20),
        )
        .remedy("Keep large files in a lakehouse or a package feed."),
        Ok(_) => return Some(buffer),
        Err(error) => Diagnostic::error("source-unreadable", format!("cannot read this file: {error}"))
            .remedy("Check that the file may be read."),
    };
    diagnostics.push(finding.at(Place::file(path)));
    None
}

fn check_json(path: &Path, file: &SourceFile, diagnostics: &mut Diagnostics) {
    let finding = match file.text() {
        None => {
            Diagnostic::error("part-not-json", "this part must be JSON, but it is not UTF-8 text").at(Place::file(path))
        }
        Some(text) => match layout::check_json(text) {
            Ok(()) => return,
            Err(error) => {
                let place = Place { file: path.to_owned(), line: Some(error.line), column: Some(error.column) };
                Diagnostic::error("part-not-json", format!("this part is not valid JSON: {}", error.message)).at(place)
            }
        },
    };
    diagnostics.push(finding.remedy("Correct the JSON at this place."));
}

fn check_required_parts(item: &SourceItem, diagnostics: &mut Diagnostics) {
    let item_type = &item.platform.key.item_type;
    if item.files.is_empty() && rules::may_be_empty(item_type) {
        return;
    }
    for part in rules::required_parts(item_type) {
        if !item.files.iter().any(|file| rules::is_one_of(part, &file.path)) {
            let wanted = part.join(" or ");
            diagnostics.push(
                Diagnostic::error("missing-part", format!("{} has no part {wanted}", item.platform.key))
                    .at(Place::file(&item.path))
                    .remedy(format!("Add {wanted}, or remove the directory.")),
            );
        }
    }
}
