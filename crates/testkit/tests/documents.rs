//! The documents lead somewhere: links to files that are there, decisions in their form, every crate on the map.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What a decision says, in this order.
const PARTS: [&str; 3] = ["## Context", "## Decision", "## Consequences"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder that end so, by name.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

fn decisions() -> Vec<PathBuf> {
    files(&Path::new(ROOT).join("docs/decisions"), "md")
}

/// Where the links of a page lead within the repository, blocks of code left out.
fn links(page: &str) -> Vec<String> {
    let prose: String = page.split("```").step_by(2).collect();
    let targets = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.starts_with('#') && !target.contains("://"))
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let root = Path::new(ROOT);
    let pages: Vec<PathBuf> = [root, &root.join("docs")]
        .iter()
        .flat_map(|folder| files(folder, "md"))
        .chain(decisions())
        .collect();
    assert!(pages.len() > 10, "{pages:?}");
    let mut dead = Vec::new();
    for page in &pages {
        let folder = page.parent().expect("a folder");
        let broken = links(&read(page))
            .into_iter()
            .filter(|target| !folder.join(target).exists());
        dead.extend(broken.map(|target| format!("{} -> {target}", page.display())));
    }
    assert_eq!(dead, Vec::<String>::new());
}

#[test]
fn decisions_are_numbered_in_form_and_on_the_map() {
    let map: BTreeSet<String> = links(&read(&Path::new(ROOT).join("ARCHITECTURE.md")))
        .into_iter()
        .collect();
    for (number, path) in (1..).zip(decisions()) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = read(&path);
        assert!(
            name.starts_with(&format!("{number:03}-")),
            "{name} should be number {number:03}"
        );
        assert!(
            text.starts_with(&format!("# {number:03}: ")),
            "{name} has another number in its title"
        );
        let parts: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(parts, PARTS, "{name}");
        assert!(
            map.contains(&format!("docs/decisions/{name}")),
            "{name} is not in ARCHITECTURE.md"
        );
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let root = Path::new(ROOT);
    let map = read(&root.join("ARCHITECTURE.md"));
    let mut crates = 0;
    for folder in ["", "crates"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder of the repository") {
            let name = entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            let place = Path::new(folder).join(name);
            if root.join(&place).join("Cargo.toml").is_file() {
                let row = format!("| `{}` |", place.display());
                assert!(
                    map.contains(&row),
                    "ARCHITECTURE.md does not say what {} is for",
                    place.display()
                );
                crates += 1;
            }
        }
    }
    assert!(crates >= 15, "only {crates} crates were found");
}

#[test]
fn links_are_found_and_code_is_none() {
    let page = "[a](b.md#c) [d](#e) [f](https://g) ```\n[h](i)\n``` [j](../k)";
    assert_eq!(links(page), ["b.md", "../k"]);
}
