//! Ports that stay free until they are used.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Above the ports of well known services, ours included.
const FIRST: u16 = 10_000;
/// Below the range (32768 and up) from which Linux takes the local ports of outgoing connections: a
/// port from there can be taken by anybody while a killed server is down, and a client that tries it
/// again and again may even connect to itself.
const LAST: u16 = 32_000;
/// Enough for a machine on which most of the range is in use.
const TRIES: usize = 1_000;

/// A TCP port of 127.0.0.1 that nobody listens on, outside of the range of outgoing connections, so
/// that a server may be killed and started on it again.
///
/// Random, so that tests of several processes at once do not meet.
pub fn free_port() -> u16 {
    for _ in 0..TRIES {
        // A `RandomState` is seeded anew each time: randomness without a dependency.
        let random = RandomState::new().hash_one(());
        let offset = random % u64::from(LAST - FIRST);
        let Ok(offset) = u16::try_from(offset) else {
            continue;
        };
        let port = FIRST + offset;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {LAST} on 127.0.0.1 in {TRIES} tries");
}
