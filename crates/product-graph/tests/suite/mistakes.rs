//! Every mistake is reported, at once, at its place, with what would be right.

use product_graph::{MAX_GRAPH_BYTES, ProductGraph};

fn mistakes(text: &str) -> String {
    match ProductGraph::parse(text) {
        Ok(graph) => panic!("it loads: {}", graph.summary()),
        Err(errors) => errors.to_string(),
    }
}

/// The mistakes of a graph with one input `a` and one product `P` that also has these keys.
fn of_product(keys: &str) -> String {
    mistakes(&format!(
        r#"{{"inputs": ["a"], "products": {{"P": {{"m_input": ["a"], "provider": "p", "url": "http://p", {keys}}}}}}}"#
    ))
}

/// The mistakes of a graph with one right product and these keys at the top.
fn of_top(keys: &str) -> String {
    mistakes(&format!(
        r#"{{"inputs": ["a"], "products": {{"P": {{"m_input": ["a"], "provider": "p", "url": "http://p"}}}}, {keys}}}"#
    ))
}

#[test]
fn ten_mistakes_are_ten_lines() {
    let report = mistakes(include_str!("ten_mistakes.json"));
    assert_eq!(report.lines().count(), 10);
    insta::assert_snapshot!(report);
}

#[test]
fn what_is_no_json_is_shown_by_line_and_column() {
    assert_eq!(
        mistakes("{\n  \"inputs\": [\"a\"],\n  \"products\": {,}\n}"),
        "$: not JSON: key must be a string at line 3 column 16"
    );
    assert_eq!(
        mistakes(""),
        "$: not JSON: EOF while parsing a value at line 1 column 0"
    );
    assert!(mistakes(&"[".repeat(1000)).contains("recursion limit exceeded at line 1 column"));
    assert!(mistakes("{} {}").contains("trailing characters at line 1 column 4"));
}

#[test]
fn a_graph_has_a_largest_size() {
    let report = mistakes(&" ".repeat(MAX_GRAPH_BYTES + 1));
    assert_eq!(
        report,
        "$: 4194305 bytes are more than a graph may have (4194304)"
    );
}

#[test]
fn the_document_is_an_object_with_inputs_and_products() {
    assert_eq!(mistakes("[]"), "$: an array where an object belongs");
    assert_eq!(
        mistakes(r#"{"product": {}}"#),
        "$.product: unknown key \"product\"; did you mean \"products\"?\n\
         $: \"inputs\" is missing; name the products that no pipeline makes\n\
         $: \"products\" is missing; say how each product is made"
    );
    assert_eq!(
        of_top(r#""notes": 1"#),
        "$.notes: unknown key \"notes\"; known here: inputs, products, providers"
    );
}

#[test]
fn a_wrong_type_of_the_declarations_does_not_make_every_name_wrong() {
    assert_eq!(
        mistakes(
            r#"{"inputs": "a", "products": {"P": {"m_input": ["a"], "provider": "p", "url": "http://p"}}}"#
        ),
        "$.inputs: a text where an array of names belongs"
    );
    assert_eq!(
        mistakes(r#"{"inputs": ["a"], "products": []}"#),
        "$.products: an array where an object belongs"
    );
}

#[test]
fn repeated_keys_are_seen_and_both_bodies_are_read() {
    assert_eq!(
        mistakes(
            r#"{"inputs": ["a"], "inputs": ["b"], "products": {
                "P": {"m_input": ["a"], "provider": "p", "url": "http://p", "url": "http://q"},
                "P": {"m_input": ["b"], "provider": "p", "url": "nowhere"}, "P": {"m_input": ["b"], "provider": "p", "url": "http://p"}}}"#
        ),
        "$.inputs: declared twice: this key is repeated; keep one\n\
         $.products.P: declared 3 times: this key is repeated; keep one\n\
         $.products.P.url: declared twice: this key is repeated; keep one\n\
         $.products.P.url: \"nowhere\" is a bad URL: relative URL without a base; write http://HOST:PORT/PATH"
    );
}

#[test]
fn a_name_is_declared_once() {
    assert_eq!(
        mistakes(
            r#"{"inputs": ["a", "b", "a", "P"], "products": {"P": {"m_input": ["b"], "provider": "p", "url": "http://p"}}}"#
        ),
        "$.inputs[2]: \"a\" is declared twice; the first is $.inputs[0]\n\
         $.products.P: \"P\" is declared twice; it stands in $.inputs too"
    );
}

#[test]
fn an_input_is_given_once_and_is_declared() {
    assert_eq!(
        of_product(r#""o_input": ["b", "a", 1, "A"]"#),
        "$.products.P.o_input[0]: \"b\" is not declared; add it to $.inputs or $.products\n\
         $.products.P.o_input[2]: an integer where a name belongs\n\
         $.products.P.o_input[3]: \"A\" is not declared; did you mean \"a\"?\n\
         $.products.P.o_input[1]: \"a\" is an input already, at $.products.P.m_input[0]; keep one"
    );
}

#[test]
fn names_are_of_the_alphabet_and_not_reserved() {
    assert_eq!(
        mistakes(
            r#"{"inputs": ["a b", "_canary", ""], "products": {
                "Q/P": {"m_input": ["a"], "provider": "p", "url": "http://p"},
                "P": {"m_input": ["_canary"], "provider": "_p", "url": "http://p"}}}"#
        ),
        "$.inputs[0]: \"a b\" is a bad name: ' ' is not allowed in a name; it takes A-Z a-z 0-9 _ -\n\
         $.inputs[1]: \"_canary\" is reserved: names that start with _ are the orchestra's own\n\
         $.inputs[2]: \"\" is a bad name: a name is empty; it takes 1 to 64 of A-Z a-z 0-9 _ -\n\
         $.products['Q/P']: \"Q/P\" is a bad name: '/' is not allowed in a name; it takes A-Z a-z 0-9 _ -\n\
         $.products['Q/P'].m_input[0]: \"a\" is not declared; add it to $.inputs or $.products\n\
         $.products.P.m_input[0]: \"_canary\" is reserved: names that start with _ are the orchestra's own\n\
         $.products.P.provider: \"_p\" is reserved: names that start with _ are the orchestra's own"
    );
}

#[test]
fn the_keys_of_the_mission_must_be_there() {
    assert_eq!(
        mistakes(
            r#"{"inputs": [], "products": {"P": {"description": 1}, "Q": {"m_input": [], "provider": "", "url": ""}}}"#
        ),
        "$.products.P: \"m_input\" is missing; name at least one product that it is made from\n\
         $.products.P: \"provider\" is missing; name the pipeline service that makes it\n\
         $.products.P: \"url\" is missing; write http://HOST:PORT/PATH here or in the provider's entry under $.providers\n\
         $.products.P.description: an integer where a text belongs\n\
         $.products.Q.m_input: empty; a product is made from at least one mandatory input\n\
         $.products.Q.provider: an empty text\n\
         $.products.Q.url: an empty text"
    );
}

#[test]
fn durations_have_a_unit_and_a_limit() {
    let right = "a duration such as \"10m\", \"90s\" or \"250ms\"";
    assert_eq!(
        of_product(r#""timeout": 600"#),
        format!("$.products.P.timeout: an integer where {right} belongs")
    );
    assert_eq!(
        of_product(r#""timeout": "600""#),
        format!("$.products.P.timeout: \"600\" where {right} belongs")
    );
    assert_eq!(
        of_product(r#""backoff": "-5s""#),
        format!("$.products.P.backoff: \"-5s\" where {right} belongs")
    );
    assert_eq!(
        of_product(r#""timeout": "0s""#),
        "$.products.P.timeout: zero; it must be longer than that"
    );
    assert_eq!(
        of_product(r#""timeout": "2y""#),
        "$.products.P.timeout: \"2y\" is longer than a year"
    );
}

#[test]
fn numbers_are_integers_within_their_limits() {
    let right = "an integer from 1 to 1000";
    assert_eq!(
        of_product(r#""attempts": 0"#),
        format!("$.products.P.attempts: 0 where {right} belongs")
    );
    assert_eq!(
        of_product(r#""attempts": 1.5"#),
        format!("$.products.P.attempts: a fraction where {right} belongs")
    );
    assert_eq!(
        of_product(r#""attempts": "3""#),
        format!("$.products.P.attempts: a text where {right} belongs")
    );
    assert_eq!(
        of_product(r#""priority": 3000000000"#),
        "$.products.P.priority: 3000000000 where an integer from -2147483648 to 2147483647 belongs"
    );
    assert_eq!(
        of_top(r#""providers": {"p": {"max_in_flight": 0}}"#),
        "$.providers.p.max_in_flight: 0 where an integer from 1 to 4294967295 belongs"
    );
}

#[test]
fn a_url_is_that_of_a_pipeline() {
    let of_url = |url: &str| {
        mistakes(&format!(
            r#"{{"inputs": ["a"], "products": {{"P": {{"m_input": ["a"], "provider": "p", "url": "{url}"}}}}}}"#
        ))
    };
    assert!(
        of_url("qpo_ecl:5000/pipeline").contains("is a bad URL"),
        "{}",
        of_url("qpo_ecl:5000/pipeline")
    );
    assert!(of_url("ftp://p/x").contains("its scheme is \"ftp\""));
    assert!(of_url("http://").contains("empty host"));
    assert!(of_url("http://p:99999/").contains("invalid port number"));
    assert!(of_url("http://p/?a=1").contains("neither query nor fragment"));
}

#[test]
fn words_are_those_of_the_format() {
    let right = "\"rerun\" or \"mark_stale\" or \"ignore\" belongs";
    assert_eq!(
        of_product(r#""on_new_input": "re-run""#),
        format!("$.products.P.on_new_input: \"re-run\" where {right}; did you mean \"rerun\"?")
    );
    assert_eq!(
        of_product(r#""on_new_input": {"optional": "never", "option": "rerun"}"#),
        format!(
            "$.products.P.on_new_input.option: unknown key \"option\"; did you mean \"optional\"?\n\
             $.products.P.on_new_input.optional: \"never\" where {right}"
        )
    );
    assert_eq!(
        of_product(r#""approve": "yes""#),
        "$.products.P.approve: a text where true or false belongs"
    );
    assert_eq!(
        of_product(r#""due": {"from": "trigger"}"#),
        "$.products.P.due: \"within\" is missing; name a duration such as \"30s\"\n\
         $.products.P.due.from: \"trigger\" where \"first_input\" belongs"
    );
    assert_eq!(
        of_top(r#""providers": {"p": {"request": "least", "limit": 3}}"#),
        "$.providers.p.limit: unknown key \"limit\"; known here: max_in_flight, request, url\n\
         $.providers.p.request: \"least\" where \"full\" or \"minimal\" belongs"
    );
}

#[test]
fn a_bad_url_of_a_provider_is_one_mistake() {
    let report = mistakes(
        r#"{"inputs": ["a"], "products": {"P": {"m_input": ["a"], "provider": "p"}}, "providers": {"p": {"url": 1}}}"#,
    );
    assert_eq!(report, "$.providers.p.url: an integer where a text belongs");
}

#[test]
fn a_cycle_is_shown_with_its_way_be_it_mandatory_or_optional() {
    let product = |inputs: &str| format!(r#"{{{inputs}, "provider": "p", "url": "http://p"}}"#);
    let graph = |p: &str, q: &str, r: &str| {
        let [p, q, r] = [p, q, r].map(product);
        mistakes(&format!(
            r#"{{"inputs": ["a"], "products": {{"P": {p}, "Q": {q}, "R": {r}}}}}"#
        ))
    };
    assert_eq!(
        graph(
            r#""m_input": ["P"]"#,
            r#""m_input": ["a"]"#,
            r#""m_input": ["a"], "o_input": ["R"]"#
        ),
        "$.products.P.m_input[0]: a cycle: P is made from P; leave one of these out\n\
         $.products.R.o_input[0]: a cycle: R is made from R (optional); leave one of these out"
    );
    assert_eq!(
        graph(
            r#""m_input": ["a"], "o_input": ["R"]"#,
            r#""m_input": ["P"]"#,
            r#""m_input": ["a", "Q"]"#
        ),
        "$.products.P.o_input[0]: a cycle: P is made from R (optional), R from Q, Q from P; leave one of these out"
    );
    assert_eq!(
        graph(
            r#""m_input": ["Q"]"#,
            r#""m_input": ["P", "R"]"#,
            r#""m_input": ["Q"]"#
        ),
        "$.products.P.m_input[0]: a cycle: P is made from Q, Q from P; leave one of these out; \
         3 products are made from each other in all"
    );
}

#[test]
fn a_long_wrong_text_is_cut_and_stays_on_its_line() {
    let report = of_product(&format!(
        r#""group": [], "two\nlines": 1, "timeout": "{}""#,
        "x".repeat(10_000)
    ));
    assert_eq!(report.lines().count(), 3, "{report}");
    assert!(report.len() < 600, "{report}");
}
