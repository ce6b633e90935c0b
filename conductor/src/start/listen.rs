//! What hears others: the stream, activity, and how far the feeds were read.

use super::{House, NAME, StartError};
use crate::args::Args;
use crate::feed_position::FeedPositions;
use crate::herald::Herald;
use crate::in_force::Graphs;
use crate::inbox::Lanes;
use crate::listen::{activity, feed, stream};
use crate::presence::Presence;
use crate::targets::SourceUrl;
use crate::writer::STREAM;
use api::{FeedClient, Http};
use messaging::{ConsumerOptions, Streams};
use std::sync::Arc;
use tokio::sync::Notify;

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

    /// Starts what reads the feeds of the sources.
    pub(super) fn read_feeds(
        &self,
        args: &Args,
        http: &Http,
        sources: Vec<SourceUrl>,
        (positions, lanes, look): (&FeedPositions, &Lanes, &Arc<Notify>),
    ) {
        for source in sources {
            let reader = feed::Reader {
                client: FeedClient::new(http.clone(), source.url),
                source: source.name,
                positions: positions.clone(),
                from: args.from,
                lanes: lanes.clone(),
                bus: self.bus.clone(),
                look: Arc::clone(look),
            };
            self.shutdown.spawn("feed", reader.run(self.shutdown.token()));
        }
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
