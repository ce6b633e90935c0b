//! The stage with stand-ins for the services and, as a child of the `stage` binary, with a real nats-server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use stage::{Death, Ending, Program, Reservation, Stage, StageError, StageOptions, State};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Cargo builds the examples of a package with its tests, beside their folder.
fn understudy() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let deps = test.parent().expect("in a folder");
    deps.parent().expect("of the profile").join("examples/understudy")
}

struct House {
    folder: tempfile::TempDir,
    reservations: Vec<Reservation>,
}

impl House {
    fn new(programs: usize) -> Self {
        let reservations = (0..programs).map(|_| Reservation::new().unwrap()).collect();
        Self {
            folder: tempfile::tempdir().unwrap(),
            reservations,
        }
    }

    fn address(&self, index: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.reservations[index].port()).into()
    }

    fn program(&self, index: usize, name: &str, role: &str) -> Program {
        Program {
            port_flag: Some("--this-port"),
            ..Program::service(name, understudy(), self.address(index))
        }
        .env("UNDERSTUDY", role)
    }

    fn stage(&self, programs: Vec<Program>) -> (Stage, mpsc::Receiver<Death>) {
        let options = StageOptions {
            ready_within: Duration::from_secs(30),
            stop_within: Duration::from_secs(1),
            ..StageOptions::new(env!("CARGO_BIN_EXE_stage"), self.folder.path())
        };
        Stage::new(programs, options).unwrap()
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("log/{name}.log"))).unwrap()
    }
}

fn states(stage: &Stage) -> Vec<State> {
    stage.reports().iter().map(|report| report.state).collect()
}

fn is_alive(pid: u32) -> bool {
    // A process that has ended and not been waited for is not alive.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    })
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "not within 30 s: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn all_start_in_order_and_end_in_reverse() {
    let house = House::new(3);
    let names = ["one", "two", "three"];
    let programs = (0..3)
        .map(|index| house.program(index, names[index], ""))
        .collect();
    let (stage, _deaths) = house.stage(programs);
    assert_eq!(states(&stage), [State::Waiting; 3]);
    stage.start_all().await.unwrap();
    assert_eq!(states(&stage), [State::Ready; 3]);
    let pids: Vec<u32> = stage.reports().iter().map(|report| report.pid.unwrap()).collect();
    assert!(pids.iter().all(|pid| is_alive(*pid)));

    stage.stop_all().await;
    assert_eq!(states(&stage), [State::Stopped; 3]);
    assert!(pids.iter().all(|pid| !is_alive(*pid)));
    assert!(house.log("two").ends_with("asked to end\n"));
    let modified = |name: &str| {
        let path = house.folder.path().join(format!("log/{name}.log"));
        std::fs::metadata(path).unwrap().modified().unwrap()
    };
    assert!(modified("three") <= modified("two") && modified("two") <= modified("one"));
}

#[tokio::test]
async fn one_that_dies_is_told_with_its_last_lines_and_comes_back_where_it_was() {
    let house = House::new(2);
    let programs = vec![house.program(0, "one", ""), house.program(1, "two", "")];
    let (stage, mut deaths) = house.stage(programs);
    stage.start_all().await.unwrap();
    let request = format!("http://{}/die", house.address(1));
    reqwest::get(request).await.unwrap_err();

    let death = deaths.recv().await.unwrap();
    assert_eq!((death.program.as_str(), death.ending), ("two", Ending::Code(3)));
    assert!(death.last_lines.ends_with("    farewell"), "{}", death.last_lines);
    assert_eq!(states(&stage), [State::Ready, State::Dead]);

    stage.start("two").await.unwrap();
    let report = stage.reports().remove(1);
    assert_eq!((report.state, report.restarts), (State::Ready, 1));
    assert_eq!(report.url, format!("http://{}", house.address(1)));
    assert!(matches!(
        stage.start("two").await,
        Err(StageError::AlreadyRuns { .. })
    ));

    stage.kill("two").await.unwrap();
    assert_eq!(deaths.recv().await.unwrap().ending, Ending::Signal(9));
    stage.start("two").await.unwrap();
    stage.stop_all().await;
}

#[tokio::test]
async fn one_that_dies_before_it_is_ready_says_why() {
    let house = House::new(2);
    let programs = vec![house.program(0, "one", ""), house.program(1, "two", "dies early")];
    let (stage, _deaths) = house.stage(programs);
    let error = stage.start_all().await.unwrap_err().to_string();
    assert!(
        error.starts_with("two died before it was ready (exit code 64)"),
        "{error}"
    );
    assert!(error.ends_with("    the ledger is from another world"), "{error}");
    assert_eq!(states(&stage), [State::Ready, State::Dead]);
}

#[tokio::test]
async fn one_that_never_gets_ready_is_named_with_what_it_lacks() {
    let house = House::new(1);
    let options = StageOptions {
        ready_within: Duration::from_secs(1),
        ..StageOptions::new(env!("CARGO_BIN_EXE_stage"), house.folder.path())
    };
    let (stage, _deaths) = Stage::new(vec![house.program(0, "one", "never ready")], options).unwrap();
    let error = stage.start_all().await.unwrap_err().to_string();
    assert!(
        error.starts_with("one was not ready within 1s: /health/ready answers 503"),
        "{error}"
    );
    assert!(error.contains("no disk"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_flag_before_anything_starts() {
    let house = House::new(2);
    let programs = vec![house.program(0, "one", ""), house.program(1, "two", "")];
    let (stage, _deaths) = house.stage(programs);
    let _other = std::net::TcpListener::bind(house.address(1)).unwrap();
    let error = stage.start_all().await.unwrap_err().to_string();
    let port = house.address(1).port();
    assert_eq!(
        error,
        format!(
            "port {port} is in use, so two cannot listen there; stop what uses it, or move two with `--this-port PORT`"
        )
    );
    assert_eq!(states(&stage), [State::Waiting; 2]);
}

#[tokio::test]
async fn one_that_does_not_end_is_killed() {
    let house = House::new(1);
    let (stage, _deaths) = house.stage(vec![house.program(0, "one", "stays")]);
    stage.start_all().await.unwrap();
    let pid = stage.reports()[0].pid.unwrap();
    stage.stop_all().await;
    assert!(!is_alive(pid));
    assert!(
        house
            .log("one")
            .ends_with("stage: did not end within 1s: killed\n")
    );
}

#[tokio::test]
async fn what_a_program_has_started_goes_with_it() {
    let house = House::new(1);
    let (stage, _deaths) = house.stage(vec![house.program(0, "one", "has a child")]);
    stage.start_all().await.unwrap();
    let child = || {
        let log = house.log("one");
        log.rsplit_once("child ")
            .map(|(_, pid)| pid.trim().parse::<u32>().unwrap())
    };
    until("the child is told", || child().is_some()).await;
    let pid = child().unwrap();
    assert!(is_alive(pid));
    stage.kill("one").await.unwrap();
    until("the child is gone", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_dropped_stage_leaves_nothing() {
    let house = House::new(1);
    let (stage, _deaths) = house.stage(vec![house.program(0, "one", "stays")]);
    stage.start_all().await.unwrap();
    let pid = stage.reports()[0].pid.unwrap();
    drop(stage);
    until("the program is gone", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_name_that_nobody_has_is_answered_with_those_there_are() {
    let house = House::new(1);
    let (stage, _deaths) = house.stage(vec![house.program(0, "one", "")]);
    assert_eq!(
        stage.start("tow").await.unwrap_err().to_string(),
        "there is no \"tow\" on this stage; there are one"
    );
}

#[tokio::test]
async fn a_missing_binary_is_told_with_how_to_make_it() {
    let house = House::new(1);
    let program = Program::service("one", Path::new("/nowhere/orchestra-sdb"), house.address(0));
    let (stage, _deaths) = house.stage(vec![program]);
    let error = stage.start_all().await.unwrap_err().to_string();
    assert!(
        error.starts_with("/nowhere/orchestra-sdb is missing; `cargo build"),
        "{error}"
    );
}

#[tokio::test]
async fn the_next_start_can_be_in_another_environment() {
    let house = House::new(1);
    let (stage, _deaths) = house.stage(vec![house.program(0, "one", "dies early")]);
    stage.start_all().await.unwrap_err();
    assert_eq!(stage.ended("one").await.unwrap(), Some(Ending::Code(64)));
    stage.set_env("one", "UNDERSTUDY", None).unwrap();
    stage.start("one").await.unwrap();
    let killed = async { stage.kill("one").await.unwrap() };
    let (ended, ()) = tokio::join!(stage.ended("one"), killed);
    assert_eq!(ended.unwrap(), Some(Ending::Signal(9)));
}
