use super::*;
use crate::app::fixture::{night, now, pages, typed};

fn filter(text: &str, place: Place) -> Filter {
    Filter::new(text, place, now())
}

fn observations(text: &str) -> Vec<String> {
    let app = night();
    let filter = filter(text, Place::Matrix);
    assert_eq!(filter.mistake(), None, "{text}");
    let model = app.model();
    let all = model.by_attention();
    let all = all.filter_map(|obs_id| model.observation(obs_id));
    let shown = all.filter(|observation| filter.shows(observation));
    shown
        .map(|observation| observation.obs_id().to_string())
        .collect()
}

#[test]
fn the_words_of_observations_must_hold_for_one_cell() {
    for (text, shown) in [
        ("2401", vec!["sb26112401"]),
        ("qpo_vt", vec!["sb26112401"]),
        ("!sb", vec!["42"]),
        ("state:failed !state:retrying", vec!["sb26112401", "sb26112319"]),
        ("state:failed product:qpo*", vec!["sb26112401"]),
        ("state:failed product:*ECL", vec!["sb26112322", "sb26112319"]),
        // It has what runs, and what failed, but not at one and the same provider.
        ("state:running provider:vvpp", vec![]),
        ("state:running provider:mxt", vec!["sb26112401"]),
        ("state:late", vec!["42"]),
        ("state:degraded", vec!["sb26112302", "sb26112301"]),
        ("obs:*01 state:failed", vec!["sb26112401"]),
        ("burst:grb*01", vec!["sb26112401", "sb26112301"]),
        ("since:04:00 !state:running", vec![]),
        ("!", vec![]),
    ] {
        let mut expected: Vec<&str> = shown;
        let mut found = observations(text);
        if text == "!" {
            assert_eq!(found.len(), 9);
            continue;
        }
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_what_is_right() {
    for (text, place, told) in [
        (
            "stat:failed",
            Place::Running,
            "no column stat here; there are state, product, provider, obs, since",
        ),
        (
            "trigger:x",
            Place::Services,
            "no column trigger here; there are provider, state, reason",
        ),
        (
            "state:fialed",
            Place::Runs,
            "no state is fialed; there are queued, requested, running, retrying, succeeded, failed, cancelled, superseded",
        ),
        (
            "since:soon",
            Place::Runs,
            "\"soon\" is no time: write 2h, 04:00, 2026-11-24 or 2026-11-24T04:00Z",
        ),
        ("!since:2h", Place::Runs, "since: cannot be turned around"),
    ] {
        assert_eq!(filter(text, place).mistake(), Some(told), "{text}");
    }
    for (text, place) in [
        ("04:00", Place::Events),
        ("mock-failure:", Place::Failures),
        ("state:", Place::Runs),
        ("state:fail*", Place::Runs),
        ("", Place::Graph),
    ] {
        assert_eq!(filter(text, place).mistake(), None, "{text}");
    }
}

#[test]
fn the_last_word_is_completed_as_far_as_one_way_leads_on() {
    for (text, completed) in [
        ("pro", Some("pro")),
        ("prov", Some("provider:")),
        ("2401 !st", Some("2401 !state:")),
        ("state:fa", Some("state:failed")),
        ("state:re", Some("state:re")),
        ("state:ret", Some("state:retr")),
        ("state:retra", Some("state:retracted")),
        ("xyz", None),
        ("provider:", None),
    ] {
        let expected = completed
            .filter(|completed| *completed != text)
            .map(str::to_owned);
        assert_eq!(Filter::completed(text, Place::Matrix), expected, "{text}");
    }
}

#[test]
fn every_pane_of_rows_takes_its_columns() {
    for (keys, text, rows) in [
        ("2", "provider:mxt", 2),
        ("2", "!state:late", 2),
        ("3", "product:q*vt", 1),
        ("3", "by:ada", 1),
        ("3", "reason:calibration", 1),
        ("3", "state:quarantined", 1),
        ("4", "state:degraded", 1),
        ("gp", "state:paused", 1),
        ("gl", "trigger:obatt since:04:00", 1),
        ("ga", "state:over", 1),
        ("ga", "!state:over", 1),
    ] {
        let mut app = night();
        pages(&mut app);
        typed(&mut app, &format!("{keys}/{text}<Enter>"));
        assert!(app.layer.is_none(), "{text}");
        let (overview, pages) = (&app.overview, &app.pages);
        let shown = match keys {
            "2" => overview.running.list.len(),
            "3" => overview.failures.list.rows().len(),
            "4" => overview.services.list.rows().len(),
            "gp" => pages.providers.list.rows().len(),
            "gl" => pages.runs.rows.list.rows().len(),
            _ => pages.alerts.list.rows().len(),
        };
        assert_eq!(shown, rows, "{keys} {text}");
    }
    let mut app = night();
    typed(&mut app, "5/state:operator<Enter>");
    assert_eq!(app.events(Place::Events, 99).len(), 1);
}

#[test]
fn a_mistake_stays_at_the_prompt_until_it_is_right_or_left() {
    let mut app = night();
    typed(&mut app, "/stat:failed<Enter>");
    assert!(app.layer.is_some(), "told where it is typed");
    assert!(app.filter(Place::Matrix).unwrap().mistake().is_some());
    typed(&mut app, "<Esc>");
    assert!(app.layer.is_none() && app.filter(Place::Matrix).unwrap().is_empty());
    typed(&mut app, "/st<Tab>fa<Tab><Enter>");
    assert!(app.layer.is_none());
    assert_eq!(app.filter(Place::Matrix).unwrap().text(), "state:failed");
}

#[test]
fn the_conductor_looks_for_runs_by_state_provider_and_time() {
    let mut app = night();
    typed(
        &mut app,
        "gl/state:failed provider:vvpp_pipeline since:2h product:qpo*<Enter>",
    );
    let wanted = app.wanted_runs();
    assert_eq!(wanted.state, Some(domain::RunState::Failed));
    assert_eq!(
        wanted.provider.map(|name| name.to_string()).as_deref(),
        Some("vvpp_pipeline")
    );
    assert_eq!(wanted.since, Some("2026-11-24T02:12:30Z".parse().unwrap()));
    let mut app = night();
    typed(&mut app, "gl/!state:failed<Enter>");
    assert_eq!(app.wanted_runs().state, None, "turned around it is not asked for");
}
