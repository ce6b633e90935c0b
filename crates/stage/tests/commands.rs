//! The `stage` binary as `just` runs it, with a real nats-server and stand-ins for the services.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use stage::Ports;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const BINARIES: [&str; 4] = [
    "orchestra-sdb",
    "orchestra-conductor",
    "orchestra-mock-vhf",
    "orchestra-mock-pipeline",
];

/// Far beyond what anything here takes.
const DEADLINE: Duration = Duration::from_secs(30);

struct Checkout {
    folder: tempfile::TempDir,
    ports: Ports,
    _held: Vec<stage::Reservation>,
}

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test = std::env::current_exe().unwrap();
        let understudy = test.ancestors().nth(2).unwrap().join("examples/understudy");
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        for name in BINARIES {
            symlink(&understudy, folder.path().join("bin").join(name)).unwrap();
        }
        let (ports, held) = Ports::free().unwrap();
        Self {
            folder,
            ports,
            _held: held,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let nats_server = stage::find_server(None, repository).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_stage"));
        command
            .args(arguments)
            .arg("--root")
            .arg(self.folder.path())
            .arg("--binaries")
            .arg(self.folder.path().join("bin"))
            .arg("--nats-server")
            .arg(nats_server)
            .env_remove("UNDERSTUDY");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn ports(&self) -> Vec<String> {
        let ports = self.ports;
        [
            ("--nats-port", ports.nats),
            ("--sdb-port", ports.sdb),
            ("--conductor-port", ports.conductor),
            ("--vhf-port", ports.vhf),
            ("--pipeline-port", ports.pipeline),
        ]
        .into_iter()
        .flat_map(|(flag, port)| [flag.to_owned(), port.to_string()])
        .collect()
    }

    fn up(&self) -> Up {
        let mut child = self
            .command(&["up"])
            .args(self.ports())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                sender.send(line).ok();
            }
        });
        let up = Up { child, lines };
        up.await_line("Ctrl-C, or `./just down` elsewhere");
        up
    }

    fn pids(&self) -> Vec<u32> {
        let status: serde_json::Value =
            serde_json::from_slice(&self.run(&["status", "--json"]).stdout).unwrap();
        let programs = status.as_array().unwrap();
        assert_eq!(programs.len(), 5);
        let pid = |program: &serde_json::Value| u32::try_from(program["pid"].as_u64().unwrap()).unwrap();
        programs.iter().map(pid).collect()
    }

    fn log_folder(&self) -> PathBuf {
        self.folder.path().join("var/log")
    }
}

struct Up {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Up {
    fn await_line(&self, part: &str) -> Vec<String> {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("{part:?} was not shown; this was:\n{}", seen.join("\n"));
            };
            let found = line.contains(part);
            seen.push(line);
            if found {
                return seen;
            }
        }
    }

    fn signal(&self, signal: &str) {
        signal_process(self.child.id(), signal);
    }

    fn await_end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "stage has not ended");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn signal_process(pid: u32, signal: &str) {
    let status = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

fn await_gone(pids: &[u32]) {
    let deadline = Instant::now() + DEADLINE;
    while pids.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
        assert!(Instant::now() < deadline, "some of {pids:?} are still there");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_signal_ends_all_and_leaves_no_process() {
    for signal in ["INT", "TERM", "HUP"] {
        let checkout = Checkout::new();
        let mut up = checkout.up();
        let pids = checkout.pids();
        up.signal(signal);
        up.await_line("| stopped");
        assert_eq!(up.await_end(), Some(0), "after {signal}");
        await_gone(&pids);
        let says = stderr(&checkout.run(&["status"]));
        assert!(says.contains("no orchestra runs in this checkout"), "{says}");
    }
}

#[test]
fn even_a_killed_stage_leaves_no_process_and_the_next_one_starts() {
    let checkout = Checkout::new();
    let mut up = checkout.up();
    let pids = checkout.pids();
    up.signal("KILL");
    up.await_end();
    await_gone(&pids);
    let mut again = checkout.up();
    assert!(checkout.run(&["down"]).status.success());
    assert_eq!(again.await_end(), Some(0));
}

#[test]
fn a_second_one_in_the_same_checkout_is_refused_and_nothing_is_cleaned_meanwhile() {
    let checkout = Checkout::new();
    let up = checkout.up();
    let second = checkout.run(&["up"]);
    assert_eq!(second.status.code(), Some(1));
    let says = stderr(&second);
    let pid = format!("(pid {})", up.child.id());
    assert!(
        says.contains("an orchestra already runs in this checkout") && says.contains(&pid),
        "{says}"
    );
    assert_eq!(checkout.run(&["clean"]).status.code(), Some(1));
    assert!(checkout.log_folder().exists());
    assert!(checkout.run(&["down"]).status.success());
    assert!(checkout.run(&["clean"]).status.success());
    assert!(!checkout.folder.path().join("var").exists());
}

#[test]
fn one_that_is_killed_is_told_the_others_go_on_and_start_brings_it_back() {
    let checkout = Checkout::new();
    let up = checkout.up();
    let before = checkout.pids();
    signal_process(before[1], "KILL");
    let seen = up.await_line("`./just start sdb` brings it back");
    assert!(
        seen.iter()
            .any(|line| line.contains("sdb died (killed, signal 9)")),
        "{seen:?}"
    );
    let status = checkout.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&status.stdout).contains("sdb died"));

    let started = checkout.run(&["start", "sdb"]);
    assert!(started.status.success(), "{}", stderr(&started));
    let after = checkout.pids();
    assert_ne!(before[1], after[1]);
    assert_eq!((before[0], &before[2..]), (after[0], &after[2..]));
    assert!(checkout.run(&["status"]).status.success());
    let again = stderr(&checkout.run(&["start", "sdb"]));
    assert!(again.contains("sdb already runs"), "{again}");
    let unknown = stderr(&checkout.run(&["start", "bds"]));
    assert!(unknown.contains("there are nats, sdb, conductor"), "{unknown}");
}

#[test]
fn a_port_in_use_is_named_with_its_program_and_flag() {
    let checkout = Checkout::new();
    let _other = std::net::TcpListener::bind(("127.0.0.1", checkout.ports.conductor)).unwrap();
    let output = checkout.command(&["up"]).args(checkout.ports()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let says = stderr(&output);
    let port = checkout.ports.conductor;
    assert!(
        says.contains(&format!(
            "port {port} is in use, so conductor cannot listen there"
        )),
        "{says}"
    );
    assert!(says.contains("`--conductor-port PORT`"), "{says}");
    // Nothing was started, so nothing is said of stopping it.
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn logs_show_the_end_of_one_or_all() {
    let checkout = Checkout::new();
    let _up = checkout.up();
    let one = checkout.run(&["logs", "sdb"]);
    assert!(String::from_utf8_lossy(&one.stdout).contains("          sdb | as \"\" with"));
    let all = String::from_utf8_lossy(&checkout.run(&["logs", "-n", "3"]).stdout).into_owned();
    for name in ["nats", "sdb", "conductor", "mock-vhf", "mock-pipeline"] {
        assert!(all.contains(&format!("{name:>13} | ")), "{name} is not in\n{all}");
    }
    let unknown = checkout.run(&["logs", "nobody"]);
    assert!(stderr(&unknown).contains("there is no log of \"nobody\""));
}

#[test]
fn the_control_socket_answers_nonsense_and_goes_on() {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    let checkout = Checkout::new();
    let _up = checkout.up();
    let endless = "x".repeat(200_000);
    for nonsense in ["what?\n", "{\"verb\":\"dance\"}\n", &endless] {
        let mut socket = UnixStream::connect(checkout.folder.path().join("var/stage.sock")).unwrap();
        // It may hang up before it has read 200 kB.
        socket.write_all(nonsense.as_bytes()).ok();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok();
        assert!(answer.is_empty() || answer.contains("refused"), "{answer}");
    }
    assert_eq!(checkout.pids().len(), 5);
}
