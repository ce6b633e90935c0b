//! What keys do to the form for a product by hand.

use super::super::fixture::{empty, night, now, offers, typed};
use super::super::{App, Effect, Form, Layer, Sent};
use super::toasts;
use crate::link::Act;
use crate::model::{ActId, Ending, LinkState, Outcome, Peer, Question, Update};
use serde_json::json;

fn form(app: &App) -> &Form {
    match &app.layer {
        Some(Layer::Form(form)) => form,
        other => panic!("no form but {other:?}"),
    }
}

fn sent(effects: &[Effect]) -> &Act {
    match effects {
        [Effect::Send(act)] => act,
        other => panic!("{other:?}"),
    }
}

fn outcome(ending: Ending) -> Update {
    Update::Outcome(Box::new(Outcome {
        act: ActId("a".to_owned()),
        verb: "processing".to_owned(),
        dry_run: false,
        touched: vec![],
        run_id: None,
        said: Some("QPO_VT of sb26112401 is queued as run_1".to_owned()),
        why: None,
        ending,
        problems: vec![],
    }))
}

#[test]
fn it_begins_with_what_is_under_the_cursor_and_sends_what_is_typed() {
    let mut app = night();
    let effects = typed(&mut app, r#"o2401<Enter>nt{"bins": 64}<Tab>by hand<C-s>"#);
    let Act::Process(request) = sent(&effects) else {
        panic!("{effects:?}")
    };
    let told = serde_json::to_value(request).unwrap();
    let expected = json!({"product": "QPO_VT", "obs_id": "sb26112401", "force": false, "params": {"bins": 64},
        "note": "by hand"});
    assert_eq!(told, expected);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_sent() {
    for (keys, why) in [
        ("{<C-s>", "no JSON object"),
        ("[1]<C-s>", "no JSON object"),
        ("<Up><Up><Up>/<C-s>", "not allowed in an obs_id"),
        ("<Up><Up><Up><C-u><C-s>", "which observation?"),
        ("<Up><Up><Up><Up>x<C-s>", "the graph makes no such product"),
    ] {
        let mut app = night();
        assert_eq!(typed(&mut app, &format!("o2401<Enter>nt{keys}")), [], "{keys}");
        let told = toasts(&app).join("\n");
        assert!(told.contains(why), "{keys}: {told}");
        form(&app);
    }
}

#[test]
fn a_product_is_picked_from_the_graph_by_any_part_of_its_name_or_of_its_provider() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>tqpoecl<Down><Up><Enter>");
    let product = form(&app).product(app.live().graph()).unwrap();
    assert_eq!(product.as_str(), "QPO_ECL");
    let mut app = night();
    typed(&mut app, "o2401<Enter>tnotice_pipeline");
    let found = form(&app).found(app.live().graph());
    assert_eq!(found.len(), 5, "{found:?}");
}

fn typed_in(app: &App) -> (&str, &str) {
    let form = form(app);
    (form.provider.line.value(), form.product.line.value())
}

#[test]
fn a_product_fills_its_provider_and_another_product_its_own() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt");
    assert_eq!(typed_in(&app), ("vvpp_pipeline", "QPO_VT"));
    typed(&mut app, "<Up><Up><Up><Up><C-u>");
    assert_eq!(typed_in(&app), ("", ""), "it narrows nothing that nobody chose");
    typed(&mut app, "QPO_MXT");
    assert_eq!(typed_in(&app), ("mxt_vhf_pipeline", "QPO_MXT"));
}

#[test]
fn a_provider_narrows_the_products_to_its_own() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt<Up><Up><Up><Up><Up><C-u>noticepipe");
    let graph = app.live().graph();
    let found: Vec<String> = form(&app)
        .found(graph)
        .into_iter()
        .map(|each| each.name)
        .collect();
    assert_eq!(found, ["notice_pipeline"]);
    typed(&mut app, "<Enter>");
    assert_eq!(typed_in(&app), ("notice_pipeline", ""));
    let found = form(&app).found(app.live().graph());
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().all(|each| each.beside == "notice_pipeline"));
    // It stays chosen while a product is typed that is none yet, and with one of its products.
    let first = found[0].name.clone();
    typed(&mut app, "<Enter>");
    assert_eq!(typed_in(&app), ("notice_pipeline", &*first));
}

#[test]
fn who_does_not_make_the_product_is_told_who_does_and_clears_it() {
    let mut app = night();
    let keys = "o2401<Enter>nt<Up><Up><Up><Up><Up><C-u>notice_pipeline<C-s>";
    assert_eq!(typed(&mut app, keys), []);
    let told = toasts(&app).join("\n");
    assert!(
        told.contains("not sent: QPO_VT is made by vvpp_pipeline"),
        "{told}"
    );
    typed(&mut app, "<Enter>");
    assert_eq!(typed_in(&app), ("notice_pipeline", ""));
    typed(&mut app, "<S-Tab><C-u>nobody<C-s>");
    let told = toasts(&app).join("\n");
    assert!(told.contains("the graph has no such provider"), "{told}");
    // Nobody in particular is whoever makes it.
    typed(&mut app, "<C-u><Tab>QPO_VT<C-s>");
    assert_eq!(typed_in(&app), ("vvpp_pipeline", "QPO_VT"));
}

#[test]
fn a_provider_of_one_product_names_it() {
    let mut app = night();
    let graph = app.live().graph().unwrap().clone();
    let mut made = std::collections::BTreeMap::new();
    for node in graph.nodes() {
        if let Some(provider) = &node.provider {
            made.entry(provider.clone())
                .or_insert_with(Vec::new)
                .push(node.product.clone());
        }
    }
    let (provider, products) = made.iter().find(|(_, products)| products.len() == 1).unwrap();
    let (_, letters) = provider.as_str().split_at(1);
    let keys = format!("o2401<Enter>nt<Up><Up><Up><Up><Up><C-u>{letters}<Enter>");
    typed(&mut app, &keys);
    assert_eq!(typed_in(&app), (provider.as_str(), products[0].as_str()));
}

#[test]
fn the_parameters_are_those_that_the_pipeline_names() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt");
    let asked = app.questions();
    let is_offers =
        |question: &&Question| matches!(question, Question::Offers(url) if url.contains("vvpp_pipeline"));
    assert!(asked.iter().find(is_offers).is_some(), "{asked:?}");
    offers(&mut app);
    assert_eq!(typed(&mut app, "<C-s>"), []);
    assert!(
        toasts(&app)
            .join("\n")
            .contains("not sent: needed: number 0.1 to 30")
    );
    let effects = typed(&mut app, "5<Up>ps1<C-s>");
    let Act::Process(request) = sent(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(json!(request.params), json!({"radius": 5, "catalogue": "ps1"}));
    // Another product has other parameters.
    typed(&mut app, "<Esc>o2401<Enter>nt<Up><Up><Up><Up><C-u>QPO_MXT");
    assert!(matches!(&form(&app).params, super::super::Params::Json(_)));
}

#[test]
fn force_wants_arming_and_is_armed_there() {
    let mut app = night();
    assert_eq!(typed(&mut app, "o2401<Enter>nt<Up><Space><C-s>"), []);
    let told = toasts(&app).join("\n");
    assert!(
        told.contains("it can hurt: :rw allows it") && told.contains("C-r does here"),
        "{told}"
    );
    let effects = typed(&mut app, "<C-r><C-s>");
    assert!(
        matches!(sent(&effects), Act::Process(request) if request.force),
        "{effects:?}"
    );
}

#[test]
fn it_stays_until_it_is_answered_and_a_repeated_key_sends_nothing_twice() {
    let mut app = night();
    let effects = typed(&mut app, "o2401<Enter>nt<C-s><C-s>");
    let act = sent(&effects).clone();
    app.sent(ActId("a".to_owned()), act);
    assert_eq!(typed(&mut app, "<C-s>"), []);
    let _ = app.hear(now(), outcome(Ending::Accepted));
    let Sent::Answered(answered) = &form(&app).sent else {
        panic!("{:?}", form(&app).sent)
    };
    assert_eq!(answered.ending, Ending::Accepted);
    assert_eq!(typed(&mut app, "<C-s>"), []);
    assert!(toasts(&app).join("\n").contains("accepted already"));
    // Whoever changes something means another one.
    let again = typed(&mut app, "<Tab>again<C-s>");
    assert!(matches!(sent(&again), Act::Process(request) if request.note.as_deref() == Some("again")));
    typed(&mut app, "<Esc>");
    assert!(app.layer.is_none());
}

#[test]
fn an_answer_to_a_form_that_was_closed_is_told_all_the_same() {
    let mut app = night();
    let effects = typed(&mut app, "o2401<Enter>nt<C-s>");
    app.sent(ActId("a".to_owned()), sent(&effects).clone());
    typed(&mut app, "<Esc>");
    let _ = app.hear(now(), outcome(Ending::Accepted));
    let told = toasts(&app).join("\n");
    assert!(
        told.contains("processing: QPO_VT of sb26112401 is queued as run_1"),
        "{told}"
    );
}

#[test]
fn without_the_conductor_the_pipeline_is_asked_itself() {
    let mut app = night();
    let _ = app.hear(now(), Update::Link(Peer::Conductor, LinkState::default()));
    let effects = typed(&mut app, "o2401<Enter>nt<C-r><C-s>");
    let Act::Straight { url, request } = sent(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(url.as_str(), "http://vvpp_pipeline:5000/pipeline");
    assert_eq!(request.trigger.as_deref(), Some("manual by ada"));
    assert_eq!(request.product.as_str(), "QPO_VT");
    // The conductor is not asked while it cannot be reached.
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt");
    let _ = app.hear(now(), Update::Link(Peer::Conductor, LinkState::default()));
    assert_eq!(typed(&mut app, "<C-s>"), []);
    assert!(
        toasts(&app)
            .join("\n")
            .contains("the conductor cannot be reached")
    );

    // Nobody ever reached the conductor: everything is typed.
    let mut app = empty();
    assert_eq!(typed(&mut app, "tQPO_ECL<Tab>42<Tab><Tab>ftp://h<C-s>"), []);
    assert!(toasts(&app).join("\n").contains("not sent: such as http://"));
    let effects = typed(&mut app, "<C-u>http://h:1/p<C-r><C-s>");
    assert!(matches!(sent(&effects), Act::Straight { url, .. } if url.as_str() == "http://h:1/p"));
}

#[test]
fn who_reads_only_has_no_form() {
    let mut app = night();
    app.arming = super::super::Arming::new(true);
    typed(&mut app, "t");
    assert!(app.layer.is_none());
    assert!(toasts(&app).join("\n").contains("--readonly"));
}

#[test]
fn what_is_pasted_goes_into_the_field() {
    let mut app = night();
    typed(&mut app, "o2401<Enter>nt");
    app.paste("{\"a\":\n1}");
    let effects = typed(&mut app, "<C-s>");
    assert!(matches!(sent(&effects), Act::Process(request) if json!(request.params) == json!({"a": 1})));
}
