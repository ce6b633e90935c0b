//! Asking for a snapshot.

use crate::model::Cause;
use tokio::sync::mpsc;

/// Causes that wait; more are answered by the same snapshot.
const WAITING: usize = 16;

/// Who may ask for a snapshot has one.
#[derive(Debug, Clone)]
pub(super) struct Resync(mpsc::Sender<Cause>);

impl Resync {
    pub(super) fn new() -> (Self, mpsc::Receiver<Cause>) {
        let (sender, asked) = mpsc::channel(WAITING);
        (Self(sender), asked)
    }

    /// Asks for a snapshot that is read after this.
    pub(super) fn ask(&self, cause: Cause) {
        // Full means that snapshots are asked for already, and none of them is under way yet.
        self.0.try_send(cause).ok();
    }
}
