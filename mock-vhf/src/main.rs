//! `orchestra-mock-vhf`.

use anyhow::Context as _;
use clap::Parser as _;
use mock_vhf::args::{Args, ServeArgs, Verb};
use mock_vhf::journal::JournalError;
use mock_vhf::{service, verbs};
use service_kit::{Shutdown, exit, telemetry};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

/// An orderly stop takes a flush of at most a second.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let ended = match args.verb {
        None => serve(args.serve).await,
        Some(Verb::Serve(args)) => serve(*args).await,
        Some(Verb::List { json }) => verbs::list(json, &mut io::stdout().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(Into::into),
        Some(Verb::Replay(args)) => replay(args).await,
    };
    ended.unwrap_or_else(|error| fail(&error))
}

async fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    telemetry::init(&args.service)?;
    let shutdown = Shutdown::default();
    service::start(args, &shutdown).await?;
    Ok(shutdown.run_until_stopped(GRACE).await)
}

async fn replay(args: mock_vhf::args::ReplayArgs) -> anyhow::Result<ExitCode> {
    telemetry::init(&args.log).context("the log")?;
    verbs::replay(args, &mut io::stdout()).await?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "this is where a program says why it ends")]
fn fail(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    });
    if broken_pipe {
        return ExitCode::SUCCESS;
    }
    eprintln!("orchestra-mock-vhf: {error:#}");
    match error.downcast_ref::<JournalError>() {
        Some(JournalError::Corrupt { .. }) => ExitCode::from(exit::BAD_CONFIG),
        Some(JournalError::Open { .. } | JournalError::InUse { .. } | JournalError::Write(_)) | None => {
            ExitCode::from(exit::FAILURE)
        }
    }
}
