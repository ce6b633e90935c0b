//! Why something cannot be done at the moment.

use super::{Action, App};
use crate::keys::{Danger, Entry};
use crate::model::Peer;

impl App {
    /// Why an entry of the registry cannot be run here and now; shown in the palette and said when its key is pressed.
    pub fn why_not(&self, entry: &Entry) -> Option<String> {
        if !entry.at.holds(self.place()) {
            return Some(format!("only in {}", entry.at));
        }
        if entry.danger == Danger::Looks {
            return None;
        }
        // What can hurt may be asked about; its question wants to be armed before it sends.
        if let Some(why_not) = self.arming.why_not(Danger::Acts, self.now) {
            return Some(why_not.to_owned());
        }
        if entry.action == Action::Trigger {
            // A pipeline is asked also without the conductor.
            return None;
        }
        self.cut_off()
    }

    /// Why nothing can be asked of the conductor, if that is so.
    pub fn cut_off(&self) -> Option<String> {
        let link = self.live().links().to(Peer::Conductor);
        (!link.is_up()).then(|| "the conductor cannot be reached".to_owned())
    }
}
