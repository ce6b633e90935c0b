//! Replays real bursts as VHF packets.
fn main() {}
