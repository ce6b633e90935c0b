//! The real binary in a terminal, with nothing else running: it starts, tells the truth, and leaves no trace.

use portable_pty::Child;
use std::fs::File;
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use testkit::bin;
use testkit::seat::{ENVIRONMENT, Seat, Size};

/// Who lost the terminal is gone after so long: a second, and some for a busy machine.
const GONE_AFTER: Duration = Duration::from_millis(1500);

/// Nobody listens there: port 1 of this machine is nobody's.
const NOBODY: [&str; 4] = [
    "--nats",
    "nats://127.0.0.1:1",
    "--conductor",
    "http://127.0.0.1:1",
];

/// As small as a terminal usually is.
const SIZE: Size = (NonZero::new(24).unwrap(), NonZero::new(80).unwrap());

/// The console in a terminal of its own.
fn start(arguments: &[&str]) -> (Seat, Box<dyn Child + Send + Sync>) {
    Seat::start(SIZE, env!("CARGO_BIN_EXE_orchestra-console"), arguments)
}

/// Waits until the console has ended.
fn ends<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < GONE_AFTER * 10,
            "waited for the end of the console"
        );
        std::thread::yield_now();
    }
}

#[test]
fn with_everything_down_it_opens_and_says_so_and_leaves_when_asked() {
    let (mut seat, mut console) = start(&NOBODY);
    seat.sees("CONDUCTOR LOST");
    seat.waits("for the alternate screen", vt100::Screen::alternate_screen);
    seat.types("r");
    seat.sees("the conductor cannot be reached");
    seat.types("?");
    seat.sees("any other key closes");
    seat.types(" x:q\r");
    assert!(console.wait().unwrap().success());
    seat.waits("for the screen of before", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor()
    });
}

#[test]
fn a_broken_connection_ends_it_at_once() {
    let (seat, mut console) = start(&NOBODY);
    seat.sees("LOST");
    let closed = seat.close();
    ends(|| console.try_wait().unwrap());
    assert!(closed.elapsed() < GONE_AFTER, "{:?}", closed.elapsed());
}

#[test]
fn a_terminal_that_goes_without_a_signal_ends_it_too() {
    let (seat, terminal) = Seat::open(SIZE);
    let end = || File::options().read(true).write(true).open(seat.name()).unwrap();
    // Started by no shell of this terminal, so that its end is not signalled.
    let mut console = Command::new(env!("CARGO_BIN_EXE_orchestra-console"))
        .args(NOBODY)
        .envs(ENVIRONMENT)
        .stdin(end())
        .stdout(end())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(terminal);
    seat.sees("LOST");
    let closed = seat.close();
    ends(|| console.try_wait().unwrap());
    assert!(
        closed.elapsed() < GONE_AFTER + Duration::from_secs(1),
        "{:?}",
        closed.elapsed()
    );
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    let (seat, mut console) = start(&NOBODY);
    seat.sees("LOST");
    let process = console.process_id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &process])
            .status()
            .unwrap()
            .success()
    );
    let asked = Instant::now();
    assert!(console.wait().unwrap().success());
    assert!(asked.elapsed() < GONE_AFTER, "{:?}", asked.elapsed());
    seat.waits("for the screen of before", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor()
    });
}

#[test]
fn without_colours_nothing_is_coloured_and_what_is_selected_stands_out() {
    let (mut seat, mut console) = start(&[&NOBODY[..], &["--colour", "mono", "--charset", "ascii"]].concat());
    seat.sees("CONDUCTOR LOST");
    seat.waits("for a banner in reverse, and no colour", |screen| {
        let cells = || {
            (0..SIZE.0.get())
                .flat_map(move |row| (0..SIZE.1.get()).filter_map(move |column| screen.cell(row, column)))
        };
        let is_plain =
            |cell: &vt100::Cell| cell.fgcolor() == vt100::Color::Default && cell.contents().is_ascii();
        screen.cell(1, 1).is_some_and(vt100::Cell::inverse) && cells().all(is_plain)
    });
    seat.types(":q\r");
    assert!(console.wait().unwrap().success());
}

#[test]
fn without_a_terminal_it_says_what_works_without_one() {
    let ended = Command::new(env!("CARGO_BIN_EXE_orchestra-console"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("--help"));
}

#[test]
fn a_wrong_key_is_told_with_its_file_and_line() {
    let file = std::env::temp_dir().join(format!("keys-{}.toml", std::process::id()));
    std::fs::write(&file, "[keys]\nretry = 'j'\n").unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_orchestra-console"))
        .args(["keys", "--keys", file.to_str().unwrap()])
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(told.contains(&format!("{}:2: ", file.display())), "{told}");
}

#[test]
fn a_log_on_a_full_disk_is_told_once_and_costs_nothing_else() {
    let (mut seat, mut console) = start(&[&NOBODY[..], &["--log-file", "/dev/full"]].concat());
    let told = "the log cannot be written: No space left on device";
    seat.sees(told);
    seat.types("ge");
    seat.waits("for one event of it", |screen| {
        screen.contents().matches("the log cannot be written").count() == 1
    });
    seat.types(":q\r");
    assert!(console.wait().unwrap().success());
    seat.waits("for the screen of before", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor()
    });
}

/// The console has no way to panic, so a program of its screen alone does.
fn panics(key: &str) -> (Seat, Box<dyn Child + Send + Sync>) {
    let program = bin("examples/panics");
    let (mut seat, child) = Seat::start(SIZE, program.to_str().expect("its path is a text"), &[]);
    seat.sees("about to panic");
    seat.waits("for the alternate screen", vt100::Screen::alternate_screen);
    seat.types(key);
    seat.waits("for the screen of before, with the reason", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor() && screen.contents().contains("it had to be")
    });
    (seat, child)
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_read_there() {
    let (_seat, mut child) = panics("p");
    assert_eq!(child.wait().unwrap().exit_code(), 101);
}

#[test]
fn a_panic_of_another_thread_gives_the_terminal_back_too() {
    let (mut seat, mut child) = panics("t");
    // What is typed now is shown by the terminal itself, as at a shell.
    seat.types("typed\r");
    seat.sees("typed");
    seat.sees("nothing was drawn");
    assert!(child.wait().unwrap().success());
}

#[test]
fn stopped_it_leaves_the_terminal_to_the_shell_and_continued_it_draws_all_again() {
    let console = env!("CARGO_BIN_EXE_orchestra-console");
    let script = format!(
        "set -m; {console} {}; echo its turn; read line; fg; echo over",
        NOBODY.join(" ")
    );
    let (mut seat, mut shell) = Seat::start(SIZE, "/bin/sh", &["-c", &script]);
    seat.sees("CONDUCTOR LOST");
    seat.types("\x1a");
    seat.sees("its turn");
    seat.waits("for the screen of before", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor()
    });
    seat.types("\r");
    seat.sees("CONDUCTOR LOST");
    seat.waits("for the alternate screen", vt100::Screen::alternate_screen);
    seat.types(":q\r");
    seat.sees("over");
    assert!(shell.wait().unwrap().success());
}
