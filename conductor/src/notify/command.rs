//! A command that tells a human: a mail, a pager, a lamp.

use api::conductor::Notice;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// A mail is handed over in a second; what takes longer is stuck.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why the command did not tell it.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The shell could not be started, or not be spoken to.
    #[error("it cannot be run")]
    Run(#[from] std::io::Error),
    /// It said that something went wrong.
    #[error("it ended with {0}")]
    Failed(std::process::ExitStatus),
    /// It did not end.
    #[error("it did not end within {} s, and was killed", TIMEOUT.as_secs())]
    Stuck,
    /// The notice is no JSON.
    #[error("the notice cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Runs the command in a shell, with the notice as JSON on its standard input and its parts in `ALERT_*`.
pub(super) async fn run(command: &str, notice: &Notice) -> Result<(), CommandError> {
    let json = serde_json::to_vec(notice)?;
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("ALERT_STATE", notice.state.as_str())
        .env("ALERT_SEVERITY", notice.severity.as_str())
        .env("ALERT_FINGERPRINT", &notice.fingerprint)
        .env("ALERT_TITLE", &notice.title)
        .env("ALERT_COUNT", notice.count.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let told = async {
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read it may be content with the variables.
            let _ = stdin.write_all(&json).await;
        }
        child.wait().await
    };
    let status = tokio::time::timeout(TIMEOUT, told)
        .await
        .map_err(|_| CommandError::Stuck)??;
    if status.success() {
        Ok(())
    } else {
        Err(CommandError::Failed(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AlertState, Severity};

    fn notice() -> Notice {
        let at = "2026-11-24T08:00:00Z".parse().unwrap();
        Notice {
            id: "canary@1".to_owned(),
            state: AlertState::Raised,
            fingerprint: "canary".to_owned(),
            severity: Severity::Critical,
            title: "the canary's \"song\"; $(ended)".to_owned(),
            count: 1,
            targets: Vec::new(),
            since: at,
            at,
        }
    }

    #[tokio::test]
    async fn it_gets_the_notice_as_json_and_in_variables() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let command = format!("(echo \"$ALERT_STATE $ALERT_TITLE\"; cat) > '{}'", file.display());
        run(&command, &notice()).await.unwrap();
        let told = std::fs::read_to_string(file).unwrap();
        let (words, json) = told.split_once('\n').unwrap();
        assert_eq!(words, "raised the canary's \"song\"; $(ended)");
        assert_eq!(serde_json::from_str::<Notice>(json).unwrap(), notice());
    }

    #[tokio::test]
    async fn one_that_fails_says_so() {
        let failed = run("exit 3", &notice()).await.unwrap_err();
        assert_eq!(failed.to_string(), "it ended with exit status: 3");
        assert!(
            run("no-such-command-anywhere 2>/dev/null", &notice())
                .await
                .is_err()
        );
    }
}
