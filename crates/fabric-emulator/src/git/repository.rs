//! One bare repository: its branches, the files of a commit, and new commits.

use std::fs;
use std::path::{Path, PathBuf};

use super::command::{GitError, run};

/// A bare repository on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    path: PathBuf,
}

/// A commit to make.
pub(crate) struct NewCommit<'a> {
    pub(crate) branch: &'a str,
    /// The commit it follows; `None`: it begins the branch.
    pub(crate) parent: Option<&'a str>,
    pub(crate) author: &'a str,
    pub(crate) address: &'a str,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) message: &'a str,
    /// Files and folders that go.
    pub(crate) removed: Vec<String>,
    /// Files that come or change, with their content.
    pub(crate) written: Vec<(String, Vec<u8>)>,
}

impl Repository {
    /// The repository in the folder, if there is one.
    pub(crate) fn open(path: PathBuf) -> Option<Self> {
        path.join("HEAD").is_file().then_some(Self { path })
    }

    /// Makes the repository in the folder, unless there is one.
    pub(crate) fn create(path: PathBuf) -> Result<Self, GitError> {
        fs::create_dir_all(&path)?;
        run(&path, &["init", "--quiet", "--bare", "--initial-branch=main"], Vec::new())?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The commit that a branch is at.
    pub(crate) fn head(&self, branch: &str) -> Option<String> {
        let name = format!("refs/heads/{branch}^{{commit}}");
        let answer = run(&self.path, &["rev-parse", "--verify", "--quiet", &name], Vec::new()).ok()?;
        Some(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    /// Whether a branch contains a commit.
    pub(crate) fn contains(&self, branch: &str, commit: &str) -> bool {
        let is_hash = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let branch = format!("refs/heads/{branch}");
        is_hash && run(&self.path, &["merge-base", "--is-ancestor", commit, &branch], Vec::new()).is_ok()
    }

    /// Every file of a commit below a folder, with its content. The folder is without slashes at its ends.
    pub(crate) fn files(&self, commit: &str, folder: &str) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let listed = run(&self.path, &["ls-tree", "-r", "-z", "--full-tree", commit], Vec::new())?;
        let mut names = Vec::new();
        let mut wanted = String::new();
        for entry in listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = String::from_utf8_lossy(entry);
            let (about, path) = entry.split_once('\t').ok_or(GitError::Unexpected("a tree entry without a path"))?;
            let hash = about.split(' ').nth(2).ok_or(GitError::Unexpected("a tree entry without a hash"))?;
            if about.contains(" blob ") && path.starts_with(&prefix) {
                names.push(path.to_owned());
                wanted.push_str(hash);
                wanted.push('\n');
            }
        }
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let answer = run(&self.path, &["cat-file", "--batch"], wanted.into_bytes())?;
        let contents = split_batch(&answer)?;
        Ok(names.into_iter().zip(contents).collect())
    }

    /// Makes a commit and moves its branch there. Gives its hash.
    pub(crate) fn commit(&self, commit: &NewCommit<'_>) -> Result<String, GitError> {
        run(&self.path, &["fast-import", "--quiet", "--date-format=raw"], stream(commit))?;
        self.head(commit.branch).ok_or(GitError::Unexpected("the branch is gone after a commit"))
    }
}

/// `<hash> blob <size>\n<content>\n` for each object.
fn split_batch(answer: &[u8]) -> Result<Vec<Vec<u8>>, GitError> {
    const TORN: GitError = GitError::Unexpected("a torn batch of objects");
    let mut contents = Vec::new();
    let mut rest = answer;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(TORN)?;
        let (head, behind) = rest.split_at(end + 1);
        let size = String::from_utf8_lossy(head).trim().rsplit(' ').next().and_then(|size| size.parse().ok());
        let (content, behind) = behind.split_at_checked(size.ok_or(TORN)?).ok_or(TORN)?;
        contents.push(content.to_vec());
        rest = behind.get(1..).unwrap_or_default();
    }
    Ok(contents)
}

/// The commit in the language of `git fast-import`.
fn stream(commit: &NewCommit<'_>) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut line = |text: String| {
        stream.extend_from_slice(text.as_bytes());
        stream.push(b'\n');
    };
    line(format!("commit refs/heads/{}", commit.branch));
    let name: String = commit.author.chars().filter(|letter| !"<>\n".contains(*letter)).collect();
    line(format!("committer {name} <{}> {} +0000", commit.address, commit.time));
    line(format!("data {}\n{}", commit.message.len(), commit.message));
    if let Some(parent) = commit.parent {
        line(format!("from {parent}"));
    }
    for path in &commit.removed {
        line(format!("D {}", quoted(path)));
    }
    for (path, content) in &commit.written {
        stream.extend_from_slice(format!("M 100644 inline {}\ndata {}\n", quoted(path), content.len()).as_bytes());
        stream.extend_from_slice(content);
        stream.push(b'\n');
    }
    stream
}

fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit<'a>(parent: Option<&'a str>, removed: &[&str], written: &[(&str, &[u8])]) -> NewCommit<'a> {
        NewCommit {
            branch: "main",
            parent,
            author: "A <name>",
            address: "name@emulator.example",
            time: 1_767_225_600,
            message: "first line\n\nand \"more\"",
            removed: removed.iter().map(|path| (*path).to_owned()).collect(),
            written: written.iter().map(|(path, content)| ((*path).to_owned(), content.to_vec())).collect(),
        }
    }

    #[test]
    fn what_is_committed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::create(folder.path().join("r.git")).unwrap();
        assert_eq!(repository.head("main"), None);
        let odd: &[(&str, &[u8])] =
            &[("d/a \"b\"\\c.txt", b"\0\n\xff"), ("d/e.txt", b""), ("other/ä.txt", b"no\r\n"), ("top", b"x")];
        let first = repository.commit(&commit(None, &[], odd)).unwrap();
        assert_eq!(repository.head("main").as_deref(), Some(first.as_str()));
        let read = repository.files(&first, "").unwrap();
        assert_eq!(read.len(), 4);
        for (path, content) in odd {
            assert!(read.iter().any(|(known, bytes)| known == path && bytes == content), "{path}: {read:?}");
        }
        let second = repository.commit(&commit(Some(&first), &["d"], &[("other/ä.txt", b"yes")])).unwrap();
        assert_eq!(repository.files(&second, "d").unwrap(), []);
        assert_eq!(repository.files(&second, "other").unwrap(), [("other/ä.txt".to_owned(), b"yes".to_vec())]);
        assert!(repository.contains("main", &first) && !repository.contains("main", "--help"));
        assert!(repository.commit(&commit(Some(&first), &[], &[("z", b"z")])).is_err(), "the branch moved on");
        assert!(repository.files("nonsense", "").is_err());
    }
}
