//! What hears others: the stream, activity, and how far the feeds were read.

use super::{House, NAME, StartError};
use crate::feed_position::FeedPositions;
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::inbox::Lanes;
use crate::listen::{activity, stream};
use crate::presence::Presence;
use crate::targets::SourceUrl;
use crate::writer::STREAM;
use messaging::{ConsumerOptions, Streams};

impl House {
    /// Starts what hears NATS.
    pub(super) async fn listen(
        &self,
        lanes: Lanes,
        herald: Herald,
        presence: Presence,
        graphs: Graphs,
    ) -> Result<(), StartError> {
        let stop = || self.shutdown.token();
        let streams = Streams {
            update: true,
            ..Streams::default()
        };
        let options = ConsumerOptions {
            streams,
            ..ConsumerOptions::new(NAME)
        };
        let (consumer, monitor) = self.bus.data_consumer(options, self.position(STREAM).await?);
        let progress = stream::watch_progress(consumer.liveness(), self.health.check("stream"), stop());
        self.shutdown.spawn("progress", progress);
        let until_stop = stop();
        self.shutdown.spawn("monitor", async move {
            tokio::select! {
                () = monitor.run() => {}
                () = until_stop.cancelled() => {}
            }
            Ok(())
        });
        self.shutdown
            .spawn("stream", stream::read(consumer, lanes.clone(), stop()));
        let hearing = activity::listen(
            self.bus.clone(),
            lanes,
            presence,
            graphs,
            herald,
            self.clock,
            stop(),
        );
        self.shutdown.spawn("activity", hearing);
        Ok(())
    }

    /// How far the feed of each source was read.
    pub(super) async fn feed_positions(&self, sources: &[SourceUrl]) -> Result<FeedPositions, StartError> {
        let positions = FeedPositions::default();
        for source in sources {
            let key = FeedPositions::key(&source.name);
            if let Some(position) = self.position(&key).await? {
                positions.set(source.name.clone(), position);
            }
        }
        Ok(positions)
    }
}
