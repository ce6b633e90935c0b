//! A disk that a test can fill: of one program, and without root.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a command in a mount namespace of its own, where `$1` is a file system of 8 MiB.
const MOUNTED: &str = "mount -t tmpfs -o size=8m tmpfs \"$1\" && shift && exec \"$@\"";

/// Runs a command that is told of a file that may not grow as of any other failed write, and not killed for it.
const LIMITED: &str = "trap '' XFSZ && shift && exec \"$@\"";

/// How large files may be on a full disk: nothing can be written behind the first byte.
const NOTHING: u64 = 1;

/// The same where there is a database. SQLite's index of its log is as large, and reading needs it too; the log itself
/// is larger from the first tables on.
const INDEX: u64 = 32 * 1024;

/// How a disk is made small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmallDisk {
    /// A file system of its own: when it is full the program gets `ENOSPC`, as it does in earnest.
    Mounted,
    /// A limit of the process on the size of its files: it gets `EFBIG`. Nobody can forbid it.
    Limited,
}

impl SmallDisk {
    /// What this machine has. A mount namespace is not to be had everywhere, the other is.
    pub fn all() -> Vec<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [shell, rest @ ..] = &Self::Mounted.before(folder.path())[..] else {
            unreachable!("a command has a first word");
        };
        let probe = Command::new(shell)
            .args(rest)
            .arg("true")
            .stderr(Stdio::null())
            .status();
        if probe.is_ok_and(|status| status.success()) {
            vec![Self::Mounted, Self::Limited]
        } else {
            vec![Self::Limited]
        }
    }

    /// The words before those of the program, so that its `folder`, which is there, lies on this disk. With a file
    /// system of its own it is empty at each start, and only the program sees what it writes there.
    pub fn before(self, folder: &Path) -> Vec<OsString> {
        let words: &[&str] = match self {
            Self::Mounted => &[
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                MOUNTED,
            ],
            Self::Limited => &["sh", "-c", LIMITED],
        };
        let words = words.iter().chain(&["sh"]).map(OsString::from);
        words.chain([folder.into()]).collect()
    }

    /// Fills the disk under the folder of the program with this id.
    pub fn fill(self, pid: u32, folder: &Path) {
        match self {
            Self::Mounted => {
                let mut file = File::create(ballast(pid, folder)).expect("the disk takes a file");
                for block in [vec![0; 64 * 1024], vec![0; 512]] {
                    while file.write_all(&block).is_ok() {}
                }
            }
            Self::Limited => limit(pid, Some(if has_database(folder) { INDEX } else { NOTHING })),
        }
    }

    /// Makes room again.
    pub fn clear(self, pid: u32, folder: &Path) {
        match self {
            Self::Mounted => fs::remove_file(ballast(pid, folder)).expect("the disk was filled"),
            Self::Limited => limit(pid, None),
        }
    }
}

fn has_database(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .any(|entry| entry.file_name().as_encoded_bytes().ends_with(b"-shm") || has_database(&entry.path()))
}

/// As seen by the program.
fn ballast(pid: u32, folder: &Path) -> PathBuf {
    let inside = folder.strip_prefix("/").expect("folders of tests are absolute");
    PathBuf::from(format!("/proc/{pid}/root"))
        .join(inside)
        .join("ballast")
}

fn limit(pid: u32, size: Option<u64>) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let maximum = getrlimit(Resource::Fsize).maximum;
    let limit = Rlimit {
        current: size.or(maximum),
        maximum,
    };
    prlimit(Some(pid.expect("a process has an id")), Resource::Fsize, limit)
        .expect("the limits of a process of ours can be set");
}
