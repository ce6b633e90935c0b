//! The screen held still, while what happens is still taken in.

use super::{App, Tone};

impl App {
    /// Shows what there is now until thawed. The header and what is sent stay about what there is then.
    pub(super) fn freeze(&mut self) {
        self.frozen = Some(Box::new((self.now, self.live.clone())));
        self.say(Tone::Note, "frozen; Z or Esc goes on");
    }

    /// Shows what there is again.
    pub(super) fn thaw(&mut self) {
        self.frozen = None;
        let place = self.place();
        if let Some(listed) = self.listed_mut(place) {
            listed.let_go();
        }
    }
}
