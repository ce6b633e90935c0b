//! Where the programs are.

use std::env;
use std::path::{Path, PathBuf};

/// The path of a program of this workspace, `orchestra-sdb`, built with the same profile as the
/// running test.
///
/// Panics when it has not been built: cargo builds only the programs of the package under test.
pub fn bin(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a running test has a path");
    // target/debug/deps/test-0123456789abcdef
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("a test lies two folders below the target dir");
    let path = profile.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is not there: run `cargo build --workspace` first (with the profile of the test)",
        path.display()
    );
    path
}

/// The root of the repository: the nearest folder above the package under test that holds the
/// workspace's `Cargo.lock`.
pub fn repository_root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let package = package
        .canonicalize()
        .expect("the package under test has a folder");
    package
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .unwrap_or_else(|| panic!("no Cargo.lock above {}", package.display()))
        .to_owned()
}

/// A tool: the one on the PATH that `accept`s, else the repository's own in `.tools/bin`.
pub(crate) fn tool(name: impl AsRef<Path>, accept: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&on_path)
        .chain([repository_root().join(".tools/bin")])
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file() && accept(path))
}
