//! `just up`.

use crate::control::{self, MAX_CONVERSATIONS};
use crate::house::House;
use crate::lock::Lock;
use crate::signals::Signals;
use anyhow::Context as _;
use clap::Args;
use stage::{Death, Ports, Screen, Stage, StageError, StageOptions};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Where each program listens, on 127.0.0.1.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct UpArgs {
    /// The port of nats-server
    #[arg(long = "nats-port", value_name = "PORT", env = "ORCHESTRA_NATS_PORT", default_value_t = Ports::default().nats)]
    nats: u16,
    /// The port of the mission database
    #[arg(long = "sdb-port", value_name = "PORT", env = "ORCHESTRA_SDB_PORT", default_value_t = Ports::default().sdb)]
    sdb: u16,
    /// The port of the conductor
    #[arg(long = "conductor-port", value_name = "PORT", env = "ORCHESTRA_CONDUCTOR_PORT", default_value_t = Ports::default().conductor)]
    conductor: u16,
    /// The port of the VHF source
    #[arg(long = "vhf-port", value_name = "PORT", env = "ORCHESTRA_VHF_PORT", default_value_t = Ports::default().vhf)]
    vhf: u16,
    /// The port of the pipelines
    #[arg(long = "pipeline-port", value_name = "PORT", env = "ORCHESTRA_PIPELINE_PORT", default_value_t = Ports::default().pipeline)]
    pipeline: u16,
}

/// Starts all, and stays until a signal or `just down`.
pub(crate) async fn run(house: &House, args: UpArgs) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let _lock = Lock::take(
        &house.lock(),
        "an orchestra",
        "`./just status` shows it, `./just down` stops it",
    )?;
    let mut signals = Signals::catch()?;
    let ports = Ports {
        nats: args.nats,
        sdb: args.sdb,
        conductor: args.conductor,
        vhf: args.vhf,
        pipeline: args.pipeline,
    };
    let programs = house.cast(ports)?.programs()?;
    let screen = Screen::stdout();
    let options = StageOptions {
        screen: Some(screen.clone()),
        ..StageOptions::new(&house.launcher, &house.var)
    };
    let (stage, deaths) = Stage::new(programs, options)?;
    let listener = control::listen(house)?;
    let stage = Arc::new(stage);
    let outcome = attend(
        &stage,
        deaths,
        &listener,
        &mut signals,
        || {
            screen.say(&welcome(&stage, house, ports, begun));
        },
        &screen,
    )
    .await;
    let any_runs = stage.reports().iter().any(|program| program.pid.is_some());
    if any_runs {
        screen.say("stopping, the last one first; Ctrl-C again kills");
    }
    tokio::select! {
        () = stage.stop_all() => {}
        () = signals.next() => stage.kill_all(),
    }
    std::fs::remove_file(house.socket()).ok();
    if any_runs {
        screen.say("stopped");
    }
    screen.close();
    outcome.context("the orchestra did not start")?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the programs and then attends to deaths and requests, until something says stop.
async fn attend(
    stage: &Arc<Stage>,
    mut deaths: mpsc::Receiver<Death>,
    listener: &UnixListener,
    signals: &mut Signals,
    on_ready: impl Fn(),
    screen: &Screen,
) -> Result<(), StageError> {
    let (stop, mut stops) = mpsc::channel(1);
    let mut conversations = JoinSet::new();
    let starting = stage.start_all();
    tokio::pin!(starting);
    let mut started = false;
    loop {
        tokio::select! {
            outcome = &mut starting, if !started => {
                outcome?;
                started = true;
                on_ready();
            }
            // Until then the first death is the outcome of the start.
            Some(death) = deaths.recv(), if started => screen.say(&obituary(&death)),
            Ok((socket, _)) = listener.accept(), if conversations.len() < MAX_CONVERSATIONS => {
                let (stage, stop) = (Arc::clone(stage), stop.clone());
                conversations.spawn(async move { control::answer(socket, &stage, stop).await });
            }
            Some(_) = conversations.join_next() => {}
            () = signals.next() => return Ok(()),
            Some(()) = stops.recv() => return Ok(()),
        }
    }
}

fn obituary(death: &Death) -> String {
    format!(
        "{name} died ({ending}) after {after}; its last lines:\n{lines}\nthe others go on; `./just start {name}` brings it back",
        name = death.program,
        ending = death.ending,
        after = humantime::format_duration(std::time::Duration::from_secs(death.after.as_secs())),
        lines = death.last_lines,
    )
}

fn welcome(stage: &Stage, house: &House, ports: Ports, begun: Instant) -> String {
    use std::fmt::Write as _;
    let mut text = format!("ready after {:.1} s\n", begun.elapsed().as_secs_f64());
    let mut urls = std::collections::BTreeMap::new();
    for program in stage.reports() {
        writeln!(text, "  {:<14} {}", program.name, program.url).ok();
        urls.insert(program.name, program.url);
    }
    let url = |name: &str| urls.get(name).map_or("", String::as_str);
    let console = house.binaries.join("orchestra-console");
    let console = console
        .strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(&console);
    let mut announce = format!("{} announce EclTmVhfAlert 42", console.display());
    if ports.nats != Ports::default().nats {
        write!(announce, " --nats {}", url(stage::NATS)).ok();
    }
    writeln!(text, "what to try next:").ok();
    for (command, effect) in [
        (announce, "an alert arrives"),
        (
            format!("curl {}/observations/42", url(stage::CONDUCTOR)),
            "what comes of it",
        ),
        (format!("curl {}/products/42", url(stage::SDB)), "what was made"),
        (
            format!(
                "curl -X POST {}/replay -H 'content-type: application/json' -d '{{\"burst\":\"sb26022501\"}}'",
                url(stage::MOCK_VHF)
            ),
            "a real burst",
        ),
        ("./just demo".to_owned(), "50 of them, beside this"),
        (
            format!("{}/docs", url(stage::CONDUCTOR)),
            "the interface, in a browser",
        ),
    ] {
        writeln!(text, "  {command}   # {effect}").ok();
    }
    text.push_str("Ctrl-C, or `./just down` elsewhere, stops all of it");
    text
}
