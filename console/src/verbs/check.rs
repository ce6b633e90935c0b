//! `check`: whether the orchestra is well, in a line for Nagios and its kin.
//!
//! A line of text, `|`, and figures as `label=value;warning;critical;least`, as monitoring plugins print it.

use super::status::{self, Heads};
use crate::args::Check;
use crate::output::Output;
use crate::session::Session;
use api::conductor::ReportView;
use domain::ProviderState;
use serde_json::json;
use std::process::ExitCode;

/// How the alerts of overdue products are named.
const OVERDUE: &str = "overdue-";

/// What is known of the orchestra, or why not.
struct Facts {
    services: Result<Heads, String>,
    report: Result<ReportView, String>,
}

/// How well it is; its number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warning,
    Critical,
}

/// The answer.
#[derive(Debug)]
struct Verdict {
    level: Level,
    text: String,
    figures: Vec<Figure>,
}

/// What is counted, and from where on it is too much.
#[derive(Debug, Clone)]
struct Figure {
    label: &'static str,
    value: u64,
    limits: Option<(u64, u64)>,
}

pub(super) async fn run(session: &Session, verb: &Check, output: &mut Output) -> anyhow::Result<ExitCode> {
    let report = async {
        let report = session.conductor()?.report(None).await;
        report.map_err(|error| session.explain(error))
    };
    let (services, report) = tokio::join!(status::heard(session, verb.wait, output.now), report);
    let facts = Facts {
        services: services.map_err(|error| format!("{error:#}")),
        report: report.map_err(|error| format!("{error:#}")),
    };
    let verdict = judged(&facts, verb);
    if output.json {
        let figures = verdict.figures.iter();
        let figures: serde_json::Map<_, _> = figures
            .map(|figure| (figure.label.to_owned(), figure.value.into()))
            .collect();
        output.document(&json!({"level": verdict.level.name(), "text": verdict.text, "figures": figures}))?;
    } else {
        output.line(line(&verdict))?;
    }
    Ok(ExitCode::from(verdict.level as u8))
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }
}

impl Figure {
    fn new(label: &'static str, value: u64, limits: (u64, u64)) -> Self {
        Self {
            label,
            value,
            limits: Some(limits),
        }
    }

    /// How bad so many are.
    fn level(&self) -> Level {
        match self.limits {
            Some((_, critical)) if self.value > critical => Level::Critical,
            Some((warning, _)) if self.value > warning => Level::Warning,
            Some(_) | None => Level::Ok,
        }
    }
}

/// The worst that is known decides, and everything that is wrong is told, the worst first.
fn judged(facts: &Facts, limits: &Check) -> Verdict {
    let mut wrong: Vec<(Level, String)> = Vec::new();
    let mut figures = Vec::new();
    match &facts.services {
        Err(why) => wrong.push((Level::Critical, why.clone())),
        Ok(heads) => {
            wrong.extend(of_services(heads));
            figures.push(Figure {
                label: "services",
                value: heads.len() as u64,
                limits: None,
            });
        }
    }
    match &facts.report {
        Err(why) => wrong.push((Level::Critical, why.clone())),
        Ok(report) => {
            for (figure, what) in counted(report, limits) {
                if figure.level() > Level::Ok {
                    wrong.push((figure.level(), what));
                }
                figures.push(figure);
            }
        }
    }
    wrong.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    let level = wrong.first().map_or(Level::Ok, |(level, _)| *level);
    let texts: Vec<String> = wrong.into_iter().map(|(_, text)| text).collect();
    let text = if texts.is_empty() {
        "all is well".to_owned()
    } else {
        texts.join("; ")
    };
    Verdict { level, text, figures }
}

/// Without the conductor or the SDB nothing is made; without another service, less.
fn of_services(heads: &Heads) -> Vec<(Level, String)> {
    let silent = status::silent(heads);
    let silent = silent
        .into_iter()
        .map(|name| (Level::Critical, format!("{name} is silent")));
    let unwell = heads.values().filter(|status| !status::is_well(status.state));
    let unwell = unwell.map(|status| {
        let level = match status.service.as_str() {
            "conductor" | "sdb" => Level::Critical,
            _ => Level::Warning,
        };
        let (state, _) = status::word(status.state);
        let text = match status.detail.as_str() {
            "" => format!("{} is {state}", status.service),
            detail => format!("{} is {state}: {detail}", status.service),
        };
        (level, text)
    });
    silent.chain(unwell).collect()
}

/// What is counted, and how it is told when it is too much.
fn counted(report: &ReportView, limits: &Check) -> [(Figure, String); 3] {
    let unseen = report.failed.iter().filter(|group| group.acknowledged.is_none());
    let failed = unseen.map(|group| group.count).sum();
    let stands = report.alerts.iter().filter(|alert| alert.cleared_at.is_none());
    let overdue = stands
        .filter(|alert| alert.fingerprint.starts_with(OVERDUE))
        .map(|alert| alert.count)
        .sum();
    let lost: Vec<String> = report
        .providers
        .iter()
        .filter(|provider| matches!(provider.state, ProviderState::Lost | ProviderState::Open))
        .map(|provider| provider.provider.to_string())
        .collect();
    [
        (
            Figure::new("failed", failed, (limits.warn_failed, limits.crit_failed)),
            format!("{failed} failed and not acknowledged"),
        ),
        (
            Figure::new("overdue", overdue, (limits.warn_overdue, limits.crit_overdue)),
            format!("{overdue} overdue"),
        ),
        (
            Figure::new("lost", lost.len() as u64, (limits.warn_lost, limits.crit_lost)),
            format!("not reached: {}", lost.join(", ")),
        ),
    ]
}

/// What stands before the `|` may not contain one.
fn line(verdict: &Verdict) -> String {
    let figures = verdict.figures.iter().map(|figure| {
        let Figure { label, value, .. } = figure;
        match figure.limits {
            Some((warning, critical)) => format!("{label}={value};{warning};{critical};0"),
            None => format!("{label}={value};;;0"),
        }
    });
    let figures: Vec<String> = figures.collect();
    let text = verdict.text.replace('|', "/").replace('\n', " ");
    format!(
        "ORCHESTRA {} - {text} | {}",
        verdict.level.name(),
        figures.join(" ")
    )
    .trim_end_matches([' ', '|'])
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const LIMITS: Check = Check {
        wait: Duration::ZERO,
        warn_failed: 0,
        crit_failed: 9,
        warn_overdue: 0,
        crit_overdue: 4,
        warn_lost: 0,
        crit_lost: 2,
    };

    fn heads(said: &[(&str, &str, &str)]) -> Heads {
        let head = |(service, state, detail): &(&str, &str, &str)| {
            let status = json!({"service": service, "state": state, "version": "0.1.0", "detail": detail});
            (
                ((*service).to_owned(), String::new()),
                serde_json::from_value(status).unwrap(),
            )
        };
        said.iter().map(head).collect()
    }

    fn report(failed: u64, is_seen: bool) -> ReportView {
        let at = "2026-11-24T04:00:00Z";
        let seen = json!({"fingerprint": "f", "by": "ada", "at": at, "until": at});
        let groups = json!([{"fingerprint": "f", "provider": "p", "code": "c", "message": "m", "count": failed,
            "targets": [], "first_at": at, "last_at": at, "acknowledged": is_seen.then_some(seen)}]);
        let alert = |fingerprint: &str, cleared: Option<&str>| {
            json!({"fingerprint": fingerprint, "severity": "warning", "title": "t",
            "since": at, "count": 2, "cleared_at": cleared})
        };
        serde_json::from_value(
            json!({"since": at, "at": at, "runs": {}, "alerts": [alert("overdue-A", None), alert("overdue-B", Some(at))],
            "failed": groups, "open": {}, "held": [], "late": [], "retried": [], "acts": [], "notes": [],
            "providers": [{"provider": "lc", "state": "lost", "url": "http://h/", "in_flight": 0, "queued": 0},
                          {"provider": "mx", "state": "paused", "url": "http://h/", "in_flight": 0, "queued": 0}]}),
        )
        .unwrap()
    }

    fn told(services: Result<Heads, String>, report: Result<ReportView, String>, limits: &Check) -> String {
        line(&judged(&Facts { services, report }, limits))
    }

    #[test]
    fn the_worst_decides_and_all_is_told_with_figures() {
        let well = [("conductor", "busy", ""), ("sdb", "ready", "")];
        assert_eq!(
            told(Ok(heads(&well)), Ok(report(10, false)), &LIMITS),
            "ORCHESTRA CRITICAL - 10 failed and not acknowledged; 2 overdue; not reached: lc | services=2;;;0 \
failed=10;0;9;0 overdue=2;0;4;0 lost=1;0;2;0"
        );
        let calm = Check {
            warn_overdue: 2,
            warn_lost: 1,
            ..LIMITS
        };
        assert_eq!(
            told(Ok(heads(&well)), Ok(report(10, true)), &calm),
            "ORCHESTRA OK - all is well | services=2;;;0 failed=0;0;9;0 overdue=2;2;4;0 lost=1;1;2;0"
        );
        assert_eq!(
            told(Ok(heads(&well)), Ok(report(9, false)), &calm),
            "ORCHESTRA WARNING - 9 failed and not acknowledged | services=2;;;0 failed=9;0;9;0 overdue=2;2;4;0 \
lost=1;1;2;0"
        );
    }

    #[test]
    fn who_does_not_answer_is_critical_and_figures_that_nobody_knows_are_left_out() {
        let said = [("conductor", "degraded", "disk | full"), ("vhf", "stopped", "")];
        assert_eq!(
            told(Ok(heads(&said)), Err("no conductor".to_owned()), &LIMITS),
            "ORCHESTRA CRITICAL - sdb is silent; conductor is degraded: disk / full; no conductor; vhf is stopped | \
services=2;;;0"
        );
        assert_eq!(
            told(Err("no NATS".to_owned()), Err("no conductor".to_owned()), &LIMITS),
            "ORCHESTRA CRITICAL - no NATS; no conductor"
        );
    }
}
