//! The only crate that knows NATS: typed subjects, streams, consumers, publishers.
