//! Graphs in one line.

use product_graph::ProductGraph;
use std::fmt::Write as _;

/// `"A -> X; X, A? -> Y (approve)"`: products with their inputs, the optional ones with a question mark, and
/// whether they wait for these (`grace`, ten seconds), for an approval, or as long as by default for `repeats`; made
/// by `p`, or with `(at q)` by `q`.
pub(crate) fn graph(text: &str, extra: &str) -> ProductGraph {
    let mut inputs = Vec::new();
    let mut products = Vec::new();
    let rules: Vec<(&str, &str)> = text
        .split(';')
        .map(|rule| rule.split_once("->").unwrap())
        .collect();
    let name_of = |made: &str| made.split_whitespace().next().unwrap().to_owned();
    let made: Vec<String> = rules.iter().map(|(_, product)| name_of(product)).collect();
    for (from, product) in &rules {
        let (mut m, mut o) = (Vec::new(), Vec::new());
        for input in from.split(',').map(str::trim) {
            let plain = input.trim_end_matches('?');
            if input == plain {
                m.push(format!("{plain:?}"));
            } else {
                o.push(format!("{plain:?}"));
            }
            if !made.iter().any(|made| made == plain) && !inputs.contains(&format!("{plain:?}")) {
                inputs.push(format!("{plain:?}"));
            }
        }
        let mut extra = extra.to_owned();
        // Most tests are of other rules: newer inputs are taken at once.
        if !product.contains("(repeats)") && !extra.contains("wait_repeats") {
            extra.push_str(r#", "wait_repeats": "0s""#);
        }
        if product.contains("(grace)") {
            extra.push_str(r#", "wait_optional": "10s""#);
        }
        if product.contains("(approve)") {
            extra.push_str(r#", "approve": true"#);
        }
        let mut body = String::new();
        write!(
            body,
            r#"{:?}: {{"m_input": [{}], "o_input": [{}], "provider": {:?}, "url": "http://p:5000/p"{extra}}}"#,
            name_of(product),
            m.join(","),
            o.join(","),
            if product.contains("(at q)") { "q" } else { "p" }
        )
        .unwrap();
        products.push(body);
    }
    let json = format!(
        r#"{{"inputs": [{}], "products": {{{}}}}}"#,
        inputs.join(","),
        products.join(",")
    );
    ProductGraph::parse(&json).unwrap()
}
