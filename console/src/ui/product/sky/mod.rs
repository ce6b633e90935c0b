//! Places on the sky: their coordinates, how they are written, and how they come onto a flat map.

mod frames;
mod hammer;
mod written;

pub use frames::{Ecliptic, Equatorial, Galactic};
pub use hammer::hammer;
pub use written::{angle, declination, right_ascension};
