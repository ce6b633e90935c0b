//! Failures in words that an operator understands, and the exit code.

use api::ApiError;
use service_kit::exit;
use std::io;
use std::process::ExitCode;
use url::Url;

/// The codes of a 404 that says nothing of what was asked for: none, or that of all our services.
const NO_ROUTE: [&str; 2] = ["", "not-found"];

/// What an answer of the conductor's that is none means.
pub(crate) fn conductor(error: ApiError, url: &Url) -> anyhow::Error {
    let at = url.as_str().trim_end_matches('/');
    match error {
        ApiError::Unreachable { .. } => {
            anyhow::anyhow!("the conductor does not answer at {at}; is it running? (just status)")
        }
        ApiError::Timeout { after, .. } => {
            anyhow::anyhow!(
                "the conductor at {at} did not answer within {} s",
                after.as_secs_f64()
            )
        }
        ApiError::Problem(problem) if problem.status == 404 && NO_ROUTE.contains(&problem.code.as_str()) => {
            anyhow::anyhow!("what answers at {at} is no conductor: it does not know the route; see --conductor")
        }
        ApiError::Problem(problem) => anyhow::anyhow!("the conductor refuses: {problem}"),
        ApiError::Malformed { what, .. } => {
            anyhow::anyhow!("what answers at {at} is no conductor: its answer cannot be read ({what}); see --conductor")
        }
        ApiError::Interrupted { source, .. } => anyhow::Error::new(source).context(format!(
            "what listens at {at} broke off: a conductor that was stopped (just status), or no conductor (see --conductor)"
        )),
        ApiError::Invalid(_) => error.into(),
    }
}

/// What a program leaves with; says on standard error why it failed.
#[expect(clippy::print_stderr, reason = "this is where a program says why it ends")]
pub fn exit_code(ended: anyhow::Result<ExitCode>) -> ExitCode {
    match ended {
        Ok(code) => code,
        // Somebody read as much as they wanted: `orchestra-console list | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(exit::OK),
        Err(error) => {
            eprintln!("orchestra-console: {error:#}");
            ExitCode::from(exit::FAILURE)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
