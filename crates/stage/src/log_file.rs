//! The log of one program on disk, limited in size.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How large a log may get before it is put aside as `NAME.log.1`, in bytes: an hour of a noisy program.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A log that is appended to over restarts, and of which at most twice [`MAX_BYTES`] are kept.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    max_bytes: u64,
}

impl LogFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::open_limited(path, MAX_BYTES)
    }

    fn open_limited(path: &Path, max_bytes: u64) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
            max_bytes,
        })
    }

    /// Appends a line, in one write so that a reader never sees half of it.
    pub(crate) fn write_line(&mut self, line: &str) -> io::Result<()> {
        if self.bytes >= self.max_bytes {
            self.rotate()?;
        }
        let text = format!("{line}\n");
        self.file.write_all(text.as_bytes())?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        fs::rename(&self.path, older(&self.path))?;
        *self = Self::open_limited(&self.path, self.max_bytes)?;
        Ok(())
    }
}

/// Where the previous part of a log is kept.
fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_never_grows_beyond_its_limit_and_one_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        let mut log = LogFile::open_limited(&path, 100).unwrap();
        for number in 0..100 {
            log.write_line(&format!("line {number:03}")).unwrap();
        }
        let (new, old) = (
            fs::read_to_string(&path).unwrap(),
            fs::read_to_string(older(&path)).unwrap(),
        );
        assert!(
            new.len() <= 109 && old.len() <= 109,
            "{} {}",
            new.len(),
            old.len()
        );
        assert!(new.ends_with("line 099\n"));
        let first_of_new: u32 = new.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(old.ends_with(&format!("line {:03}\n", first_of_new - 1)));
    }

    #[test]
    fn a_log_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        for text in ["first", "second"] {
            LogFile::open(&path).unwrap().write_line(text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\nsecond\n");
    }
}
