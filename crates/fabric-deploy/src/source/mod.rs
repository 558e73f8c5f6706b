//! A folder in Fabric's Git format, with a parameter file, becomes items of a desired state.
//!
//! Every finding is reported at once, with its place and its remedy; nothing here needs a network.
//!
//! * A directory with a `.platform` file is an item, whatever the directory is called. The directories between the
//!   source folder and an item that are not items themselves are workspace folders.
//! * The `logicalId` of any item, wherever it occurs in a text file of another, in upper or lower case, is a
//!   [reference](crate::content::Reference) to that item. The all-zero id refers to nothing.
//! * A file in which nothing is replaced is deployed byte for byte.

mod body;
mod cycle;
mod guid;
mod kusto;
mod load;
mod names;
mod parallel;
mod part;
mod platform;
mod read;
mod report;
mod rules;
mod shortcuts;
mod stray;
mod tree;
mod unique;
mod walk;
mod workspace_id;

pub use load::{LoadedItems, ParameterFile, SourceRequest, load};
pub use platform::Platform;
pub use read::read;
pub use tree::{SourceFile, SourceItem, SourceTree};

/// The file that makes a directory an item.
const PLATFORM_FILE: &str = ".platform";
/// The largest file that is read, in bytes: a limit of this program, so that a data file that strayed into an item is
/// a finding and not a request that fails.
pub const MAX_FILE_BYTES: u64 = 30 << 20;
