//! Errors in one line.

use std::error::Error;
use std::iter::successors;

/// An error and its causes, outermost first, with `: ` between them.
pub fn in_full(error: &dyn Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::in_full;

    #[test]
    fn every_cause_is_told_once() {
        let error = anyhow::anyhow!("no such file")
            .context("the graph")
            .context("no start");
        assert_eq!(in_full(&*error), "no start: the graph: no such file");
    }
}
