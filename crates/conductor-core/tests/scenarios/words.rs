//! The words of operators, providers and the SDB.

use crate::language::duration;
use conductor_core::{Answer, Report, Verb};
use domain::{ErrorClass, ProcessingError, RunId, Version};

/// What a provider says of a run.
pub(crate) enum Word {
    Answer(Answer),
    Report(Report),
}

/// What an operator does to a cell.
pub(crate) enum Doing {
    Request { force: bool },
    Operate(Verb),
}

/// What the SDB answers.
pub(crate) enum SdbAnswer {
    /// Whether it has a product, if it was reached.
    Asked { reached: bool },
    /// It heard that a version is withdrawn.
    Told { version: Version },
}

/// What the SDB answers, and about which cell.
pub(crate) fn of_sdb<'a>(words: &[&'a str]) -> Option<(&'a str, SdbAnswer)> {
    Some(match *words {
        ["has", "no", name] => (name, SdbAnswer::Asked { reached: true }),
        ["is", "silent", "about", name] => (name, SdbAnswer::Asked { reached: false }),
        ["heard", "of", name, version] => {
            let version = Version(version.strip_prefix('v')?.parse().ok()?);
            (name, SdbAnswer::Told { version })
        }
        _ => return None,
    })
}

/// What an operator does, and to which cell.
pub(crate) fn of_operator<'a>(words: &[&'a str]) -> Option<(&'a str, Doing)> {
    let (name, verb) = match *words {
        ["requests", name] => return Some((name, Doing::Request { force: false })),
        ["forces", name] => return Some((name, Doing::Request { force: true })),
        ["retries", name] => (name, Verb::Retry),
        ["cancels", name] => (name, Verb::Cancel),
        ["holds", name] => (name, Verb::Hold),
        ["releases", name] => (name, Verb::Release),
        ["approves", name] => (name, Verb::Approve),
        ["ends", "grace", "of", name] => (name, Verb::EndGrace),
        ["extends", "grace", "of", name, "by", time] => {
            let by = duration(time).ok()?;
            (name, Verb::ExtendGrace { by })
        }
        ["raises", name, "to", priority] => {
            let priority = priority.parse().ok()?;
            (name, Verb::Raise { priority })
        }
        _ => return None,
    };
    Some((name, Doing::Operate(verb)))
}

/// What a provider says by itself: of which cell, which run and attempt, and whether it is at work on it.
pub(crate) fn overheard<'a>(words: &[&'a str]) -> Option<(&'a str, RunId, u32, bool)> {
    let (name, id, attempt, at_work) = match *words {
        ["accepted", name, "as", id] => (name, id, "1", false),
        ["works", "on", name, "as", id] => (name, id, "1", true),
        ["works", "on", name, "as", id, "attempt", attempt] => (name, id, attempt, true),
        _ => return None,
    };
    Some((name, id.parse().ok()?, attempt.parse().ok()?, at_work))
}

/// An answer or a report of a provider about a run.
pub(crate) fn of_provider(words: &[&str]) -> Option<Word> {
    Some(match *words {
        ["answered", "accepted"] => Word::Answer(Answer::Accepted { alias: None }),
        ["answered", "accepted", "as", alias] => Word::Answer(Answer::Accepted {
            alias: Some(alias.parse().ok()?),
        }),
        ["answered", "busy", time] => Word::Answer(Answer::Busy {
            retry_after: duration(time).ok()?,
        }),
        ["answered", "refused"] => {
            Word::Answer(Answer::Refused(failure(ErrorClass::Permanent, "invalid-request")))
        }
        ["answered", "faulty"] => Word::Answer(Answer::Faulty(failure(ErrorClass::Retriable, "http-500"))),
        ["answered", "unreachable"] => Word::Answer(Answer::Unreachable("connection refused".into())),
        ["answered", "stale-attempt"] => Word::Answer(Answer::StaleAttempt),
        ["reported", "alive"] => Word::Report(Report::Alive),
        ["reported", "running"] => Word::Report(Report::Running),
        ["reported", "succeeded"] => Word::Report(Report::Succeeded { version: None }),
        ["reported", "failed"] => {
            Word::Report(Report::Failed(failure(ErrorClass::Retriable, "no-calibration")))
        }
        ["reported", "failed-for-good"] => {
            Word::Report(Report::Failed(failure(ErrorClass::Permanent, "bad-packet")))
        }
        ["reported", "cancelled"] => Word::Report(Report::Cancelled),
        ["reported", "unknown"] => Word::Report(Report::Unknown),
        ["reported", "unreachable"] => Word::Report(Report::Unreachable),
        ["reported", "not-offered"] => Word::Report(Report::NotOffered),
        _ => return None,
    })
}

fn failure(class: ErrorClass, code: &str) -> ProcessingError {
    ProcessingError {
        class,
        code: code.into(),
        message: "it broke".into(),
    }
}
