//! The walls of the house: which of our crates may use which.
//!
//! A crate that is not in [`WALLS`] is a wall that nobody thought about, so it fails too. Development
//! dependencies are free, except that no program is a library of another. `deny.toml` holds the walls towards
//! foreign crates.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};

/// Each crate with what it may use of ours.
const WALLS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("product-graph", &["domain"]),
    ("conductor-core", &["domain", "product-graph"]),
    ("messaging", &["domain"]),
    ("api", &["domain"]),
    ("service-kit", &[]),
    ("pipeline-bricks", &["api", "domain", "messaging", "service-kit"]),
    ("stage", &["api", "domain", "service-kit"]),
    (
        "testkit",
        &[
            "api",
            "domain",
            "messaging",
            "product-graph",
            "service-kit",
            "stage",
        ],
    ),
    (
        "bench",
        &[
            "api",
            "conductor-core",
            "domain",
            "messaging",
            "product-graph",
            "service-kit",
            "stage",
        ],
    ),
    (
        "conductor",
        &[
            "api",
            "conductor-core",
            "domain",
            "messaging",
            "pipeline-bricks",
            "product-graph",
            "service-kit",
        ],
    ),
    ("sdb", &["api", "domain", "messaging", "service-kit"]),
    (
        "mock-pipeline",
        &["api", "domain", "pipeline-bricks", "product-graph", "service-kit"],
    ),
    ("mock-vhf", &["api", "domain", "messaging", "service-kit"]),
    (
        "console",
        &["api", "domain", "messaging", "product-graph", "service-kit"],
    ),
];

/// What nobody uses as a library, not even in tests: testkit starts their binaries.
const PROGRAMS: &[&str] = &["conductor", "console", "mock-pipeline", "mock-vhf", "sdb"];

/// What cannot do IO, by what it is made of.
const PURE: &[&str] = &["domain", "product-graph", "conductor-core"];

/// The doors to the outside that a pure crate must not have, not even through another crate.
const DOORS: &[&str] = &[
    "async-nats",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "rustix",
    "socket2",
    "sqlx",
    "tokio",
    "tracing",
];

/// One of our crates and the crates of ours that it uses.
#[derive(Debug, Clone, Default, PartialEq)]
struct Uses {
    normal: BTreeSet<String>,
    dev: BTreeSet<String>,
}

/// Every breach of the walls, as a sentence that names the crates.
fn breaches(house: &BTreeMap<String, Uses>) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, uses) in house {
        let Some((_, allowed)) = WALLS.iter().find(|(known, _)| known == name) else {
            breaches.push(format!("{name} is not in WALLS: say there what it may use"));
            continue;
        };
        for used in &uses.normal {
            if !allowed.contains(&used.as_str()) {
                breaches.push(format!("{name} must not use {used}"));
            }
        }
        for used in uses.normal.union(&uses.dev) {
            if PROGRAMS.contains(&used.as_str()) {
                breaches.push(format!("{used} is a program, and {name} uses it as a library"));
            }
        }
        if uses.normal.contains("testkit") {
            breaches.push(format!("testkit is for tests, and {name} uses it in its program"));
        }
    }
    breaches
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        // Only what this machine builds is in its cache once the network is cut.
        .other_options(["--locked", "--offline", "--filter-platform", "host-tuple"].map(str::to_owned))
        .exec()
        .expect("cargo metadata reads this workspace")
}

fn house(metadata: &Metadata) -> BTreeMap<String, Uses> {
    let members = metadata.workspace_packages();
    let ours: BTreeSet<String> = members.iter().map(|package| package.name.to_string()).collect();
    let uses = |package: &Package| {
        let mut uses = Uses::default();
        for dependency in package
            .dependencies
            .iter()
            .filter(|used| ours.contains(&used.name))
        {
            // A build script can pull a crate through a wall as well.
            let for_tests = dependency.kind == DependencyKind::Development;
            let of_kind = if for_tests {
                &mut uses.dev
            } else {
                &mut uses.normal
            };
            of_kind.insert(dependency.name.clone());
        }
        uses
    };
    members
        .iter()
        .map(|package| (package.name.to_string(), uses(package)))
        .collect()
}

/// The names of all crates that `name` is built from, itself included, development dependencies left out.
fn built_from(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("cargo metadata resolves");
    let start = metadata
        .workspace_packages()
        .into_iter()
        .find(|package| package.name.as_str() == name)
        .expect("a member of the workspace");
    let mut seen = BTreeSet::from([start.id.clone()]);
    let mut open = vec![start.id.clone()];
    while let Some(id) = open.pop() {
        let node = resolve
            .nodes
            .iter()
            .find(|node| node.id == id)
            .expect("a resolved package");
        for edge in &node.deps {
            let only_for_tests = edge
                .dep_kinds
                .iter()
                .all(|dep| dep.kind != DependencyKind::Normal);
            if !only_for_tests && seen.insert(edge.pkg.clone()) {
                open.push(edge.pkg.clone());
            }
        }
    }
    seen.iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn the_walls_between_our_crates_stand() {
    let house = house(&metadata());
    let nobody: Vec<String> = vec![];
    assert_eq!(breaches(&house), nobody);
    for (name, _) in WALLS {
        assert!(
            house.contains_key(*name),
            "{name} is in WALLS and not in the workspace"
        );
    }
}

#[test]
fn what_decides_is_built_from_nothing_that_can_do_io() {
    let metadata = metadata();
    for name in PURE {
        let built_from = built_from(&metadata, name);
        assert!(
            built_from.contains("serde"),
            "the walk through {name} found nothing"
        );
        let doors: Vec<&&str> = DOORS.iter().filter(|door| built_from.contains(**door)).collect();
        assert!(doors.is_empty(), "{name} is built from {doors:?}");
    }
}

#[test]
fn the_walk_finds_doors_where_there_are_some() {
    let built_from = built_from(&metadata(), "messaging");
    assert!(built_from.contains("tokio") && built_from.contains("async-nats"));
}

#[test]
fn each_broken_wall_is_named() {
    let breach = |name: &str, normal: &[&str], dev: &[&str]| {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let uses = Uses {
            normal: set(normal),
            dev: set(dev),
        };
        breaches(&BTreeMap::from([(name.to_owned(), uses)]))
    };
    assert_eq!(breach("domain", &["api"], &[]), ["domain must not use api"]);
    assert_eq!(
        breach("conductor-core", &["domain", "messaging"], &[]),
        ["conductor-core must not use messaging"]
    );
    assert_eq!(
        breach("service-kit", &["domain"], &[]),
        ["service-kit must not use domain"]
    );
    assert_eq!(
        breach("pipeline-bricks", &["product-graph"], &[]),
        ["pipeline-bricks must not use product-graph"]
    );
    assert_eq!(
        breach("console", &["conductor-core"], &[]),
        ["console must not use conductor-core"]
    );
    assert_eq!(
        breach("console", &[], &["sdb"]),
        ["sdb is a program, and console uses it as a library"]
    );
    assert_eq!(breach("sdb", &["testkit"], &[]).len(), 2);
    assert_eq!(
        breach("newcomer", &[], &[]),
        ["newcomer is not in WALLS: say there what it may use"]
    );
    assert_eq!(
        breach("sdb", &["api", "domain"], &["testkit"]),
        Vec::<String>::new()
    );
}
