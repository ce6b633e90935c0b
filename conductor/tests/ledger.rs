//! The ledger over a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use conductor::durations::Took;
use conductor::ledger::{Batch, Ledger, ObservationFilter, Place, RunFilter};
use conductor_core::{Answer, Arrival, Command, Event, Identity, Observation};
use domain::{Announcement, ObsId, ProductName, RunId, RunState, Version};
use jiff::Timestamp;
use product_graph::ProductGraph;
use std::collections::{BTreeMap, BTreeSet};

const NOW: &str = "2026-02-25T08:52:07Z";

fn graph() -> ProductGraph {
    ProductGraph::parse(include_str!("../../graph.json")).unwrap()
}

/// An observation in which an alert has arrived and the first runs were admitted, with its POSTs.
fn begun(obs_id: &str) -> (Observation, Vec<Command>) {
    let (graph, now) = (graph(), NOW.parse().unwrap());
    let obs_id: ObsId = obs_id.parse().unwrap();
    let product: ProductName = "EclTmVhfAlert".parse().unwrap();
    let mut observation = Observation::new(obs_id.clone());
    let arrival = Arrival {
        source: "vhf".parse().unwrap(),
        product: product.clone(),
        identity: Identity::Version(Version(1)),
        announcement: Announcement::of(product, obs_id),
    };
    let mut posts = Vec::new();
    for command in observation.apply(&graph, now, Event::Data(Box::new(arrival))) {
        let Command::Enqueue(want) = command else {
            panic!("{command:?}")
        };
        posts.extend(observation.apply(
            &graph,
            now,
            Event::Admitted {
                product: want.product,
                run_id: want.run_id,
            },
        ));
    }
    assert!(!posts.is_empty());
    (observation, posts)
}

#[tokio::test]
async fn what_was_stored_goes_on_where_it_was_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    let now: Timestamp = NOW.parse().unwrap();
    let mut posts = Vec::new();
    {
        let ledger = Ledger::open(&file).await.unwrap();
        let mut batch = Batch::default();
        for obs_id in ["42", "sb26022501"] {
            let (mut observation, commands) = begun(obs_id);
            batch
                .changes
                .push((observation.obs_id().clone(), observation.take_changes()));
            posts.extend(commands);
        }
        batch.positions.insert("DATA".into(), "17".into());
        let stored = ledger.store(now, &batch).await.unwrap();
        assert!(stored.rows > 4, "{stored:?}");
        ledger.close().await;
    }

    let ledger = Ledger::open(&file).await.unwrap();
    assert_eq!(ledger.position("DATA").await.unwrap().as_deref(), Some("17"));
    assert_eq!(ledger.position("feed:sdb").await.unwrap(), None);
    let unfinished = ledger.unfinished().await.unwrap();
    assert_eq!(
        unfinished.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["42", "sb26022501"]
    );
    let graph = graph();
    let loaded = ledger.load(now, &unfinished).await.unwrap();
    let mut again: Vec<Command> = loaded
        .iter()
        .flat_map(|observation| observation.outstanding(&graph))
        .collect();
    let by_run = |command: &Command| format!("{command:?}");
    again.sort_by_key(by_run);
    posts.sort_by_key(by_run);
    assert_eq!(again, posts);
}

#[tokio::test]
async fn what_a_provider_has_is_known_by_both_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&dir.path().join("ledger.db")).await.unwrap();
    let (graph, now): (_, Timestamp) = (graph(), NOW.parse().unwrap());
    let (mut observation, posts) = begun("42");
    let order = posts.iter().find_map(|command| {
        let Command::Post(order) = command else {
            return None;
        };
        (order.product.as_str() == "QPO_ECL").then_some(order)
    });
    let order = order.unwrap();
    let alias: RunId = "own-7".parse().unwrap();
    let answered = Event::Answered {
        product: order.product.clone(),
        run_id: order.run_id.clone(),
        attempt: order.attempt,
        answer: Answer::Accepted {
            alias: Some(alias.clone()),
        },
    };
    let _ = observation.apply(&graph, now, answered);
    let mut batch = Batch::default();
    batch
        .changes
        .push((observation.obs_id().clone(), observation.take_changes()));
    ledger.store(now, &batch).await.unwrap();

    let kept = ledger.held_slots(&order.provider, 10).await.unwrap();
    assert_eq!(
        kept.iter().map(|kept| &kept.run.run_id).collect::<Vec<_>>(),
        [&order.run_id]
    );
    let cells = [(observation.obs_id(), &order.product)];
    let states = ledger.run_states(&order.provider, &cells).await.unwrap();
    let requested = RunState::Requested;
    assert_eq!(
        states,
        BTreeMap::from([(alias, requested), (order.run_id.clone(), requested)])
    );
    let nobody = "nobody".parse().unwrap();
    assert!(ledger.held_slots(&nobody, 10).await.unwrap().is_empty());
    assert!(ledger.run_states(&nobody, &cells).await.unwrap().is_empty());
    assert!(ledger.knows(observation.obs_id()).await.unwrap());
    assert!(!ledger.knows(&"43".parse().unwrap()).await.unwrap());
}

#[tokio::test]
async fn how_long_runs_took_is_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    let took = |last_ms: &[u64]| Took {
        product: "QPO_ECL".parse().unwrap(),
        provider: "qpo_ecl_pipeline".parse().unwrap(),
        last_ms: last_ms.to_vec(),
    };
    let ledger = Ledger::open(&file).await.unwrap();
    for last_ms in [&[7_000][..], &[7_000, 9_000]] {
        let mut batch = Batch::default();
        batch.durations.push(took(last_ms));
        ledger.store(NOW.parse().unwrap(), &batch).await.unwrap();
    }
    ledger.close().await;
    drop(ledger);
    let ledger = Ledger::open(&file).await.unwrap();
    assert_eq!(ledger.durations().await.unwrap(), [took(&[7_000, 9_000])]);
}

#[tokio::test]
async fn what_is_not_known_is_loaded_as_new() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&dir.path().join("ledger.db")).await.unwrap();
    let unknown: ObsId = "7".parse().unwrap();
    let loaded = ledger
        .load(NOW.parse().unwrap(), std::slice::from_ref(&unknown))
        .await
        .unwrap();
    assert_eq!(
        (loaded.len(), loaded[0].obs_id(), loaded[0].cells().count()),
        (1, &unknown, 0)
    );
    assert!(ledger.unfinished().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_second_conductor_is_refused_and_told_why() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deep/ledger.db");
    let ledger = Ledger::open(&file).await.unwrap();
    let refused = Ledger::open(&file).await.unwrap_err().to_string();
    assert!(
        refused.contains("in use by another conductor") && refused.contains("--ledger"),
        "{refused}"
    );
    ledger.close().await;
    drop(ledger);
    Ledger::open(&file).await.unwrap();
}

#[tokio::test]
async fn a_message_that_kills_is_counted_over_restarts_until_it_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    for tries in 1..=3 {
        let ledger = Ledger::open(&file).await.unwrap();
        assert_eq!(ledger.begin_suspect(7).await.unwrap(), tries);
        assert_eq!(ledger.begin_suspect(100 + u64::from(tries)).await.unwrap(), 1);
    }
    let ledger = Ledger::open(&file).await.unwrap();
    ledger.clear_suspects(&[7, 101]).await.unwrap();
    assert_eq!(ledger.begin_suspect(7).await.unwrap(), 1);
    assert_eq!(ledger.begin_suspect(102).await.unwrap(), 2);
}

/// `X` is asked of `many`, `Y` of `rare`.
const FEW_AND_MANY: &str = r#"{"inputs": ["A", "B"], "products": {
    "X": {"m_input": ["A"], "provider": "many", "url": "http://many"},
    "Y": {"m_input": ["B"], "provider": "rare", "url": "http://rare"}}}"#;

/// A ledger in which what is rare stands behind more than one answer looks through; says how many there are.
async fn with_a_long_list(file: &std::path::Path, graph: &ProductGraph) -> (Ledger, usize) {
    const MANY: usize = 5_600;
    let ledger = Ledger::open(file).await.unwrap();
    let began: Timestamp = NOW.parse().unwrap();
    for (second, first) in (0..MANY).step_by(700).enumerate() {
        let now = began + jiff::SignedDuration::from_secs(second.try_into().unwrap());
        let mut batch = Batch::default();
        for n in first..first + 700 {
            let obs_id: ObsId = format!("o{n:04}").parse().unwrap();
            let input: ProductName = if n == 5 { "B" } else { "A" }.parse().unwrap();
            let mut observation = Observation::new(obs_id.clone());
            let arrival = Arrival {
                source: "vhf".parse().unwrap(),
                product: input.clone(),
                identity: Identity::Version(Version(1)),
                announcement: Announcement::of(input, obs_id.clone()),
            };
            let _ = observation.apply(graph, now, Event::Data(Box::new(arrival)));
            batch.changes.push((obs_id, observation.take_changes()));
        }
        ledger.store(now, &batch).await.unwrap();
    }
    (ledger, MANY)
}

#[tokio::test]
async fn of_a_long_list_an_answer_looks_through_a_part_and_says_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let graph = ProductGraph::parse(FEW_AND_MANY).unwrap();
    let (ledger, many) = with_a_long_list(&dir.path().join("ledger.db"), &graph).await;

    let of_product = ObservationFilter {
        product: Some("Y".parse().unwrap()),
        ..ObservationFilter::default()
    };
    let of_text = ObservationFilter {
        text: Some("O0005".to_owned()),
        ..ObservationFilter::default()
    };
    for filter in [of_product, of_text] {
        let first = ledger.observations(&graph, &filter, 10).await.unwrap();
        assert_eq!(first.found, []);
        assert!(first.until.is_some());
        let after = ObservationFilter {
            after: first.until,
            ..filter
        };
        let second = ledger.observations(&graph, &after, 10).await.unwrap();
        let ids: Vec<String> = second
            .found
            .iter()
            .map(|(record, _)| record.obs_id.to_string())
            .collect();
        assert_eq!((ids, second.until), (vec!["o0005".to_owned()], None));
    }

    let of_provider = RunFilter {
        provider: Some("rare".parse().unwrap()),
        ..RunFilter::default()
    };
    let first = ledger.runs(&of_provider, 10).await.unwrap();
    assert_eq!(first.found, []);
    let after = RunFilter {
        after: first.until,
        ..of_provider
    };
    let second = ledger.runs(&after, 10).await.unwrap();
    assert_eq!((second.found.len(), second.until), (1, None));

    // A full page ends with its last item, and page by page each comes once.
    let mut filter = ObservationFilter {
        product: Some("X".parse().unwrap()),
        ..ObservationFilter::default()
    };
    let mut seen = BTreeSet::new();
    loop {
        let page = ledger.observations(&graph, &filter, 1_000).await.unwrap();
        assert!(page.until.is_none() || page.found.len() < 1_000);
        let last = page.found.last().map(|(record, _)| Place {
            at: record.changed_at,
            id: record.obs_id.clone(),
        });
        for (record, _) in page.found {
            assert!(seen.insert(record.obs_id.to_string()));
        }
        filter.after = page.until.or(last);
        if filter.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), many - 1);
}
