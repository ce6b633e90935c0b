//! The report in words: Markdown that reads well as it is, in a terminal or a mail.

use api::conductor::{
    AcknowledgementView, AlertView, EventView, FailureGroup, HeldCell, LateRun, NoteView, ProviderView,
    ReportView, Retried,
};
use domain::{AlertState, RunState};
use jiff::Timestamp;

/// The report as Markdown.
pub fn markdown(report: &ReportView) -> String {
    let runs = |state| report.runs.get(&state).copied().unwrap_or(0);
    let total: u64 = report.runs.values().sum();
    let plural = if total == 1 { "" } else { "s" };
    let mut page = vec![
        format!("# Hand-over of {}", date(report.at)),
        String::new(),
        format!("Since {}. All times are UTC.", date(report.since)),
        String::new(),
        format!(
            "{total} run{plural} decided, {} of them succeeded, {} failed.",
            runs(RunState::Succeeded),
            runs(RunState::Failed)
        ),
    ];
    let open = report.open.iter().filter(|(_, cells)| **cells > 0);
    let open: Vec<String> = open.map(|(state, cells)| format!("{cells} {state}")).collect();
    section(&mut page, "Alerts", &report.alerts, alert_line);
    section(&mut page, "Failed", &report.failed, failure_line);
    section(&mut page, "Open", &open, Clone::clone);
    section(&mut page, "Held", &report.held, held_line);
    section(&mut page, "Late", &report.late, late_line);
    section(&mut page, "Providers", &report.providers, provider_line);
    section(&mut page, "Retried", &report.retried, retried_line);
    section(&mut page, "Other acts", &report.acts, act_line);
    section(&mut page, "Notes", &report.notes, note_line);
    page.join("\n") + "\n"
}

/// A heading with one line per entry; nothing if there are none.
fn section<T>(page: &mut Vec<String>, heading: &str, entries: &[T], line: impl Fn(&T) -> String) {
    if entries.is_empty() {
        return;
    }
    page.extend([String::new(), format!("## {heading}"), String::new()]);
    page.extend(entries.iter().map(|entry| format!("- {}", line(entry))));
}

fn alert_line(alert: &AlertView) -> String {
    let stands = match alert.cleared_at {
        None => format!("since {}", date(alert.since)),
        Some(cleared_at) => {
            let cleared = AlertState::Cleared.as_str();
            format!("{} to {}, {cleared}", date(alert.since), date(cleared_at))
        }
    };
    format!(
        "**{}** {} ({stands}){}{} `{}`",
        alert.severity,
        said(&alert.title),
        targets(alert.count, &alert.targets),
        acknowledged(alert.acknowledged.as_ref()),
        alert.fingerprint
    )
}

fn failure_line(group: &FailureGroup) -> String {
    let (first, last) = (date(group.first_at), date(group.last_at));
    let time = if first == last {
        first
    } else {
        format!("{first} to {last}")
    };
    format!(
        "**{}** {}: {} ({time}){}{} `{}`",
        group.provider,
        said(&group.code),
        said(&group.message),
        targets(group.count, &group.targets),
        acknowledged(group.acknowledged.as_ref()),
        group.fingerprint
    )
}

fn retried_line(retried: &Retried) -> String {
    let notes: Vec<String> = retried.notes.iter().map(|note| said(note)).collect();
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", notes.join("; "))
    };
    format!(
        "by {}{notes}{}",
        retried.by,
        targets(retried.count, &retried.targets)
    )
}

fn held_line(held: &HeldCell) -> String {
    let since = date(held.since);
    let reason = said(&held.reason);
    format!("{} of {}, since {since}: {reason}", held.product, held.obs_id)
}

fn late_line(late: &LateRun) -> String {
    let expected = late.expected.map_or_else(String::new, |expected| {
        format!(", most take {} s", expected.p95_ms.div_ceil(1000))
    });
    let since = date(late.since);
    format!(
        "{} of {}, with {} since {since}{expected} (`{}`)",
        late.product, late.obs_id, late.provider, late.run_id
    )
}

fn provider_line(provider: &ProviderView) -> String {
    let state = format!("{:?}", provider.state).to_lowercase();
    let by = provider
        .by
        .as_ref()
        .map_or_else(String::new, |by| format!(" by {}", said(by)));
    let note = provider
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(": {}", said(note)));
    format!(
        "**{}** is {state}{by}{note} ({} at work, {} wait)",
        provider.provider, provider.in_flight, provider.queued
    )
}

fn act_line(act: &EventView) -> String {
    format!(
        "{} {}: {} {}, {}{}",
        date(act.at),
        said(&act.by),
        act.verb,
        act.target,
        said(&act.outcome),
        noted(act.note.as_ref())
    )
}

fn note_line(note: &NoteView) -> String {
    let about = [
        note.product.as_ref().map(ToString::to_string),
        note.provider.as_ref().map(ToString::to_string),
        note.obs_id.as_ref().map(|obs_id| format!("of {obs_id}")),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    format!(
        "{} {}, {}: {}",
        date(note.at),
        said(&note.by),
        about.join(" "),
        said(&note.note)
    )
}

fn noted(note: Option<&String>) -> String {
    note.map_or_else(String::new, |note| format!(" ({})", said(note)))
}

fn targets(count: u64, targets: &[String]) -> String {
    let more = count.saturating_sub(targets.len() as u64);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(": {}{more}", targets.join(", "))
}

fn acknowledged(acknowledged: Option<&AcknowledgementView>) -> String {
    let Some(AcknowledgementView { by, until, note, .. }) = acknowledged else {
        return String::new();
    };
    let note = noted(note.as_ref());
    format!("; acknowledged by {} until {}{note}", said(by), date(*until))
}

/// What somebody wrote, in one line and without meaning anything to a reader of Markdown.
fn said(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut escaped = String::new();
    for c in words.join(" ").chars() {
        if "\\`*_<[]|".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}
