//! What is looked at from time to time, as conditions. Pure.

use super::{Condition, Fingerprint, Standing};
use crate::presence::{Presence, Seen};
use domain::{ProviderName, ServiceName, ServiceState, Severity};
use jiff::{SignedDuration, Timestamp};
use messaging::StreamFill;

/// A provider that is lost for so long calls: a restart takes less.
const LOST_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Free space below which the disk calls, and below which it does so loudly, in per cent.
const DISK_FREE: (u64, u64) = (10, 5);

/// Fill from which a stream calls (`docs/protocol.md` section 2), and from which it does so loudly, in per cent.
const STREAM_FULL: (u64, u64) = (80, 95);

/// A provider. None if it was not heard of since the start: then nothing is known of it.
pub(super) fn provider(presence: &Presence, name: &ProviderName, now: Timestamp) -> Option<Standing> {
    let service = ServiceName::from(name.clone());
    let seen = presence.seen(&service)?;
    let fingerprint = Fingerprint::of_provider(name);
    let lost_for = presence
        .lost_since(&service, now)
        .map(|since| now.duration_since(since));
    if lost_for.is_none_or(|lost_for| lost_for < LOST_FOR) {
        return Some(Standing::Over(fingerprint));
    }
    let title = format!("{name} is lost: not heard of since {:.0}", seen.at);
    let condition = Condition::of(fingerprint, Severity::Critical, title, name.as_str());
    Some(Standing::Stands(condition))
}

/// A service that says how it is. None if it was not heard of since the start.
pub(super) fn service(name: &ServiceName, seen: Option<&Seen>) -> Option<Standing> {
    let seen = seen?;
    let fingerprint = Fingerprint::of_service(name);
    if seen.state != ServiceState::Degraded {
        return Some(Standing::Over(fingerprint));
    }
    let title = format!("{name} is degraded: {}", seen.detail);
    let condition = Condition::of(fingerprint, Severity::Critical, title, name.as_str());
    Some(Standing::Stands(condition))
}

/// The disk of the ledger, in any unit.
pub(super) fn disk(free: u64, total: u64) -> Standing {
    let fingerprint = Fingerprint::of_disk();
    let (little, least) = DISK_FREE;
    let is_below = |limit| u128::from(free) * 100 < u128::from(total) * u128::from(limit);
    if !is_below(little) {
        return Standing::Over(fingerprint);
    }
    let severity = severity(is_below(least));
    let limit = if is_below(least) { least } else { little };
    let title = format!("less than {limit} % of the ledger's disk are free");
    Standing::Stands(Condition::of(fingerprint, severity, title, "the ledger's disk"))
}

/// A stream of the server.
pub(super) fn stream(fill: &StreamFill) -> Standing {
    let fingerprint = Fingerprint::of_stream(&fill.name);
    let (much, most) = STREAM_FULL;
    let is_past = |limit| u128::from(fill.bytes) * 100 > u128::from(fill.max_bytes) * u128::from(limit);
    if !is_past(much) {
        return Standing::Over(fingerprint);
    }
    let limit = if is_past(most) { most } else { much };
    let title = format!(
        "more than {limit} % of the stream {} are full; its oldest messages go when all is",
        fill.name
    );
    let severity = severity(is_past(most));
    Standing::Stands(Condition::of(fingerprint, severity, title, &fill.name))
}

fn severity(loud: bool) -> Severity {
    if loud {
        Severity::Critical
    } else {
        Severity::Warning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(standing: Option<Standing>) -> String {
        match standing {
            None => "nothing known".to_owned(),
            Some(Standing::Over(_)) => "over".to_owned(),
            Some(Standing::Stands(condition)) => format!("{}: {}", condition.severity, condition.title),
        }
    }

    #[test]
    fn a_provider_is_lost_for_a_minute_before_it_calls() {
        let presence = Presence::default();
        let name: ProviderName = "qpo".parse().unwrap();
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let after = |seconds| {
            told(provider(
                &presence,
                &name,
                now + SignedDuration::from_secs(seconds),
            ))
        };
        assert_eq!(after(0), "nothing known");
        let hear = |state: &str| {
            let said = format!(r#"{{"service":"qpo","state":"{state}"}}"#);
            presence.heard("qpo".parse().unwrap(), serde_json::from_str(&said).unwrap(), now);
        };
        hear("ready");
        let lost = "critical: qpo is lost: not heard of since 2026-11-24T08:00:00Z";
        assert_eq!([after(0), after(89), after(90)], ["over", "over", lost]);
        hear("stopped");
        assert_eq!([after(59), after(60)], ["over", lost]);
    }

    #[test]
    fn disks_and_streams_call_before_they_are_full() {
        let disk = |free| told(Some(disk(free, 1000)));
        assert_eq!(disk(100), "over");
        assert_eq!(disk(99), "warning: less than 10 % of the ledger's disk are free");
        assert_eq!(disk(49), "critical: less than 5 % of the ledger's disk are free");
        let stream = |bytes| {
            let fill = StreamFill {
                name: "DATA".to_owned(),
                bytes,
                max_bytes: 1000,
            };
            told(Some(stream(&fill)))
        };
        let full = |word, limit| {
            format!(
                "{word}: more than {limit} % of the stream DATA are full; its oldest messages go when all is"
            )
        };
        assert_eq!(
            [stream(800), stream(801), stream(951)],
            ["over".to_owned(), full("warning", 80), full("critical", 95)]
        );
    }

    #[test]
    fn a_degraded_service_calls_with_what_it_says() {
        let name: ServiceName = "sdb".parse().unwrap();
        let mut seen = Seen {
            at: "2026-11-24T08:00:00Z".parse().unwrap(),
            state: ServiceState::Degraded,
            detail: "no space left".to_owned(),
            started_at: None,
        };
        assert_eq!(told(service(&name, None)), "nothing known");
        assert_eq!(
            told(service(&name, Some(&seen))),
            "critical: sdb is degraded: no space left"
        );
        seen.state = ServiceState::Ready;
        assert_eq!(told(service(&name, Some(&seen))), "over");
    }
}
