//! Graphs in short lines: `X <- A, B? (wait 5s)`.

use product_graph::ProductGraph;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What may stand in the brackets of a recipe: the key of graph.json, or a policy for newer inputs.
const OPTIONS: &str =
    "wait, grace, repeats, approve, attempts, backoff, timeout, priority, provider, mandatory, optional";

/// The graph that these lines describe, and every name in it.
pub(crate) fn graph(lines: &[&str]) -> Result<(ProductGraph, BTreeSet<String>), String> {
    let mut products = Map::new();
    let mut used = BTreeSet::new();
    for line in lines {
        let (product, recipe) = recipe(line, &mut used)?;
        if products.insert(product.clone(), recipe).is_some() {
            return Err(format!("`{product}` has two recipes"));
        }
    }
    let inputs: Vec<&String> = used.iter().filter(|name| !products.contains_key(*name)).collect();
    let json = json!({ "inputs": inputs, "products": products }).to_string();
    let graph = ProductGraph::parse(&json).map_err(|errors| errors.to_string())?;
    let names = used.iter().chain(products.keys()).cloned().collect();
    Ok((graph, names))
}

fn recipe(line: &str, used: &mut BTreeSet<String>) -> Result<(String, Value), String> {
    let wrong = || format!("`{line}` is no recipe: write `X <- A, B? (wait 5s)`");
    let (product, rest) = line.split_once("<-").ok_or_else(wrong)?;
    let (inputs, options) = match rest.split_once('(') {
        Some((inputs, options)) => (inputs, options.trim().strip_suffix(')').ok_or_else(wrong)?),
        None => (rest, ""),
    };
    let (mut mandatory, mut optional) = (Vec::new(), Vec::new());
    for input in inputs.split(',').map(str::trim) {
        let name = input.trim_end_matches('?');
        used.insert(name.to_owned());
        if name == input {
            mandatory.push(name);
        } else {
            optional.push(name);
        }
    }
    let mut json =
        json!({ "m_input": mandatory, "o_input": optional, "provider": "p", "url": "http://p:5000/p" });
    for option in options
        .split(',')
        .map(str::trim)
        .filter(|option| !option.is_empty())
    {
        set(&mut json, option)?;
    }
    Ok((product.trim().to_owned(), json))
}

fn set(recipe: &mut Value, option: &str) -> Result<(), String> {
    let wrong =
        || format!("`{option}` is no option of a recipe; there are {OPTIONS}, each but approve with a value");
    if option == "approve" {
        recipe["approve"] = true.into();
        return Ok(());
    }
    let (key, value) = option.split_once(' ').ok_or_else(wrong)?;
    match key {
        "wait" => recipe["wait_in_progress"] = value.into(),
        "grace" => recipe["wait_optional"] = value.into(),
        "repeats" => recipe["wait_repeats"] = value.into(),
        "attempts" | "priority" => recipe[key] = value.parse::<i64>().map_err(|_| wrong())?.into(),
        "backoff" | "timeout" => recipe[key] = value.into(),
        "provider" => {
            recipe["provider"] = value.into();
            recipe["url"] = format!("http://{value}:5000/{value}").into();
        }
        "mandatory" | "optional" => recipe["on_new_input"][key] = value.into(),
        _ => return Err(wrong()),
    }
    Ok(())
}
