//! Where the writer says what was announced of the canary. It never makes it wait.

use domain::{Announcement, ServiceName, canary_input, canary_product, canary_source};
use tokio::sync::mpsc;

/// Announcements that wait: a round has two, and each may come twice.
const CAPACITY: usize = 16;

/// The writer's side; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Perch(mpsc::Sender<(ServiceName, Announcement)>);

/// What was heard there, by source.
pub(crate) type Heard = mpsc::Receiver<(ServiceName, Announcement)>;

impl Perch {
    /// A perch, and the other side of it. Without a canary that one is dropped, and what is heard as well.
    pub(crate) fn open() -> (Self, Heard) {
        let (sender, heard) = mpsc::channel(CAPACITY);
        (Self(sender), heard)
    }

    /// This was announced of the canary, and it is committed how far the stream is read with it. What cannot be
    /// of a round goes no further: whoever announces such things takes nobody's room.
    pub(crate) fn heard(&self, source: ServiceName, announcement: Announcement) {
        if may_be_of_a_round(&source, &announcement) {
            // Where there is no room, the round is over.
            let _ = self.0.try_send((source, announcement));
        }
    }
}

fn may_be_of_a_round(source: &ServiceName, announcement: &Announcement) -> bool {
    let Some(product) = &announcement.product else {
        return false;
    };
    let is_input = *product == canary_input() && *source == canary_source();
    let is_product = *product == canary_product() && announcement.run_id.is_some();
    is_input || is_product
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::canary_obs_id;

    #[test]
    fn noise_takes_nobody_s_room() {
        let (perch, mut heard) = Perch::open();
        let vhf: ServiceName = "vhf".parse().unwrap();
        let of = |product| Announcement::of(product, canary_obs_id());
        for _ in 0..10 * CAPACITY {
            perch.heard(vhf.clone(), of("EclTmVhfAlert".parse().unwrap()));
            perch.heard(vhf.clone(), of(canary_input()));
            perch.heard(vhf.clone(), of(canary_product()));
        }
        perch.heard(canary_source(), of(canary_input()));
        assert_eq!(heard.try_recv().unwrap().0, canary_source());
        assert!(heard.try_recv().is_err());
    }
}
