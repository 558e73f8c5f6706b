//! Reads the shared conformance corpus: recorded exchanges, published operations, the schema bundle.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::schema::Schemas;

/// One real request and its answer, from the recordings in Microsoft's fabric-cli.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Position in the file, which names the exchange in messages.
    pub(crate) index: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) request: Value,
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// `null` both for an empty body and for the literal `null`; the content type tells them apart.
    pub(crate) body: Value,
    /// `YYYY-MM`, for rules that hold only in some era.
    pub(crate) month: String,
}

impl Exchange {
    pub(crate) fn error_code(&self) -> Option<&str> {
        (self.status >= 400).then(|| self.body.get("errorCode")?.as_str()).flatten()
    }

    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    pub(crate) fn title(&self) -> String {
        format!("#{} {} {} → {} ({})", self.index, self.method, self.target(), self.status, self.month)
    }

    fn read(index: usize, line: &Value) -> Self {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let headers = line["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
            .collect();
        Self {
            index,
            method: text("method"),
            path: text("path"),
            query: text("query"),
            request: line["request"].clone(),
            status: u16::try_from(line["status"].as_u64().unwrap()).unwrap(),
            headers,
            body: line["body"].clone(),
            month: month(&text("date")),
        }
    }
}

/// `Tue, 02 Sep 2025 17:15:15 GMT` as `2025-09`.
fn month(date: &str) -> String {
    let words: Vec<&str> = date.split_whitespace().collect();
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = names.iter().position(|name| *name == words[2]).unwrap() + 1;
    format!("{}-{number:02}", words[3])
}

/// Everything that the suite reads, parsed once.
pub(crate) struct Corpus {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) catalogue: Catalogue,
    pub(crate) schemas: Schemas,
    /// The same, for answers of the emulator: enumerations hold only what is published.
    pub(crate) closed: Schemas,
}

/// The corpus, or `None` (said aloud) where the folder is absent.
pub(crate) fn corpus() -> Option<&'static Corpus> {
    static CORPUS: OnceLock<Option<Corpus>> = OnceLock::new();
    let corpus = CORPUS.get_or_init(|| folder().is_dir().then(|| read(&folder())));
    if corpus.is_none() {
        eprintln!("SKIPPED: no conformance corpus at {}; the emulator was held against nothing", folder().display());
    }
    corpus.as_ref()
}

fn folder() -> PathBuf {
    workspace_root().join("../shared/conformance")
}

/// The root of the Cargo workspace.
pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(folder: &Path) -> Corpus {
    let exchanges = unpack(&folder.join("exchanges.jsonl.gz"))
        .lines()
        .enumerate()
        .map(|(index, line)| Exchange::read(index, &serde_json::from_str(line).unwrap()))
        .collect();
    let routes: Value = serde_json::from_str(&unpack(&folder.join("routes.open_lenient.json.gz"))).unwrap();
    let bundle: Value = serde_json::from_str(&unpack(&folder.join("schemas.open_lenient.json.gz"))).unwrap();
    Corpus {
        exchanges,
        catalogue: Catalogue::new(&routes),
        closed: Schemas::closed(&bundle),
        schemas: Schemas::new(bundle),
    }
}

fn unpack(file: &Path) -> String {
    let packed = std::fs::File::open(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_recorded_date_becomes_its_month() {
    assert_eq!(month("Tue, 02 Sep 2025 17:15:15 GMT"), "2025-09");
}
