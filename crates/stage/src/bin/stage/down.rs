//! `just down`.

use crate::control::{Request, ask};
use crate::house::House;
use crate::lock::Lock;
use anyhow::bail;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Longer than all programs may take to end, one after the other.
const STOP_WITHIN: Duration = Duration::from_mins(1);

/// Between two looks at the lock.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Asks the stage to stop all, and waits until it has.
pub(crate) async fn run(house: &House) -> anyhow::Result<ExitCode> {
    ask(house, &Request::Stop).await?;
    let deadline = Instant::now() + STOP_WITHIN;
    while Lock::is_held(&house.lock()) {
        if Instant::now() > deadline {
            bail!(
                "the orchestra has not stopped within {}",
                humantime::format_duration(STOP_WITHIN)
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(ExitCode::SUCCESS)
}
