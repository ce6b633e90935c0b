//! `graph`: the graph of the conductor, read and replaced.

use crate::args::{Graph, PutGraph};
use crate::output::Output;
use crate::session::Session;
use anyhow::Context as _;
use api::conductor::{GraphChange, GraphQuery, NamesChange};
use api::{ApiError, codes};
use service_kit::exit;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(session: &Session, verb: Graph, output: &mut Output) -> anyhow::Result<ExitCode> {
    match verb {
        Graph::Get => {
            let graph = session.conductor()?.graph().await;
            let graph = graph.map_err(|error| session.explain(error))?;
            if output.json {
                output.document(&graph)?;
            } else {
                output.document(&graph.document)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Graph::Put(verb) => put(session, verb, output).await,
    }
}

async fn put(session: &Session, verb: PutGraph, output: &mut Output) -> anyhow::Result<ExitCode> {
    let PutGraph {
        file,
        dry_run,
        if_match,
        note,
    } = verb;
    let document = read(&file)?;
    let query = GraphQuery { dry_run, note };
    let conductor = session.conductor()?;
    let put = match if_match {
        Some(replaces) => conductor.replace_graph(replaces, document, &query).await,
        None => conductor.put_graph(document, &query).await,
    };
    let change = match put {
        Ok(change) => change,
        Err(ApiError::Problem(problem)) if problem.code == codes::INVALID_GRAPH => {
            tell_mistakes(&file, problem.detail.as_deref().unwrap_or_default());
            return Ok(ExitCode::from(exit::BAD_CONFIG));
        }
        Err(error) => return Err(session.explain(error)),
    };
    if output.json {
        output.document(&change)?;
    } else {
        for line in told(&change) {
            output.line(line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file != Path::new("-") {
        return std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()));
    }
    let mut document = String::new();
    let read = std::io::stdin().read_to_string(&mut document);
    read.context("standard input cannot be read")?;
    Ok(document)
}

/// As `orchestra-conductor --check` tells them.
#[expect(clippy::print_stderr, reason = "mistakes are no result")]
fn tell_mistakes(file: &Path, mistakes: &str) {
    for mistake in mistakes.lines() {
        eprintln!("{}: {mistake}", file.display());
    }
}

/// What came, went and is otherwise, a line each, and what it means.
fn told(change: &GraphChange) -> Vec<String> {
    let kinds = [
        ("input", &change.inputs),
        ("product", &change.products),
        ("provider", &change.providers),
    ];
    let mut lines: Vec<String> = kinds
        .into_iter()
        .flat_map(|(kind, names)| names_told(kind, names))
        .collect();
    if lines.is_empty() {
        lines.push("it says the same as the graph in force".to_owned());
    }
    let unfinished = &change.unfinished;
    for cells in &unfinished.cells {
        let (product, was, state, count) = (&cells.product, cells.was, cells.state, cells.count);
        lines.push(format!("{count} x {product}: {was} -> {state}"));
    }
    let among = if unfinished.looked_at < unfinished.observations {
        format!("; in the {} that changed last", unfinished.looked_at)
    } else {
        String::new()
    };
    let looked_at = if change.dry_run {
        "would be looked at again"
    } else {
        "are looked at again"
    };
    lines.push(format!(
        "{} unfinished observations {looked_at}{among}, {} runs begin",
        unfinished.observations, unfinished.requests
    ));
    lines.extend(change.remarks.iter().map(|remark| format!("remark: {remark}")));
    let sha256 = change.sha256.to_string();
    let short = &sha256[..SHORT];
    if change.dry_run {
        lines.push(format!("compared with {}", change.replaces));
    }
    lines.push(if change.dry_run {
        format!("{short} has no mistakes; nothing was changed")
    } else {
        format!("{short} is in force")
    });
    lines
}

/// So much of a checksum tells two graphs apart.
const SHORT: usize = 12;

fn names_told(kind: &str, names: &NamesChange) -> Vec<String> {
    let NamesChange {
        added,
        removed,
        changed,
    } = names;
    let added = added.iter().map(|name| format!("+ {kind} {name}"));
    let removed = removed.iter().map(|name| format!("- {kind} {name}"));
    let changed = changed.iter().flat_map(|change| {
        let name = &change.name;
        let told = move |field: &api::conductor::FieldChange| {
            format!("~ {kind} {name}: {} {} -> {}", field.field, field.was, field.is)
        };
        change.fields.iter().map(told)
    });
    added.chain(removed).chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_told_line_by_line_with_what_it_means() {
        let mut change: GraphChange = serde_json::from_value(json!({
            "dry_run": true, "sha256": "ab".repeat(32), "replaces": "cd".repeat(32),
            "inputs": {"added": [], "removed": ["Curve"], "changed": []},
            "products": {"added": ["NEW"], "removed": [], "changed": [
                {"name": "LC", "fields": [{"field": "timeout", "was": "10m", "is": "5m"}]}]},
            "providers": {"added": ["new"], "removed": [], "changed": []},
            "unfinished": {"observations": 300, "looked_at": 200, "requests": 12, "cells": [
                {"product": "NEW", "was": "not_expected", "state": "queued", "count": 12}]},
            "remarks": ["input B is used by no product"],
        }))
        .expect("it is an answer");
        assert_eq!(
            told(&change),
            [
                "- input Curve",
                "+ product NEW",
                "~ product LC: timeout \"10m\" -> \"5m\"",
                "+ provider new",
                "12 x NEW: not_expected -> queued",
                "300 unfinished observations would be looked at again; in the 200 that changed last, 12 runs begin",
                "remark: input B is used by no product",
                &format!("compared with {}", "cd".repeat(32)),
                "abababababab has no mistakes; nothing was changed",
            ]
        );
        change.dry_run = false;
        change.unfinished.looked_at = 300;
        assert_eq!(
            told(&change)[5],
            "300 unfinished observations are looked at again, 12 runs begin"
        );
        assert_eq!(told(&change)[7], "abababababab is in force");
    }
}
