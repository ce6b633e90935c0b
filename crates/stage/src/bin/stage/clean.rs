//! `just clean`.

use crate::house::House;
use crate::lock::Lock;
use std::process::ExitCode;

/// Removes all data, unless something works with it.
pub(crate) fn run(house: &House) -> anyhow::Result<ExitCode> {
    let _ours = Lock::take(&house.lock(), "an orchestra", "`./just down` stops it")?;
    let _of_the_demo = Lock::take(&house.demo_lock(), "a demo", "its Ctrl-C stops it")?;
    stage::forget(&house.var)?;
    Ok(ExitCode::SUCCESS)
}
