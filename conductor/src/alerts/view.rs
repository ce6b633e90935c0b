//! An alert as it is shown.

use super::{Acknowledgement, Alert};
use api::conductor::AlertView;

/// An alert with the acknowledgement that holds for it, if one does.
pub fn view(alert: &Alert, acknowledgements: &[Acknowledgement]) -> AlertView {
    let acknowledged = acknowledgements
        .iter()
        .find(|acknowledgement| acknowledgement.fingerprint == alert.fingerprint);
    AlertView {
        fingerprint: alert.fingerprint.to_string(),
        severity: alert.severity,
        title: alert.title.clone(),
        since: alert.since,
        cleared_at: alert.cleared_at,
        count: alert.count,
        targets: alert.targets.clone(),
        acknowledged: acknowledged.map(Acknowledgement::view),
    }
}
