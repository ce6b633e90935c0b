//! Why a cell is as it is, in the words of the protocol.

use api::conductor::{Blocker, BlockerKind, Next, Why};
use conductor_core::Explanation;

/// The core's explanation.
pub fn why(explanation: Explanation) -> Why {
    Why {
        text: explanation.text,
        blockers: explanation.blockers.into_iter().map(blocker).collect(),
        next: explanation.next.map(|next| Next {
            what: next.what,
            at: next.at,
        }),
    }
}

fn blocker(blocker: conductor_core::Blocker) -> Blocker {
    Blocker {
        kind: kind(blocker.kind),
        what: blocker.what,
        detail: blocker.detail,
        state: blocker.state,
        since: blocker.since,
        until: blocker.until,
        blockers: blocker.blockers.into_iter().map(self::blocker).collect(),
    }
}

fn kind(kind: conductor_core::BlockerKind) -> BlockerKind {
    use conductor_core::BlockerKind as Core;
    match kind {
        Core::Input => BlockerKind::Input,
        Core::Retracted => BlockerKind::Retracted,
        Core::InProgress => BlockerKind::InProgress,
        Core::Optional => BlockerKind::Optional,
        Core::Repeats => BlockerKind::Repeats,
        Core::Held => BlockerKind::Held,
        Core::Approval => BlockerKind::Approval,
        Core::ProviderPaused => BlockerKind::ProviderPaused,
        Core::ProviderDraining => BlockerKind::ProviderDraining,
        Core::ProviderOpen => BlockerKind::ProviderOpen,
        Core::ProviderBusy => BlockerKind::ProviderBusy,
        Core::ProviderLimit => BlockerKind::ProviderLimit,
        Core::Run => BlockerKind::Run,
        Core::Backoff => BlockerKind::Backoff,
        Core::Failed => BlockerKind::Failed,
        Core::Cancelled => BlockerKind::Cancelled,
    }
}
