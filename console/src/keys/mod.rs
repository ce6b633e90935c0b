//! One registry of what can be done, by which key, where, and how much harm it can do.
//!
//! The footer, the help, the palette and the box after a prefix are all drawn from [`REGISTRY`], and so is what
//! `orchestra-console keys` prints. A key means one thing wherever it means something: no two entries whose places
//! overlap share one. The palette runs an entry by replaying its key, so it goes around no confirmation.

mod chord;
mod entry;
mod keymap;
mod place;
mod registry;
mod remap;

pub use chord::{Chord, ChordError, Keys, Stroke};
pub use entry::{Danger, Entry, Group};
pub use keymap::{Found, Keymap};
pub use place::{Page, Place, Where};
pub use registry::{PREFIXES, REGISTRY};
pub use remap::RemapError;
