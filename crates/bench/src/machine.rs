//! Where and how a measurement was made.

use service_kit::Clock;
use std::fs;

/// A sentence with the date, the size of the machine, the build and the command: the program as it is called, with
/// the arguments of this process.
pub fn describe(program: &str) -> String {
    let date = Clock::start(None)
        .now()
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal").map_or_else(|| "?".to_owned(), |text| gib(&text));
    let build = if cfg!(debug_assertions) {
        "a dev build, so no measure of anything"
    } else {
        "an optimised build"
    };
    let args: Vec<String> = std::env::args().skip(1).collect();
    let command = format!("{program} {}", args.join(" "));
    format!(
        "Measured on {date} by `{}` with {build}, everything on one machine: {cores} cores ({model}), {memory} of \
         memory.",
        command.trim()
    )
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// `16384000 kB` -> `15.6 GiB`.
fn gib(kib: &str) -> String {
    let number = kib
        .split_whitespace()
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    number.map_or_else(
        || kib.to_owned(),
        |kib| format!("{:.1} GiB", kib / 1024.0 / 1024.0),
    )
}
