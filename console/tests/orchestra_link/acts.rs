//! What an operator does and asks, and what comes of it.

use crate::screen::{DEADLINE, Screen, orchestra, settings};
use api::conductor::{AcknowledgeRequest, ManualRequest, NoteRequest, Selector};
use api::pipeline::ProcessingRequest;
use console::link::{Act, CellVerb};
use console::model::{Answer, CellId, Ending, MAX_BODY, Outcome, Peer, Question};
use domain::{CellState, JsonObject};
use stage::CONDUCTOR;
use std::net::SocketAddr;
use testkit::{Orchestra, Proxy, eventually_some};

const RETRY: CellVerb = CellVerb::Retry {
    force: false,
    params: None,
};

fn cell(obs_id: u64, product: &str) -> CellId {
    CellId {
        obs_id: obs_id.try_into().unwrap(),
        product: product.parse().unwrap(),
    }
}

fn to(verb: CellVerb, cells: &[CellId]) -> Act {
    Act::Cells {
        verb,
        cells: cells.to_vec(),
        note: Some("a test".to_owned()),
        dry_run: false,
    }
}

impl Screen {
    async fn outcome(&self, act: Act) -> Outcome {
        let id = self.commands.send(act).unwrap();
        eventually_some(DEADLINE, async || {
            self.see(|model| model.details().outcome(&id).cloned())
        })
        .await
    }

    async fn answer(&self, question: Question) -> Answer {
        self.commands.ask(question.clone()).unwrap();
        let found = async || {
            self.see(|model| {
                model
                    .details()
                    .answer(&question)
                    .map(|(_, answer)| answer.clone())
            })
        };
        eventually_some(DEADLINE, found).await
    }
}

async fn announce(orchestra: &Orchestra, obs_id: u64) {
    let body = format!(r#"{{"product":"EclTmVhfAlert","obs_id":{obs_id}}}"#);
    orchestra.publish("data.vhf", body).await;
}

#[tokio::test]
async fn acts_are_answered_one_by_one_and_are_in_the_audit_trail() {
    let orchestra = orchestra(&["--misbehave", "QPO_ECL=permanent"]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    for obs_id in [42, 43] {
        announce(&orchestra, obs_id).await;
        screen
            .until_cell(&obs_id.to_string(), "QPO_ECL", CellState::Failed)
            .await;
    }
    let failure = screen.see(|model| model.failures().next().unwrap().clone());
    assert_eq!(
        (failure.count(), failure.is_acknowledged()),
        (2, false),
        "{failure:?}"
    );

    let looked = Act::Selected {
        verb: RETRY,
        selector: Selector {
            provider: Some("qpo_ecl_pipeline".parse().unwrap()),
            dry_run: true,
            ..Selector::default()
        },
    };
    let outcome = screen.outcome(looked).await;
    assert_eq!(
        (outcome.ending, outcome.dry_run, outcome.touched.len()),
        (Ending::Accepted, true, 2),
        "{outcome:?}"
    );

    let cells = [
        cell(42, "QPO_ECL"),
        cell(42, "TT_ECL"),
        cell(43, "QPO_ECL"),
        cell(7, "QPO_ECL"),
    ];
    let outcome = screen.outcome(to(RETRY, &cells)).await;
    assert_eq!(
        (outcome.ending, outcome.touched.len()),
        (Ending::Partly, 2),
        "{outcome:?}"
    );
    let problems: Vec<&CellId> = outcome
        .problems
        .iter()
        .filter_map(|(cell, _)| cell.as_ref())
        .collect();
    assert_eq!(problems, [&cells[1], &cells[3]], "{outcome:?}");
    let refused = screen.outcome(to(CellVerb::Hold, &[cell(42, "NOPE")])).await;
    assert_eq!(refused.ending, Ending::Refused, "{refused:?}");
    for verb in [
        CellVerb::Hold,
        CellVerb::Release,
        CellVerb::Raise(5),
        CellVerb::Cancel,
        CellVerb::Approve,
    ] {
        let outcome = screen.outcome(to(verb.clone(), &[cell(42, "QPO_ECL")])).await;
        assert_ne!(outcome.ending, Ending::NoAnswer, "{verb:?} {outcome:?}");
    }
    let made = screen.outcome(Act::Process(ManualRequest {
        product: "TT_ECL".parse().unwrap(),
        obs_id: 42.try_into().unwrap(),
        force: true,
        params: JsonObject::new(),
        note: None,
    }));
    assert!(made.await.run_id.is_some());
    let note = NoteRequest {
        obs_id: Some(42.try_into().unwrap()),
        product: None,
        provider: None,
        note: "a bright one".to_owned(),
    };
    assert_eq!(screen.outcome(Act::Note(note)).await.ending, Ending::Accepted);
    let acts = orchestra
        .conductor()
        .events(&api::PageQuery::default())
        .await
        .unwrap()
        .items;
    assert!(
        acts.iter().any(|act| act.verb == "retry" && act.by == "ada"),
        "{acts:?}"
    );
    assert!(acts.iter().all(|act| act.by == "ada"), "{acts:?}");
}

#[tokio::test]
async fn a_conductor_that_hangs_is_no_answer_and_one_that_is_away_a_refusal() {
    let orchestra = orchestra(&[]).await;
    let address: SocketAddr = format!("127.0.0.1:{}", orchestra.url(CONDUCTOR).port().unwrap())
        .parse()
        .unwrap();
    let proxy = Proxy::start(address).await;
    let mut through = settings(&orchestra);
    through.conductor = format!("http://{}", proxy.addr()).parse().unwrap();
    let screen = Screen::open(through).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    proxy.stall();
    let outcome = screen.outcome(to(RETRY, &[cell(42, "QPO_ECL")])).await;
    assert_eq!(outcome.ending, Ending::NoAnswer, "{outcome:?}");
    proxy.resume();

    let url = screen.see(|model| {
        model
            .graph()
            .unwrap()
            .node(&"TT_ECL".parse().unwrap())
            .unwrap()
            .url
            .clone()
    });
    orchestra.kill(CONDUCTOR).await;
    screen.until_link(Peer::Conductor, false).await;
    let straight = Act::Straight {
        url: url.unwrap().parse().unwrap(),
        request: ProcessingRequest::of("TT_ECL".parse().unwrap(), 42.try_into().unwrap()),
    };
    let outcome = screen.outcome(straight).await;
    assert_eq!(outcome.ending, Ending::Accepted, "{outcome:?}");
    assert!(outcome.run_id.is_some());
}

#[tokio::test]
async fn who_has_seen_a_cause_is_known_to_every_screen() {
    let orchestra = orchestra(&["--misbehave", "QPO_ECL=permanent"]).await;
    let (one, other) = (
        Screen::open(settings(&orchestra)).await,
        Screen::open(settings(&orchestra)).await,
    );
    announce(&orchestra, 42).await;
    for screen in [&one, &other] {
        screen.until_cell("42", "QPO_ECL", CellState::Failed).await;
    }
    let cause = async || one.see(|model| model.failures().next()?.fingerprint().map(str::to_owned));
    let fingerprint = Some(eventually_some(DEADLINE, cause).await);
    let seen = AcknowledgeRequest {
        fingerprint,
        selector: Selector {
            note: Some("known".to_owned()),
            ..Selector::default()
        },
        ..AcknowledgeRequest::default()
    };
    let outcome = one.outcome(Act::Acknowledge(seen)).await;
    assert_eq!(outcome.ending, Ending::Accepted, "{outcome:?}");
    for screen in [&one, &other] {
        let by = async || screen.see(|model| model.failures().next()?.acknowledged.clone());
        let seen = eventually_some(DEADLINE, by).await;
        assert_eq!(seen.note.as_deref(), Some("known"));
        let is_wanting = screen.see(|model| {
            let observation = model.observation(&42.try_into().unwrap());
            observation.unwrap().wants_attention()
        });
        assert!(!is_wanting, "nobody need look");
    }
}

#[tokio::test]
async fn questions_are_answered_with_what_there_is() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "CIRC_DRAFT", CellState::Done).await;
    let made = cell(42, "QPO_ECL");
    let answer = screen.answer(Question::Cell(made.clone())).await;
    assert!(
        matches!(&answer, Answer::Cell(view) if view.runs.len() == 1),
        "{answer:?}"
    );
    let answer = screen.answer(Question::Timeline(made.obs_id.clone())).await;
    assert!(
        matches!(&answer, Answer::Timeline(view) if !view.products.is_empty()),
        "{answer:?}"
    );
    let answer = screen.answer(Question::Versions(made.clone())).await;
    assert!(
        matches!(&answer, Answer::Versions(_, versions) if versions.len() == 1),
        "{answer:?}"
    );
    let (url, run_id) = screen.see(|model| {
        let url = model.graph().unwrap().node(&made.product).unwrap().url.clone();
        let run_id = model.cell(&made).unwrap().run_id().unwrap().parse().unwrap();
        (url.unwrap(), run_id)
    });
    let answer = screen.answer(Question::Job(made.clone(), url, run_id)).await;
    assert!(
        matches!(&answer, Answer::Job(_, _, _, Some(job)) if job.product_version.is_some()),
        "{answer:?}"
    );
    let answer = screen.answer(Question::Bytes(made, None)).await;
    let whole = |body: &console::model::Body| !body.is_cut && body.size == Some(body.bytes.len() as u64);
    assert!(
        matches!(&answer, Answer::Bytes(_, None, body) if whole(body)),
        "{answer:?}"
    );
    screen.until_link(Peer::Sdb, true).await;

    let large = cell(42, "LARGE");
    let bytes = vec![7_u8; MAX_BODY + 1];
    let import = api::Import::default();
    orchestra
        .sdb()
        .import(&large.obs_id, &large.product, bytes.into(), &import)
        .await
        .unwrap();
    let answer = screen.answer(Question::Bytes(large, None)).await;
    let cut = |body: &console::model::Body| body.is_cut && body.bytes.len() == MAX_BODY;
    assert!(
        matches!(&answer, Answer::Bytes(_, None, body) if cut(body)),
        "cut at what can be drawn"
    );
    let answer = screen.answer(Question::Bytes(cell(42, "NOPE"), None)).await;
    assert!(matches!(&answer, Answer::None(..)), "{answer:?}");
}

#[tokio::test]
async fn what_a_pipeline_takes_is_asked_and_a_product_by_hand_is_answered_in_words() {
    let orchestra = orchestra(&[]).await;
    let screen = Screen::open(settings(&orchestra)).await;
    announce(&orchestra, 42).await;
    screen.until_cell("42", "QPO_ECL", CellState::Done).await;
    let url = |product: &str| {
        let product = product.parse().unwrap();
        screen.see(|model| {
            model
                .graph()
                .unwrap()
                .node(&product)
                .unwrap()
                .url
                .clone()
                .unwrap()
        })
    };

    let Answer::Offers(_, offers) = screen.answer(Question::Offers(url("QLC_ECL"))).await else {
        panic!("no offers")
    };
    let offer = offers
        .iter()
        .find(|offer| offer.product.as_str() == "QLC_ECL")
        .unwrap();
    let schema = offer.params_schema.as_ref().unwrap();
    assert_eq!(schema["properties"]["bin_s"]["type"], "number");
    let nowhere = Question::Offers("http://127.0.0.1:1/p".to_owned());
    assert!(matches!(screen.answer(nowhere).await, Answer::None(..)));

    let by_hand = |product: &str, force: bool| {
        Act::Process(ManualRequest {
            product: product.parse().unwrap(),
            obs_id: 42.try_into().unwrap(),
            force,
            params: JsonObject::new(),
            note: None,
        })
    };
    let made = screen.outcome(by_hand("QPO_ECL", false)).await;
    let said = made.said.unwrap();
    assert!(
        said.starts_with("QPO_ECL of 42 is done, by run_") && said.ends_with("; force makes it again"),
        "{said}"
    );
    let refused = screen.outcome(by_hand("QPO_MXT", false)).await;
    assert_eq!(refused.ending, Ending::Refused, "{refused:?}");
    assert!(
        refused.why.as_ref().unwrap().text.contains("MxtTmVhfPosition"),
        "{refused:?}"
    );
    let again = screen.outcome(by_hand("QPO_ECL", true)).await;
    assert!(again.run_id.is_some(), "{again:?}");
    assert!(again.said.unwrap().starts_with("QPO_ECL of 42 is "));
}
