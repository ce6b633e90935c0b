//! `just logs`.

use crate::house::House;
use anyhow::{Context as _, bail};
use clap::Args;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How often a followed log is looked at: soon enough for the eye.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How much of the end of a log is searched for its last lines, in bytes.
const TAIL_BYTES: u64 = 1024 * 1024;

/// Which logs, and how much of them.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// nats, sdb, conductor, mock-vhf or mock-pipeline; all of them if left out
    name: Option<String>,
    /// Go on with what comes
    #[arg(short, long)]
    follow: bool,
    /// How many lines of each to begin with
    #[arg(short = 'n', long, default_value_t = 40)]
    lines: usize,
}

/// Shows the end of the logs.
pub(crate) async fn run(house: &House, args: &LogsArgs) -> anyhow::Result<ExitCode> {
    let screen = stage::Screen::stdout();
    let mut logs = find(house, args.name.as_deref())?;
    for (index, log) in logs.iter_mut().enumerate() {
        for line in log.last_lines(args.lines)? {
            screen.program_line(index, &log.name, &line);
        }
    }
    screen.close();
    if !args.follow {
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        for (index, log) in logs.iter_mut().enumerate() {
            for line in log.new_lines()? {
                screen.program_line(index, &log.name, &line);
            }
        }
        screen.close();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn find(house: &House, name: Option<&str>) -> anyhow::Result<Vec<Log>> {
    let folder = house.var.join("log");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .with_context(|| {
            format!(
                "there are no logs in {}; `./just up` makes some",
                folder.display()
            )
        })?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".log")?.to_owned()))
        .collect();
    names.sort();
    if let Some(name) = name {
        if !names.iter().any(|known| known == name) {
            bail!("there is no log of {name:?}; there are {}", names.join(", "));
        }
        names = vec![name.to_owned()];
    }
    let open = |name: String| Log {
        path: folder.join(format!("{name}.log")),
        name,
        inode: 0,
        position: 0,
        rest: Vec::new(),
    };
    Ok(names.into_iter().map(open).collect())
}

/// A log and how far it has been read.
#[derive(Debug)]
struct Log {
    name: String,
    path: PathBuf,
    inode: u64,
    position: u64,
    /// The start of a line whose end has not been written yet.
    rest: Vec<u8>,
}

impl Log {
    fn last_lines(&mut self, count: usize) -> io::Result<Vec<String>> {
        let mut file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        let start = metadata.len().saturating_sub(TAIL_BYTES);
        file.seek(SeekFrom::Start(start))?;
        self.inode = metadata.ino();
        self.position = start;
        let mut lines = self.read_on(&mut file)?;
        if start > 0 && !lines.is_empty() {
            // Its beginning was cut off.
            lines.remove(0);
        }
        Ok(lines.split_off(lines.len().saturating_sub(count)))
    }

    fn new_lines(&mut self) -> io::Result<Vec<String>> {
        // Between the two steps of a rotation there is no file.
        let Ok(mut file) = File::open(&self.path) else {
            return Ok(Vec::new());
        };
        let metadata = file.metadata()?;
        if metadata.ino() != self.inode || metadata.len() < self.position {
            self.inode = metadata.ino();
            self.position = 0;
        }
        file.seek(SeekFrom::Start(self.position))?;
        self.read_on(&mut file)
    }

    fn read_on(&mut self, file: &mut File) -> io::Result<Vec<String>> {
        let read = file.read_to_end(&mut self.rest)?;
        self.position += read as u64;
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(Vec::new());
        };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(String::from_utf8_lossy(&whole)
            .lines()
            .map(str::to_owned)
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_log_is_followed_over_its_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        fs::write(&path, "1\n2\n3\nhal").unwrap();
        let mut log = Log {
            name: "x".to_owned(),
            path: path.clone(),
            inode: 0,
            position: 0,
            rest: Vec::new(),
        };
        assert_eq!(log.last_lines(2).unwrap(), ["2", "3"]);
        assert_eq!(log.new_lines().unwrap(), Vec::<String>::new());
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"f\n4\n").unwrap();
        assert_eq!(log.new_lines().unwrap(), ["half", "4"]);
        fs::rename(&path, folder.path().join("x.log.1")).unwrap();
        assert_eq!(log.new_lines().unwrap(), Vec::<String>::new());
        fs::write(&path, "5\n").unwrap();
        assert_eq!(log.new_lines().unwrap(), ["5"]);
    }
}
