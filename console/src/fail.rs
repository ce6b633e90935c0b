//! Failures in words that an operator understands, and the exit code.

use api::ApiError;
use service_kit::exit;
use std::io;
use std::process::ExitCode;
use url::Url;

/// The codes of a 404 that says nothing of what was asked for: none, or that of all our services.
const NO_ROUTE: [&str; 2] = ["", "not-found"];

/// A service that is asked, as an operator knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    name: &'static str,
    /// Where it is said where it is.
    flag: &'static str,
}

/// Who decides.
pub(crate) const CONDUCTOR: Service = Service {
    name: "conductor",
    flag: "--conductor",
};

/// Who keeps the products.
pub(crate) const SDB: Service = Service {
    name: "SDB",
    flag: "--sdb",
};

impl Service {
    /// What an answer that is none means.
    pub(crate) fn explain(self, error: ApiError, url: &Url) -> anyhow::Error {
        let Self { name, flag } = self;
        let at = url.as_str().trim_end_matches('/');
        match error {
            ApiError::Unreachable { .. } => {
                anyhow::anyhow!("the {name} does not answer at {at}; is it running? (just status)")
            }
            ApiError::Timeout { after, .. } => {
                anyhow::anyhow!("the {name} at {at} did not answer within {} s", after.as_secs_f64())
            }
            ApiError::Problem(problem) if problem.status == 404 && NO_ROUTE.contains(&problem.code.as_str()) => {
                anyhow::anyhow!("what answers at {at} is no {name}: it does not know the route; see {flag}")
            }
            ApiError::Problem(problem) => anyhow::anyhow!("the {name} refuses: {problem}"),
            ApiError::Malformed { what, .. } => {
                anyhow::anyhow!("what answers at {at} is no {name}: its answer cannot be read ({what}); see {flag}")
            }
            ApiError::Interrupted { source, .. } => anyhow::Error::new(source).context(format!(
                "what listens at {at} broke off: a {name} that was stopped (just status), or no {name} (see {flag})"
            )),
            ApiError::Invalid(_) => error.into(),
        }
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
