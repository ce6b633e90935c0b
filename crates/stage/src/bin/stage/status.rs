//! `just status`.

use crate::control::{Answer, Request, ask};
use crate::house::House;
use anyhow::bail;
use clap::Args;
use stage::{Report, State};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

/// How to show it.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Shows how the programs are; 1 if any of them is not ready.
pub(crate) async fn run(house: &House, args: &StatusArgs) -> anyhow::Result<ExitCode> {
    let Answer::Status { pid, programs } = ask(house, &Request::Status).await? else {
        bail!("the stage answered something else than its status");
    };
    let mut out = std::io::stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&programs)?)?;
    } else {
        write!(out, "{}", table(&programs))?;
        writeln!(
            out,
            "stage itself is pid {pid}; logs: {}",
            house.var.join("log").display()
        )?;
    }
    let all_ready = programs.iter().all(|program| program.state == State::Ready);
    Ok(if all_ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn table(programs: &[Report]) -> String {
    let mut table = String::new();
    let mut row = |name: &str, state: &str, pid: &str, url: &str, seconds: &str, restarts: &str| {
        writeln!(
            table,
            "{name:<14} {state:<9} {pid:>8}  {url:<24} {seconds:>14} {restarts:>9}"
        )
        .ok();
    };
    row("program", "state", "pid", "listens on", "for", "restarts");
    for program in programs {
        row(
            &program.name,
            &program.state.to_string(),
            &program.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            &program.url,
            &humantime::format_duration(Duration::from_secs(program.seconds)).to_string(),
            &program.restarts.to_string(),
        );
    }
    for program in programs {
        if let (State::Dead, Some(ending)) = (program.state, &program.ending) {
            writeln!(
                table,
                "{name} died ({ending}): `./just logs {name}` says more, `./just start {name}` brings it back",
                name = program.name
            )
            .ok();
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_program_is_told_with_what_to_do() {
        let dead = Report {
            name: "sdb".to_owned(),
            pid: None,
            state: State::Dead,
            ending: Some("killed, signal 9".to_owned()),
            url: "http://127.0.0.1:5001".to_owned(),
            seconds: 75,
            restarts: 2,
        };
        let table = table(&[dead]);
        assert!(
            table.contains(
                "sdb            dead             -  http://127.0.0.1:5001            1m 15s         2\n"
            ),
            "{table}"
        );
        assert!(table.ends_with(
            "sdb died (killed, signal 9): `./just logs sdb` says more, `./just start sdb` brings it back\n"
        ));
    }
}
