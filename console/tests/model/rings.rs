//! What is kept of what was said, and what never grows.

use crate::scene::{Ledger, at, fold_all, id, model};
use console::model::{ActId, Answer, Body, Cause, Details, Ending, Events, Outcome, Part, Question, Update};
use domain::{CellState, Version};

#[test]
fn the_ring_keeps_the_newest_by_their_numbers() {
    let mut model = model();
    let said = |number: usize| Update::Unreadable("data.x".to_owned(), number.to_string());
    for number in 0..Events::CAPACITY + 5 {
        let _ = model.fold(at(0), said(number));
    }
    let events = model.events();
    assert_eq!(events.numbers(), 5..5 + Events::CAPACITY as u64);
    assert_eq!(
        (events.get(4), &*events.get(5).unwrap().text),
        (None, "data.x: 5")
    );
    let newest = events
        .iter()
        .next_back()
        .map(|(number, event)| (number, event.text.to_string()));
    assert_eq!(newest, Some((100_004, "data.x: 100004".to_owned())));
    assert_eq!(model.counters().unreadable(), 100_005);
}

#[test]
fn a_long_text_is_cut_at_a_letter() {
    let mut model = model();
    let _ = model.fold(at(0), Update::Unreadable("é".repeat(200), String::new()));
    assert_eq!(&*model.events().get(0).unwrap().text, "é".repeat(120));
}

#[test]
fn losses_are_counted_and_told() {
    let mut model = model();
    for (messages, cause) in [(Some(7), Cause::Full), (None, Cause::Reconnected)] {
        let dirty = model.fold(at(0), Update::Lost(messages, cause));
        assert!(dirty.touches(Part::Links));
    }
    assert_eq!((model.counters().lost(), model.counters().losses()), (7, 2));
}

#[test]
fn the_last_answers_are_kept_and_few_bodies_among_them() {
    let mut model = model();
    let body = |number: u64| {
        let body = Body {
            content_type: None,
            size: Some(3),
            bytes: vec![0, 159, 146],
            is_cut: false,
        };
        Update::Answer(Box::new(Answer::Bytes(
            id("1", "Qpo"),
            Some(Version(number)),
            body,
        )))
    };
    let ask = |number: u64| Question::Bytes(id("1", "Qpo"), Some(Version(number)));
    let none = Question::Cell(id("1", "Qpo"));
    let refused = Answer::None(none.clone(), "no such cell".to_owned());
    fold_all(&mut model, 0, [Update::Answer(Box::new(refused))]);
    fold_all(&mut model, 1, (1..=6).map(body));
    fold_all(&mut model, 2, [body(4)]);
    let details: &Details = model.details();
    let there: Vec<bool> = (1..=6)
        .map(|number| details.answer(&ask(number)).is_some())
        .collect();
    assert_eq!(there, [false, false, false, true, false, true]);
    assert_eq!(details.answer(&ask(4)).unwrap().0, at(2));
    assert!(details.answer(&none).is_some());
    let line = serde_json::to_string(&body(1)).unwrap();
    assert!(line.contains("AJ+S"), "{line}");
    assert_eq!(serde_json::from_str::<Update>(&line).unwrap(), body(1));
}

#[test]
fn an_outcome_is_found_by_its_act() {
    let mut model = model();
    let outcome = |number: usize| Outcome {
        act: ActId(number.to_string()),
        verb: "retry".to_owned(),
        dry_run: false,
        touched: vec![],
        run_id: None,
        said: None,
        why: None,
        ending: Ending::Accepted,
        problems: vec![],
    };
    for number in 0..100 {
        let _ = model.fold(at(0), Update::Outcome(Box::new(outcome(number))));
    }
    assert_eq!(
        model.details().outcome(&ActId("99".to_owned())),
        Some(&outcome(99))
    );
    assert_eq!(model.details().outcome(&ActId("1".to_owned())), None);
    assert_eq!(model.details().outcomes().count(), 32);
}

#[test]
fn a_night_of_changes_leaves_no_texts_behind() {
    let mut ledger = Ledger::default();
    let mut model = model();
    for round in 0..1000 {
        let reason = format!("waited for until {round}");
        let word = ledger.change(round, "1", "Qpo", CellState::Grace, &reason);
        let _ = model.fold(at(round), word);
    }
    assert_eq!(model.held_texts(), 1);
    fold_all(&mut model, 1000, Ledger::default().resync());
    assert_eq!((model.len(), model.held_texts()), (0, 0));
}
