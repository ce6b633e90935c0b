//! The tests that docs/invariants.md names exist.

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
        .filter(|line| line.starts_with("| ") && !line.starts_with("| what always"))
        .collect();
    assert_eq!(rows.len(), 9, "one row for each invariant that is tested");
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
