//! Ports: whether one is in use, and free ones that stay free.

use crate::StageError;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// The first port that is given out: above the well known services, ours included.
const FIRST: u16 = 20_000;

/// One past the last: below the range (32768 and up) from which Linux takes the local ports of outgoing
/// connections. A port from there can be taken by anybody while a killed program is down, and a client
/// that tries it again and again may even connect to itself.
const END: u16 = 32_000;

/// A free port of 127.0.0.1 that no other stage of this user is given while this value lives, so that a
/// program may be killed and started on it again.
#[derive(Debug)]
pub struct Reservation {
    port: u16,
    /// The lock goes with the file, and with the process however it ends.
    _lock: File,
}

impl Reservation {
    /// Reserves a port.
    ///
    /// # Errors
    /// [`StageError::Io`] when the locks in the temporary folder cannot be made, or no port is free.
    pub fn new() -> Result<Self, StageError> {
        let user = rustix::process::getuid().as_raw();
        let folder = std::env::temp_dir().join(format!("orchestra-ports-{user}"));
        fs::create_dir_all(&folder)
            .map_err(StageError::io(format!("make the folder {}", folder.display())))?;
        // Where the search begins is spread by process, so that many at once do not queue for one lock.
        let spread = u16::try_from(std::process::id() % u32::from(END - FIRST)).unwrap_or(0);
        for step in 0..END - FIRST {
            let port = FIRST + (spread + step) % (END - FIRST);
            let path = folder.join(port.to_string());
            let lock = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(StageError::io(format!("open the lock {}", path.display())))?;
            if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() && !in_use(local(port)) {
                return Ok(Self { port, _lock: lock });
            }
        }
        Err(StageError::Io {
            action: format!("find a free port between {FIRST} and {END}"),
            source: std::io::ErrorKind::AddrInUse.into(),
        })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Whether something listens on an address already (or it cannot be listened on at all).
pub fn in_use(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err()
}

/// The address of a port on this machine.
pub(crate) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_reservations_never_give_the_same_port() {
        let held: Vec<Reservation> = (0..20).map(|_| Reservation::new().unwrap()).collect();
        let mut ports: Vec<u16> = held.iter().map(Reservation::port).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 20);
    }

    #[test]
    fn a_port_with_a_listener_is_in_use_and_free_again_afterwards() {
        let reservation = Reservation::new().unwrap();
        let listener = TcpListener::bind(local(reservation.port())).unwrap();
        assert!(in_use(local(reservation.port())));
        drop(listener);
        assert!(!in_use(local(reservation.port())));
    }
}
