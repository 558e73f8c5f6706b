//! Opens a page in the person's browser.

use std::io;
use std::process::{Child, Command, Stdio};

use crate::environment;
use crate::render;
use crate::variables::BROWSER;

/// What separates the programs that [`BROWSER`] names.
const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Hands the page to the first program that can be started: of those that `BROWSER` names, or whatever this system opens
/// pages with. Only warns where none can, or where it says that it failed: the person can open the page as well.
pub(super) fn open(page: &str) {
    // No file has a say in which programs are started.
    let wished = environment::of_process(&BROWSER).map(|programs| programs.to_string_lossy().into_owned());
    let opened = start(&commands(page, wished.as_deref())).and_then(|child| {
        let waiting = std::thread::Builder::new().name("browser".to_owned());
        waiting.spawn(move || wait(child)).map(drop)
    });
    if let Err(error) = opened {
        render::say_warning(&format_args!("the page could not be opened here: {error}"));
    }
}

/// Some programs end at once, others with the browser.
fn wait(mut child: Child) {
    match child.wait() {
        Ok(status) if !status.success() => {
            render::say_warning(&format_args!("the page could not be opened here: its program ended with {status}"));
        }
        _ => {}
    }
}

/// Each command as its words. The page is a word of its own, behind its scheme: nothing of it is read by a shell or as an
/// option.
fn commands(page: &str, wished: Option<&str>) -> Vec<Vec<String>> {
    if !(page.starts_with("https://") || page.starts_with("http://")) {
        return Vec::new();
    }
    let of_system = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "rundll32 url.dll,FileProtocolHandler"
    } else {
        "xdg-open"
    };
    let programs = wished.unwrap_or(of_system).split(SEPARATOR);
    let command = |program: &str| {
        let mut words: Vec<_> = program.split_whitespace().map(|word| word.replace("%s", page)).collect();
        if !program.contains("%s") && !words.is_empty() {
            words.push(page.to_owned());
        }
        words
    };
    programs.map(command).filter(|words| !words.is_empty()).collect()
}

fn start(commands: &[Vec<String>]) -> io::Result<Child> {
    let mut refused = io::Error::new(io::ErrorKind::InvalidInput, "there is no program for such an address");
    for words in commands {
        let Some((program, arguments)) = words.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => return Ok(child),
            Err(error) => refused = io::Error::new(error.kind(), format!("{program}: {error}")),
        }
    }
    Err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://github.com/login/device?a=1;b&c";

    #[track_caller]
    fn runs(wished: &str, expected: &[&[&str]]) {
        let wished = wished.replace(':', &SEPARATOR.to_string());
        assert_eq!(commands(PAGE, Some(&wished)), expected, "{wished}");
    }

    #[test]
    fn the_page_is_one_word_of_the_program_that_is_wished() {
        runs("firefox", &[&["firefox", PAGE]]);
        runs("firefox -new-tab %s:lynx", &[&["firefox", "-new-tab", PAGE], &["lynx", PAGE]]);
        runs(" : ", &[]);
    }

    #[test]
    fn the_system_opens_it_where_nothing_is_wished() {
        let commands = commands(PAGE, None);
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].last().map(String::as_str), Some(PAGE));
    }

    #[test]
    fn only_pages_are_opened() {
        for page in ["file:///etc/passwd", "--version", "calc", "HTTPS", ""] {
            assert_eq!(commands(page, Some("firefox")), Vec::<Vec<String>>::new(), "{page}");
        }
        assert!(start(&[]).is_err_and(|error| error.kind() == io::ErrorKind::InvalidInput));
    }
}
