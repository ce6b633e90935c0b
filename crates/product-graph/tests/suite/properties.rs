//! Properties over random graphs: what is right loads, what is wrong is reported, nothing panics.

use crate::{SMALL, graph};
use product_graph::{NodeId, ProductGraph, Recipe};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A graph as the generator makes it: product `n` is made from inputs and from products below `n`.
#[derive(Debug, Clone)]
struct Plan {
    inputs: usize,
    /// For each product: seeds of its mandatory and of its optional inputs.
    products: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Plan {
    /// The distinct inputs of product `at`, mandatory first, each an index into inputs then products.
    fn inputs_of(&self, at: usize) -> (Vec<usize>, Vec<usize>) {
        let (mandatory, optional) = &self.products[at];
        let below = self.inputs + at;
        let distinct = |seeds: &[usize], but: &[usize]| {
            let mut picked: Vec<usize> = seeds.iter().map(|seed| seed % below).collect();
            picked.sort_unstable();
            picked.dedup();
            picked.retain(|input| !but.contains(input));
            picked
        };
        let mandatory = distinct(mandatory, &[]);
        let optional = distinct(optional, &mandatory);
        (mandatory, optional)
    }

    fn name(&self, node: usize) -> String {
        // Names fall where they like, so that order by name and order by level differ.
        if node < self.inputs {
            format!("in{node}")
        } else {
            format!("p{}", (node - self.inputs) * 7919 % 10007)
        }
    }

    fn to_json(&self) -> Value {
        let names = |nodes: Vec<usize>| nodes.into_iter().map(|node| self.name(node)).collect::<Vec<_>>();
        let product = |at: usize| {
            let (mandatory, optional) = self.inputs_of(at);
            let body = json!({
                "m_input": names(mandatory), "o_input": names(optional),
                "provider": format!("provider{}", at % 3), "url": "http://127.0.0.1:5000/pipeline",
            });
            (self.name(self.inputs + at), body)
        };
        json!({
            "inputs": names((0..self.inputs).collect()),
            "products": (0..self.products.len()).map(product).collect::<serde_json::Map<_, _>>(),
        })
    }
}

fn plans() -> impl Strategy<Value = Plan> {
    let seeds = |least| prop::collection::vec(0_usize..10_000, least..4);
    (1_usize..6, prop::collection::vec((seeds(1), seeds(0)), 1..30))
        .prop_map(|(inputs, products)| Plan { inputs, products })
}

/// The closure by brute force, until nothing changes.
fn naive_closure(graph: &ProductGraph, available: &[NodeId]) -> Vec<NodeId> {
    let mut closure = available.to_vec();
    loop {
        let is_next = |id: &NodeId| {
            let mandatory = graph.recipe(*id).map(|recipe| recipe.mandatory.clone());
            !closure.contains(id)
                && mandatory.is_some_and(|inputs| inputs.iter().all(|it| closure.contains(it)))
        };
        let Some(next) = graph.ids().find(is_next) else {
            closure.sort_unstable();
            closure.dedup();
            return closure;
        };
        closure.push(next);
    }
}

proptest! {
    #[test]
    fn an_acyclic_graph_loads_in_topological_order_and_is_written_back(plan in plans()) {
        let graph = graph(&plan.to_json().to_string());
        prop_assert_eq!(graph.inputs().len(), plan.inputs);
        prop_assert_eq!(graph.products().len(), plan.products.len());
        for id in graph.products() {
            let inputs: Vec<NodeId> = graph.recipe(id).into_iter().flat_map(Recipe::inputs).map(|(id, _)| id).collect();
            let deepest = inputs.iter().map(|input| graph.level(*input)).max();
            prop_assert_eq!(Some(graph.level(id)), deepest.map(|level| level + 1));
            for input in &inputs {
                prop_assert!(*input < id);
                prop_assert!(graph.dependants(*input).contains(&id));
                prop_assert!(graph.descendants(*input).contains(id));
            }
        }
        let edges: usize = graph.ids().map(|id| graph.dependants(id).len()).sum();
        let planned: usize = (0..plan.products.len()).map(|at| plan.inputs_of(at)).map(|(m, o)| m.len() + o.len()).sum();
        prop_assert_eq!(edges, planned);
        let written = serde_json::to_string(&graph).unwrap();
        prop_assert_eq!(ProductGraph::parse(&written), Ok(graph));
    }

    #[test]
    fn the_closure_is_the_least_fixed_point(plan in plans(), picks in prop::collection::vec(any::<prop::sample::Index>(), 0..5)) {
        let graph = graph(&plan.to_json().to_string());
        let available: Vec<NodeId> = picks.iter().map(|pick| NodeId::from_index(pick.index(graph.len()))).collect();
        let closure: Vec<NodeId> = graph.closure(available.iter().copied()).iter().collect();
        prop_assert_eq!(closure, naive_closure(&graph, &available));
    }

    #[test]
    fn a_back_edge_is_reported_as_a_cycle_with_its_way(
        plan in plans(), from in any::<prop::sample::Index>(), kind in prop::sample::select(vec!["m_input", "o_input"]), to in any::<prop::sample::Index>(),
    ) {
        let graph = graph(&plan.to_json().to_string());
        let products: Vec<NodeId> = graph.products().collect();
        let early = products[from.index(products.len())];
        let mut later: Vec<NodeId> = graph.descendants(early).iter().collect();
        later.push(early);
        let late = later[to.index(later.len())];

        let mut json = plan.to_json();
        let (early, late) = (graph.name(early).as_str(), graph.name(late).as_str());
        let inputs = json["products"][early][kind].as_array_mut().unwrap();
        inputs.push(late.into());
        let at = inputs.len() - 1;

        let errors = ProductGraph::parse(&json.to_string()).unwrap_err();
        prop_assert_eq!(errors.mistakes().len(), 1, "{}", &errors);
        let message = &errors.mistakes()[0].message;
        prop_assert!(message.starts_with("a cycle: "), "{}", message);
        // Every way round goes over the edge that was added, so the one that is shown does.
        let optional = if kind == "o_input" { " (optional)" } else { "" };
        let step = [format!("{early} is made from {late}{optional}"), format!("{early} from {late}{optional}")];
        prop_assert!(step.iter().any(|step| message.contains(step)), "{} in {}", step[0], message);
        if message.contains(&step[0]) {
            prop_assert_eq!(&errors.mistakes()[0].path, &format!("$.products.{early}.{kind}[{at}]"));
        }
    }

    #[test]
    fn every_planted_mistake_is_reported_at_its_place(plan in plans(), marks in prop::collection::vec(0_usize..7, 30)) {
        let mut json = plan.to_json();
        let mut planted = Vec::new();
        for (at, mark) in marks.iter().enumerate().take(plan.products.len()) {
            let name = plan.name(plan.inputs + at);
            let product = &mut json["products"][&name];
            let place = match mark {
                0 => { product["attempts"] = json!("three"); ".attempts".to_owned() }
                1 => { product["timeout"] = json!("soon"); ".timeout".to_owned() }
                2 => { product["url"] = json!("nowhere"); ".url".to_owned() }
                3 => { product["colour"] = json!("red"); ".colour".to_owned() }
                4 => { product["on_new_input"] = json!("maybe"); ".on_new_input".to_owned() }
                5 => {
                    let optional = product["o_input"].as_array_mut().unwrap();
                    optional.push("nobody".into());
                    format!(".o_input[{}]", optional.len() - 1)
                }
                _ => continue,
            };
            planted.push(format!("$.products.{name}{place}"));
        }
        let reported: Vec<String> = match ProductGraph::parse(&json.to_string()) {
            Ok(_) => vec![],
            Err(errors) => errors.mistakes().iter().map(|mistake| mistake.path.clone()).collect(),
        };
        planted.sort_unstable();
        let mut sorted = reported;
        sorted.sort_unstable();
        prop_assert_eq!(sorted, planted);
    }

    #[test]
    fn mutated_text_never_panics(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, "[\\PC\"{}\\[\\],:0-9_]{0,4}"), 1..6)) {
        let mut text: Vec<char> = SMALL.chars().collect();
        for (at, removed, inserted) in cuts {
            let at = at.index(text.len() + 1);
            let end = (at + removed).min(text.len());
            text.splice(at..end, inserted.chars());
        }
        judge(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn mutated_values_never_panic(at in any::<prop::sample::Index>(), with in values()) {
        let mut json: Value = serde_json::from_str(SMALL).unwrap();
        let places = count(&json);
        let mut place = at.index(places);
        replace(&mut json, &mut place, &with);
        judge(&json.to_string())?;
    }
}

/// Whatever the text, it loads or is refused with at least one mistake, one line each.
fn judge(text: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = ProductGraph::parse(text) {
        prop_assert!(!errors.mistakes().is_empty());
        prop_assert_eq!(
            errors.to_string().lines().count(),
            errors.mistakes().len(),
            "{}",
            &errors
        );
        prop_assert!(
            errors
                .mistakes()
                .iter()
                .all(|mistake| mistake.path.starts_with('$'))
        );
    }
    Ok(())
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,80}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["Alert", "Alert", "_x", null, "LOCATION"])),
        Just(json!({"m_input": ["SUMMARY"], "optional": 1, "": {}})),
    ]
}

fn count(json: &Value) -> usize {
    let inner: usize = match json {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    1 + inner
}

fn replace(json: &mut Value, place: &mut usize, with: &Value) -> bool {
    if *place == 0 {
        *json = with.clone();
        return true;
    }
    *place -= 1;
    match json {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, place, with)),
        Value::Object(entries) => entries.values_mut().any(|value| replace(value, place, with)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
