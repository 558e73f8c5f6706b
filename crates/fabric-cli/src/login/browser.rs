//! Opens a page in the person's browser.

use std::io;
use std::process::{Command, Stdio};

/// Hands the page to whatever this system opens pages with.
pub(super) fn open(page: &str) -> io::Result<()> {
    // An argument of its own, behind the scheme: nothing of it is read by a shell or as an option.
    if !(page.starts_with("https://") || page.starts_with("http://")) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not the address of a page"));
    }
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}
