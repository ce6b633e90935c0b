//! Deciding about what operators ask for.

use super::{Asker, Decided, Load, Operated, ProviderVerb, PutGraph, Request};
use crate::alerts::Acknowledgement;
use crate::graph_file::GraphFile;
use crate::ledger::{Act, GraphRecord, Note};
use crate::view;
use api::conductor::Why;
use conductor_core::{
    Event, ManualRequest, Observation, ProviderView, Restraint, RestraintKind, Signature, Verb, Verdict,
};
use domain::{CellState, ObsId, ProductName, ProviderName, Sha256};
use jiff::Timestamp;
use product_graph::{Changes, Named, NodeSet, ProductGraph};
use std::sync::Arc;

/// Who decides: the writer, with the observations of the request in memory.
pub trait Decider {
    /// The time of the decision.
    fn now(&self) -> Timestamp;
    /// The graph that is decided by.
    fn graph(&self) -> &ProductGraph {
        &self.in_force().graph
    }
    /// The same as it was put.
    fn in_force(&self) -> &Arc<GraphFile>;
    /// An observation, if anything is known of it.
    fn observation(&self, obs_id: &ObsId) -> Option<&Observation>;
    /// How a provider is, if there is one of this name.
    fn provider(&self, name: &ProviderName) -> Option<ProviderView>;
    /// How much each provider has to do.
    fn loads(&self) -> Vec<Load>;
    /// Lets a provider be sent nothing new, or again.
    fn restrain(&mut self, name: &ProviderName, restraint: Option<Restraint>);
    /// Lets an event happen.
    fn happen(&mut self, obs_id: &ObsId, event: Event);
    /// Decides by another graph from now on, and looks at all that is unfinished.
    fn put_in_force(&mut self, record: GraphRecord, graph: Arc<GraphFile>);
    /// Records an act.
    fn record(&mut self, act: Act);
    /// Keeps a note.
    fn keep(&mut self, note: Note);
    /// Notes what an operator has seen.
    fn acknowledge(&mut self, acknowledgement: Acknowledgement);
}

/// Decides about a request. The answer is given by calling what comes back, after the commit.
pub fn decide(request: Request, turn: &mut impl Decider) -> Box<dyn FnOnce() + Send> {
    // Who no longer waits for an answer does not miss it.
    match request {
        Request::Process {
            obs_id,
            product,
            request,
            reply,
        } => {
            let asker = Asker {
                by: request.by.clone(),
                note: request.note.clone(),
            };
            let decided = process(turn, &obs_id, &product, request);
            let outcome = in_words(&decided);
            record(turn, "processing", (&obs_id, &product), asker, outcome);
            Box::new(move || drop(reply.send(decided)))
        }
        Request::Operate {
            cells,
            verb,
            dry_run,
            asker,
            reply,
        } => {
            let operate = |(obs_id, product)| operate(turn, obs_id, product, verb, dry_run, &asker);
            let operated: Vec<Operated> = cells.into_iter().map(operate).collect();
            Box::new(move || drop(reply.send(operated)))
        }
        Request::Note { note, reply } => {
            turn.record(Act::from(&note));
            turn.keep(note);
            Box::new(move || {
                let _ = reply.send(());
            })
        }
        Request::Acknowledge {
            acknowledgements,
            reply,
        } => {
            for acknowledgement in acknowledgements {
                turn.record(Act::from(&acknowledgement));
                turn.acknowledge(acknowledgement);
            }
            Box::new(move || {
                let _ = reply.send(());
            })
        }
        Request::Steer {
            provider,
            verb,
            asker,
            reply,
        } => {
            let known = steer(turn, &provider, verb, asker);
            Box::new(move || {
                let _ = reply.send(known);
            })
        }
        Request::Graph {
            graph,
            replaces,
            file_sha256,
            asker,
            reply,
        } => {
            let put = put_graph(turn, graph, replaces, file_sha256, asker);
            Box::new(move || drop(reply.send(put)))
        }
        Request::Explain {
            obs_id,
            product,
            reply,
        } => {
            let why = why(turn, &obs_id, &product);
            Box::new(move || drop(reply.send(why)))
        }
        Request::Loads { reply } => {
            let loads = turn.loads();
            Box::new(move || drop(reply.send(loads)))
        }
    }
}

fn process(
    turn: &mut impl Decider,
    obs_id: &ObsId,
    product: &ProductName,
    request: ManualRequest,
) -> Decided {
    let verdict = known(turn, obs_id, |observation| {
        observation.judge(turn.graph(), product, request.force)
    });
    match verdict {
        Verdict::Unknown => Decided::UnknownProduct,
        Verdict::Open(run_id) => Decided::Open {
            run_id,
            state: state(turn, obs_id, product),
        },
        Verdict::Made(run_id) => Decided::Made {
            run_id,
            state: state(turn, obs_id, product),
        },
        Verdict::Missing(inputs) => Decided::Missing {
            inputs,
            why: Box::new(why(turn, obs_id, product)),
        },
        Verdict::Start => {
            let product = product.clone();
            let event = Event::Requested {
                product: product.clone(),
                request,
            };
            turn.happen(obs_id, event);
            let begun = turn
                .observation(obs_id)
                .and_then(|observation| observation.run(&product));
            match begun {
                Some(run) => Decided::Started {
                    run_id: run.run_id.clone(),
                    state: state(turn, obs_id, &product),
                },
                // Only if the core panicked: nothing of the observation is stored.
                None => Decided::UnknownProduct,
            }
        }
    }
}

fn operate(
    turn: &mut impl Decider,
    obs_id: ObsId,
    product: ProductName,
    verb: Verb,
    dry_run: bool,
    asker: &Asker,
) -> Operated {
    let was = state(turn, &obs_id, &product);
    let now = turn.now();
    let (foreseen, downstream) = known(turn, &obs_id, |observation| {
        let graph = turn.graph();
        let foreseen = observation.foresee(graph, now, &product, &verb);
        (foreseen, downstream(graph, observation, &product))
    });
    let state = if dry_run {
        foreseen.state
    } else {
        if foreseen.touched {
            let event = Event::Operated {
                product: product.clone(),
                verb,
                by: asker.by.clone(),
                note: asker.note.clone(),
            };
            turn.happen(&obs_id, event);
        }
        let state = state(turn, &obs_id, &product);
        let outcome = match &foreseen.why_not {
            None => format!("{was} -> {state}"),
            Some(why_not) => format!("left alone: {why_not}"),
        };
        record(
            turn,
            &verb.to_string(),
            (&obs_id, &product),
            asker.clone(),
            outcome,
        );
        state
    };
    Operated {
        obs_id,
        product,
        was,
        state,
        why_not: foreseen.why_not,
        downstream,
    }
}

/// Says whether there is such a provider. Who pauses one that is paused puts his name and note to it.
fn steer(turn: &mut impl Decider, provider: &ProviderName, verb: ProviderVerb, asker: Asker) -> bool {
    let Some(view) = turn.provider(provider) else {
        return false;
    };
    let kind = match verb {
        ProviderVerb::Pause => Some(RestraintKind::Paused),
        ProviderVerb::Drain => Some(RestraintKind::Draining),
        ProviderVerb::Resume => None,
    };
    let at = turn.now();
    let restraint = kind.map(|kind| {
        let (by, note) = (asker.by.clone(), asker.note.clone());
        let signature = Signature { by, note, at };
        Restraint { kind, signature }
    });
    let outcome = match (&view.restraint, &restraint) {
        (None, None) => "left alone: it is neither paused nor drained".to_owned(),
        (_, None) => format!("resumed: {} go on", view.queued),
        (_, Some(_)) => format!("{} wait, {} under way", view.queued, view.in_flight),
    };
    if view.restraint.is_some() || restraint.is_some() {
        turn.restrain(provider, restraint);
    }
    turn.record(Act {
        at,
        verb: verb.to_string(),
        target: provider.to_string(),
        by: asker.by,
        note: asker.note,
        outcome,
    });
    true
}

fn put_graph(
    turn: &mut impl Decider,
    graph: Arc<GraphFile>,
    replaces: Option<Sha256>,
    file_sha256: Sha256,
    asker: Asker,
) -> PutGraph {
    let other = turn.in_force();
    if replaces.is_some_and(|sha256| sha256 != other.sha256) {
        return PutGraph::Changed(Arc::clone(other));
    }
    let at = turn.now();
    let changes = Changes::between(turn.graph(), &graph.graph);
    let signature = Signature {
        by: asker.by.clone(),
        note: asker.note.clone(),
        at,
    };
    turn.record(Act {
        at,
        verb: "graph".to_owned(),
        target: graph.sha256.to_string(),
        by: asker.by,
        note: asker.note,
        outcome: format!("in force: {}", told(&changes)),
    });
    let record = GraphRecord {
        at,
        sha256: graph.sha256,
        file_sha256,
        signature: Some(signature),
        text: graph.text.clone(),
    };
    turn.put_in_force(record, graph);
    PutGraph::InForce
}

/// `1 product added, 2 providers changed`.
fn told(changes: &Changes) -> String {
    fn counts<N>(named: &Named<N>, of: &str) -> Vec<String> {
        let counts = [
            (named.added.len(), "added"),
            (named.removed.len(), "removed"),
            (named.changed.len(), "changed"),
        ];
        let told = counts.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, what)| format!("{count} {of}{} {what}", if count == 1 { "" } else { "s" }))
            .collect()
    }
    let parts = [
        counts(&changes.inputs, "input"),
        counts(&changes.products, "product"),
        counts(&changes.providers, "provider"),
    ];
    let parts = parts.concat();
    if parts.is_empty() {
        return "it says the same as before".to_owned();
    }
    parts.join(", ")
}

/// What is not made, though it is in the closure, and needs this product, be it over others.
fn downstream(graph: &ProductGraph, observation: &Observation, product: &ProductName) -> Vec<ProductName> {
    let Some(id) = graph.id(product) else {
        return Vec::new();
    };
    let mut without = NodeSet::default();
    without.insert(id);
    let mut found = Vec::new();
    for id in graph.products() {
        let mandatory = graph.recipe(id).map_or(&[][..], |recipe| &recipe.mandatory);
        if !mandatory.iter().any(|input| without.contains(*input)) {
            continue;
        }
        let name = graph.name(id);
        let (state, _) = observation.outlook(graph, name);
        if !state.is_available() && state != CellState::NotExpected {
            without.insert(id);
            found.push(name.clone());
        }
    }
    found
}

fn why(turn: &impl Decider, obs_id: &ObsId, product: &ProductName) -> Why {
    let explanation = known(turn, obs_id, |observation| {
        observation.explain(turn.graph(), product, |name| turn.provider(name), turn.now())
    });
    view::why(explanation)
}

fn state(turn: &impl Decider, obs_id: &ObsId, product: &ProductName) -> CellState {
    known(turn, obs_id, |observation| {
        observation.outlook(turn.graph(), product).0
    })
}

/// Asks an observation; one of which nothing is known is empty.
fn known<T>(turn: &impl Decider, obs_id: &ObsId, ask: impl FnOnce(&Observation) -> T) -> T {
    match turn.observation(obs_id) {
        Some(observation) => ask(observation),
        None => ask(&Observation::new(obs_id.clone())),
    }
}

fn record(
    turn: &mut impl Decider,
    verb: &str,
    (obs_id, product): (&ObsId, &ProductName),
    asker: Asker,
    outcome: String,
) {
    let act = Act {
        at: turn.now(),
        verb: verb.to_owned(),
        target: format!("{product} of {obs_id}"),
        by: asker.by,
        note: asker.note,
        outcome,
    };
    turn.record(act);
}

fn in_words(decided: &Decided) -> String {
    match decided {
        Decided::Started { run_id, state } => format!("run {run_id} begun, {state}"),
        Decided::Open { run_id, state } => format!("run {run_id} was under way, {state}"),
        Decided::Made { state, .. } => format!("was made already, {state}"),
        Decided::Missing { inputs, .. } => {
            let inputs: Vec<&str> = inputs.iter().map(ProductName::as_str).collect();
            format!("refused: {} missing", inputs.join(", "))
        }
        Decided::UnknownProduct => "refused: no such product".to_owned(),
    }
}
