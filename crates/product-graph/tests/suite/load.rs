//! What loads, with which defaults, and what can be asked of it.

use crate::{SMALL, graph, id, names};
use domain::{ProductName, ProviderName};
use product_graph::{
    BACKOFF_CAP, Due, DueFrom, NewInputPolicy, Node, NodeKind, OnNewInput, ProductGraph, Recipe, RequestForm,
};
use std::time::Duration;

/// The graph of the project, at its root.
const GROUP_1: &str = include_str!("../../../../graph.json");

/// The example of the mission's own text.
const MISSION: &str = r#"{
  "inputs": ["EclTmVhfAlert", "EclTmVhfHPLcurve"],
  "products": {
    "QPO_ECL": {
      "m_input": ["EclTmVhfAlert"],
      "o_input": [],
      "provider": "qpo_ecl_pipeline",
      "url": "http://qpo_ecl_pipeline:5000/pipeline"
    }
  }
}"#;

#[test]
fn the_example_of_the_mission_loads_with_the_documented_defaults() {
    let graph = graph(MISSION);
    let alert = id(&graph, "EclTmVhfAlert");
    let expected = Node {
        name: "QPO_ECL".parse().unwrap(),
        kind: NodeKind::Product(Box::new(Recipe {
            mandatory: vec![alert],
            optional: vec![],
            provider: "qpo_ecl_pipeline".parse().unwrap(),
            url: "http://qpo_ecl_pipeline:5000/pipeline".parse().unwrap(),
            wait_in_progress: Duration::from_mins(1),
            wait_optional: Duration::ZERO,
            wait_repeats: Duration::from_secs(10),
            approve: false,
            due: None,
            group: None,
            on_new_input: OnNewInput {
                mandatory: NewInputPolicy::Rerun,
                optional: NewInputPolicy::MarkStale,
            },
            timeout: Duration::from_mins(10),
            attempts: 3,
            backoff: Duration::from_secs(5),
            priority: 0,
            expected: None,
            description: None,
        })),
    };
    assert_eq!(graph.node(id(&graph, "QPO_ECL")), &expected);
    let spec = graph.provider(&"qpo_ecl_pipeline".parse().unwrap()).unwrap();
    assert_eq!((spec.max_in_flight, spec.request), (None, RequestForm::Full));
    assert_eq!(
        spec.url.as_ref().map(url::Url::as_str),
        Some("http://qpo_ecl_pipeline:5000/pipeline")
    );
    assert_eq!(spec.products, [id(&graph, "QPO_ECL")]);
    assert_eq!(graph.summary(), "2 inputs, 1 product, 1 provider, 1 level");
}

#[test]
fn every_option_is_read() {
    let graph = graph(SMALL);
    let location = graph.recipe(id(&graph, "LOCATION")).unwrap();
    let expected = Recipe {
        mandatory: vec![id(&graph, "Alert")],
        optional: vec![],
        provider: "quick_look".parse().unwrap(),
        url: "http://quick_look:5000/pipeline".parse().unwrap(),
        wait_in_progress: Duration::from_secs(5),
        wait_optional: Duration::from_millis(250),
        wait_repeats: Duration::from_secs(20),
        approve: true,
        due: Some(Due {
            from: DueFrom::FirstInput,
            within: Duration::from_secs(30),
        }),
        group: Some("positions".to_owned()),
        on_new_input: OnNewInput {
            mandatory: NewInputPolicy::Rerun,
            optional: NewInputPolicy::Ignore,
        },
        timeout: Duration::from_secs(90),
        attempts: 5,
        backoff: Duration::from_secs(1),
        priority: -2,
        expected: Some(Duration::from_secs(20)),
        description: Some("Where it is".to_owned()),
    };
    assert_eq!(location, &expected);
    let spec = graph.provider(&location.provider).unwrap();
    assert_eq!(
        (spec.max_in_flight, spec.request),
        (Some(4), RequestForm::Minimal)
    );
    assert_eq!(names(&graph, spec.products.clone()), ["LOCATION", "SPECTRUM"]);
}

#[test]
fn a_product_without_a_url_is_made_where_its_provider_is() {
    let graph = graph(SMALL);
    let spectrum = graph.recipe(id(&graph, "SPECTRUM")).unwrap();
    assert_eq!(spectrum.url.as_str(), "http://quick_look:5001/");
    assert_eq!(graph.recipe(id(&graph, "SUMMARY")).unwrap().group(), "notices");
}

#[test]
fn one_word_is_the_policy_for_both_kinds_of_input() {
    let text = MISSION.replace(r#""o_input""#, r#""on_new_input": "ignore", "o_input""#);
    let graph = graph(&text);
    let read = graph.recipe(id(&graph, "QPO_ECL")).unwrap().on_new_input;
    let ignore = NewInputPolicy::Ignore;
    assert_eq!(
        read,
        OnNewInput {
            mandatory: ignore,
            optional: ignore
        }
    );
}

#[test]
fn nodes_stand_in_an_order_in_which_everything_comes_after_what_it_is_made_from() {
    let graph = graph(SMALL);
    assert_eq!(
        names(&graph, graph.ids()),
        ["Alert", "Curve", "Position", "LOCATION", "SPECTRUM", "SUMMARY"]
    );
    assert_eq!(names(&graph, graph.inputs()), ["Alert", "Curve", "Position"]);
    assert_eq!(
        names(&graph, graph.products()),
        ["LOCATION", "SPECTRUM", "SUMMARY"]
    );
    let levels: Vec<u32> = graph.ids().map(|id| graph.level(id)).collect();
    assert_eq!(levels, [0, 0, 0, 1, 2, 3]);
}

#[test]
fn both_kinds_of_input_have_dependants_and_only_mandatory_ones_count_for_the_closure() {
    let graph = graph(SMALL);
    let of = |name: &str| id(&graph, name);
    assert_eq!(
        names(&graph, graph.dependants(of("Position")).to_vec()),
        ["SUMMARY"]
    );
    assert_eq!(
        names(&graph, graph.dependants(of("LOCATION")).to_vec()),
        ["SPECTRUM", "SUMMARY"]
    );
    assert_eq!(
        names(&graph, graph.descendants(of("Alert")).iter()),
        ["LOCATION", "SPECTRUM", "SUMMARY"]
    );
    assert_eq!(
        names(&graph, graph.closure([of("Alert")]).iter()),
        ["Alert", "LOCATION", "SUMMARY"]
    );
    assert_eq!(names(&graph, graph.closure([of("Curve")]).iter()), ["Curve"]);
    assert_eq!(
        names(&graph, graph.closure([of("Curve"), of("LOCATION")]).iter()),
        ["Curve", "LOCATION", "SPECTRUM", "SUMMARY"]
    );
}

#[test]
fn the_group_1_graph_loads() {
    let graph = graph(GROUP_1);
    assert_eq!(graph.summary(), "15 inputs, 40 products, 9 providers, 7 levels");
    assert_eq!(graph.remarks(), Vec::<String>::new());
    let notices: Vec<Duration> = graph
        .products()
        .filter(|id| graph.name(*id).as_str().starts_with("NOTICE_"))
        .filter_map(|id| Some(graph.recipe(id)?.wait_in_progress))
        .collect();
    assert_eq!(
        notices,
        [Duration::from_secs(5); 5],
        "an alert does not wait a minute"
    );
    assert_eq!(
        graph.closure(graph.inputs()).len(),
        55,
        "from all inputs, all products"
    );
}

#[test]
fn order_layout_commentary_and_spelt_out_defaults_do_not_change_the_revision() {
    let plain = graph(MISSION);
    let other = MISSION
        .replace(
            r#""EclTmVhfAlert", "EclTmVhfHPLcurve""#,
            r#""EclTmVhfHPLcurve", "EclTmVhfAlert""#,
        )
        .replace(
            r#""o_input": [],"#,
            r#""_why": 1, "attempts": 3, "timeout": "600s","#,
        );
    assert_eq!(graph(&other).revision(), plain.revision());
    let another = MISSION.replace(r#""o_input": [],"#, r#""attempts": 4,"#);
    assert_ne!(graph(&another).revision(), plain.revision());
}

#[test]
fn what_is_written_loads_as_the_same_graph() {
    for text in [MISSION, SMALL, GROUP_1] {
        let read = graph(text);
        let written = serde_json::to_string_pretty(&read).unwrap();
        assert_eq!(graph(&written), read, "after {written}");
    }
}

#[test]
fn a_file_may_start_with_a_byte_order_mark() {
    assert_eq!(graph(&format!("\u{feff}{MISSION}")), graph(MISSION));
}

#[test]
fn a_graph_may_be_empty() {
    let graph = graph(r#"{"inputs": [], "products": {}}"#);
    assert!(graph.is_empty());
    assert_eq!(graph.summary(), "0 inputs, 0 products, 0 providers, 0 levels");
}

#[test]
fn what_is_odd_is_remarked_and_loads() {
    let text = r#"{
        "inputs": ["a", "unused"],
        "products": {
            "p": {"m_input": ["a"], "provider": "x", "url": "http://x/1", "backoff": "10m"},
            "q": {"m_input": ["a"], "provider": "x", "url": "http://x/2"}
        },
        "providers": {"y": {"max_in_flight": 1}}
    }"#;
    let graph = graph(text);
    assert_eq!(
        graph.remarks(),
        [
            "input unused is used by no product",
            "provider y makes no product",
            "q is made at http://x/2, but its provider x is at http://x/1",
            "the backoff of p is cut from 10m to 5m",
        ]
    );
    let backoff = graph
        .recipe(id(&graph, "p"))
        .unwrap()
        .backoff_after(domain::Attempt(1));
    assert_eq!(backoff, BACKOFF_CAP);
    let idle: ProviderName = "y".parse().unwrap();
    assert_eq!(graph.provider(&idle).unwrap().url, None);
}

#[test]
fn a_name_that_is_not_there_has_no_id() {
    let graph: ProductGraph = graph(MISSION);
    let foreign: ProductName = "FOREIGN".parse().unwrap();
    assert_eq!(graph.id(&foreign), None);
}

#[test]
fn the_examples_of_the_documentation_load() {
    let page = include_str!("../../../../docs/graph.md");
    let examples: Vec<&str> = page
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(
        examples.len() >= 2,
        "graph.md shows the least graph and one with every key"
    );
    let revisions: Vec<_> = examples.into_iter().map(|text| graph(text).revision()).collect();
    assert_eq!(revisions[0], graph(MISSION).revision());
}
