//! Pages of users, groups and service principals.

use serde::Deserialize;
use uuid::Uuid;

use super::DirectoryObject;

/// One page.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    value: Vec<Entry>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: Uuid,
    display_name: Option<String>,
    user_principal_name: Option<String>,
    mail: Option<String>,
    app_id: Option<String>,
}

impl Page {
    /// Where the next page is.
    pub(super) fn next(&self) -> Option<&str> {
        self.next.as_deref().filter(|next| !next.is_empty())
    }
}

/// Who is on the page.
pub(super) fn found(page: &Page) -> impl Iterator<Item = DirectoryObject> {
    page.value.iter().map(|entry| {
        let known_as =
            entry.user_principal_name.clone().or_else(|| entry.app_id.clone()).or_else(|| entry.mail.clone());
        DirectoryObject { id: entry.id, display_name: entry.display_name.clone(), known_as }
    })
}
