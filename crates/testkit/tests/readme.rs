//! The README's table of settings is what the programs say of themselves.

use std::collections::BTreeSet;
use std::process::Command;
use testkit::{bin, repository_root};

const PROGRAMS: [&str; 5] = ["conductor", "sdb", "mock-pipeline", "mock-vhf", "console"];

/// A flag of a program; with its variable if it has one.
type Flag = (String, bool);

/// The flags of the README's section on configuration: those of the table, and those in the sentence after it.
fn told(program: &str, readme: &str) -> BTreeSet<Flag> {
    let section = readme
        .split("\n## ")
        .find(|part| part.starts_with("Configuration"));
    let section = section.expect("a section on configuration");
    let names = |text: &str| -> Vec<String> {
        let quoted = text.split('`').skip(1).step_by(2);
        quoted
            .filter(|word| word.starts_with("--"))
            .map(str::to_owned)
            .collect()
    };
    let mut flags = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `--")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        if cells[1].split(", ").any(|name| name.trim() == program) {
            flags.extend(names(cells[0]).into_iter().map(|flag| (flag, true)));
        }
    }
    let sentence = section
        .split("Without a variable:")
        .nth(1)
        .expect("the flags without a variable");
    let sentence = sentence.split('.').next().unwrap_or_default();
    for part in sentence.split(',') {
        if part.contains(&format!("of the {program}")) {
            flags.extend(names(part).into_iter().map(|flag| (flag, false)));
        }
    }
    flags
}

/// The flags of `--help`, each with whether it names the variable that the README promises.
fn known(program: &str) -> BTreeSet<Flag> {
    let help = Command::new(bin(&format!("orchestra-{program}")))
        .arg("--help")
        .output();
    let help = String::from_utf8(help.expect("the program runs").stdout).expect("text");
    let mut flags = BTreeSet::new();
    for part in help.split("\n      --").skip(1) {
        let name = part.split([' ', '\n']).next().unwrap_or_default();
        let variable = format!("[env: ORCHESTRA_{}=", name.to_uppercase().replace('-', "_"));
        flags.insert((format!("--{name}"), part.contains(&variable)));
    }
    flags
}

#[test]
fn every_flag_of_every_program_is_in_the_readme() {
    let readme = std::fs::read_to_string(repository_root().join("README.md")).expect("the README");
    for program in PROGRAMS {
        let known = known(program);
        assert!(known.len() > 3, "{program} has flags");
        assert_eq!(
            told(program, &readme),
            known,
            "left: README, right: orchestra-{program} --help"
        );
    }
}
