//! The nats-server: which one, and its configuration.

use crate::StageError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest nats-server that does what the orchestra asks for; older ones ignore some of it silently.
const OLDEST: (u32, u32) = (2, 11);

/// The name of the binary.
const BINARY: &str = "nats-server";

/// The nats-server to run: the given one, else the first on the `PATH`, else that of `.tools/` under `root`,
/// which `./just` fetches where the machine has none.
///
/// # Errors
/// [`StageError::NoNatsServer`] with what was found and what would do.
pub fn find_server(given: Option<&Path>, root: &Path) -> Result<PathBuf, StageError> {
    if let Some(path) = given {
        return check(path)
            .map(|()| path.to_owned())
            .map_err(StageError::NoNatsServer);
    }
    let on_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .map(|folder| folder.join(BINARY))
        .find(|path| path.is_file());
    let of_ours = root.join(".tools/bin").join(BINARY);
    let mut reasons = Vec::new();
    for path in on_path.into_iter().chain([of_ours]) {
        match check(&path) {
            Ok(()) => return Ok(path),
            Err(reason) => reasons.push(reason),
        }
    }
    Err(StageError::NoNatsServer(format!(
        "nats-server {}.{} or later is needed ({}); `./just up` fetches one into .tools/",
        OLDEST.0,
        OLDEST.1,
        reasons.join("; ")
    )))
}

fn check(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if !path.is_file() {
        return Err(format!("there is no {shown}"));
    }
    let output = Command::new(path)
        .arg("--version")
        .output()
        .map_err(|error| format!("{shown} does not run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match version_of(&text) {
        Some(version) if version >= OLDEST => Ok(()),
        Some((major, minor)) => Err(format!("{shown} is {major}.{minor}")),
        None => Err(format!("{shown} does not tell its version: {:?}", text.trim())),
    }
}

/// `nats-server: v2.15.1` -> (2, 15).
fn version_of(text: &str) -> Option<(u32, u32)> {
    let (_, version) = text.trim().rsplit_once('v')?;
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// The configuration of a server that only this machine reaches.
pub(crate) fn configuration(port: u16, store: &Path) -> String {
    // A reader that stalls is cut off after 2 s or 8 MB, so that it holds no publisher up. The limits of
    // JetStream are promises, not reservations: the server's own default depends on the free disk, and on a
    // small one would refuse the streams.
    format!(
        "# Written by stage at each start.\n\
         listen: \"127.0.0.1:{port}\"\n\
         server_name: orchestra\n\
         write_deadline: \"2s\"\n\
         max_pending: 8MB\n\
         jetstream {{ store_dir: {:?}, max_memory_store: 256MB, max_file_store: 64GB }}\n",
        store.display().to_string()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        assert_eq!(version_of("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(version_of("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(version_of("something else"), None);
        assert!(version_of("v2.9.10").unwrap() < OLDEST && version_of("v2.11.0").unwrap() >= OLDEST);
    }

    #[test]
    fn a_server_that_would_not_do_is_named_with_its_version() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        std::fs::write(&path, "#!/bin/sh\necho nats-server: v2.9.10\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = find_server(Some(&path), folder.path()).unwrap_err().to_string();
        assert!(refused.ends_with("/old is 2.9"), "{refused}");
    }
}
