//! graph.json as a file: read once, checked whole, and kept as it was written.

use crate::ledger::GraphRecord;
use conductor_core::Signature;
use domain::Sha256;
use jiff::Timestamp;
use product_graph::{GraphErrors, MAX_GRAPH_BYTES, ProductGraph};
use sha2::Digest as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A graph that loaded, with the document that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphFile {
    /// What the document says, checked.
    pub graph: ProductGraph,
    /// The document itself, commentary included.
    pub document: serde_json::Value,
    /// The same as it was written.
    pub text: String,
    /// The checksum of the file's bytes, as `sha256sum` prints it.
    pub sha256: Sha256,
    /// When it was read.
    pub loaded_at: Timestamp,
    /// Who put it in force; none if it is the file's.
    pub signature: Option<Signature>,
}

/// Why there is no graph. Its text names the file at the start of each line, one line per mistake.
#[derive(Debug, thiserror::Error)]
pub enum GraphFileError {
    /// The file is not there, or is closed to us.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says; part of the text, and so no `source` of it.
        error: std::io::Error,
    },
    /// The file is larger than any graph may be; it was not read whole.
    #[error("{}: a graph has at most {MAX_GRAPH_BYTES} bytes, this file has more", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no text.
    #[error("{}: not UTF-8 from byte {at} on", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first byte that belongs to no character, from 0.
        at: usize,
    },
    /// The text is no graph: all that is wrong with it.
    #[error("{}", lines(path, mistakes))]
    Mistaken {
        /// The file.
        path: PathBuf,
        /// The mistakes, each with its JSON path.
        mistakes: GraphErrors,
    },
}

impl GraphFile {
    /// Reads a graph.
    ///
    /// # Errors
    /// [`GraphFileError`], with every mistake at once.
    pub fn read(path: &Path, now: Timestamp) -> Result<Self, GraphFileError> {
        let text = read_text(path)?;
        let mistaken = |mistakes| GraphFileError::Mistaken {
            path: path.to_owned(),
            mistakes,
        };
        Self::parse(text, now).map_err(mistaken)
    }

    /// Takes a graph up from its text.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(text: String, now: Timestamp) -> Result<Self, GraphErrors> {
        Ok(Self {
            graph: ProductGraph::parse(&text)?,
            document: serde_json::from_str(text.trim_start_matches('\u{feff}'))
                .expect("what parsed as a graph is JSON"),
            sha256: checksum(text.as_bytes()),
            text,
            loaded_at: now,
            signature: None,
        })
    }

    /// The graph to start with: the one that was put in force last, unless the file is another one since.
    ///
    /// # Errors
    /// It is none for this version, which has other rules: all that is wrong with it.
    pub fn or_last(self, last: Option<&GraphRecord>) -> Result<Self, GraphErrors> {
        let Some((last, signature)) = last.and_then(|last| Some((last, last.signature.as_ref()?))) else {
            return Ok(self);
        };
        if last.file_sha256 != self.sha256 {
            tracing::info!("the file takes the place of the graph that {signature} put in force");
            return Ok(self);
        }
        tracing::info!("the graph is the one that {signature} put in force, not the file's");
        let put = Self::parse(last.text.clone(), self.loaded_at)?;
        Ok(Self {
            signature: Some(signature.clone()),
            ..put
        })
    }
}

/// The checksum of a file that may be a graph; none if it cannot be read.
pub(crate) fn checksum_of(path: &Path) -> Option<Sha256> {
    read_text(path).ok().map(|text| checksum(text.as_bytes()))
}

fn checksum(bytes: &[u8]) -> Sha256 {
    Sha256::from_bytes(sha2::Sha256::digest(bytes).into())
}

/// A file that is larger than any graph may be is not read whole.
fn read_text(path: &Path) -> Result<String, GraphFileError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_GRAPH_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| GraphFileError::Unreadable {
            path: path.to_owned(),
            error,
        })?;
    if bytes.len() > MAX_GRAPH_BYTES {
        return Err(GraphFileError::TooLarge {
            path: path.to_owned(),
        });
    }
    String::from_utf8(bytes).map_err(|error| GraphFileError::NotText {
        path: path.to_owned(),
        at: error.utf8_error().valid_up_to(),
    })
}

fn lines(path: &Path, mistakes: &GraphErrors) -> String {
    let line = |mistake| format!("{}: {mistake}", path.display());
    // A mistake is one line, but for what a document itself puts into it.
    let text = mistakes.to_string();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<GraphFile, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("graph.json");
        std::fs::write(&path, bytes).unwrap();
        let told = |error: GraphFileError| error.to_string().replace(path.to_str().unwrap(), "graph.json");
        GraphFile::read(&path, Timestamp::UNIX_EPOCH).map_err(told)
    }

    #[test]
    fn a_graph_keeps_its_document_and_the_checksum_of_its_bytes() {
        let text = "\u{feff}{\"_why\": \"a test\", \"inputs\": [], \"products\": {}}";
        let file = read(text.as_bytes()).unwrap();
        assert_eq!(file.document["_why"], "a test");
        assert_eq!(file.sha256, Sha256::from_bytes(sha2::Sha256::digest(text).into()));
        assert!(file.graph.is_empty());
    }

    #[test]
    fn every_line_of_an_error_names_the_file() {
        let error = read(br#"{"inputs": ["A", "A"], "products": {"B": {"m_input": []}}}"#).unwrap_err();
        assert!(error.lines().count() > 2, "{error}");
        assert!(
            error.lines().all(|line| line.starts_with("graph.json: $")),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_text_and_what_is_too_large_are_said_plainly() {
        assert_eq!(
            read(b"{\"\xff").unwrap_err(),
            "graph.json: not UTF-8 from byte 2 on"
        );
        let large = vec![b' '; MAX_GRAPH_BYTES + 1];
        assert!(read(&large).unwrap_err().contains("at most 4194304 bytes"));
        assert!(
            read(&large[1..]).unwrap_err().contains("not JSON"),
            "the largest is read"
        );
        let error = GraphFile::read(Path::new("/nowhere/graph.json"), Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/nowhere/graph.json: cannot be read")
        );
    }
}
