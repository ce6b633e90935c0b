//! The tests that docs/invariants.md names exist.
//!
//! It has a table of what always holds, and one of what each failure does.

use testkit::repository_root;

#[test]
fn each_invariant_names_tests_that_exist() {
    let root = repository_root();
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let document = read("docs/invariants.md");
    let rows: Vec<&str> = document
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter(|line| !line.starts_with("| what always") && !line.starts_with("| what fails"))
        .collect();
    assert_eq!(rows.len(), 10 + 11, "one row for each invariant and each failure");
    for row in rows {
        let mut named = 0;
        for (path, test) in row.split('`').filter_map(|quoted| quoted.split_once("::")) {
            let source = read(path);
            let is_there = source.contains(&format!("fn {test}("));
            assert!(is_there, "{path} has no test {test}");
            named += 1;
        }
        assert!(named > 0, "no test: {row}");
    }
}
