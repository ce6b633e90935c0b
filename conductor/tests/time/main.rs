//! Where time goes and when things will be there, over nights that the pure core plays with a simulated clock.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calibration;
mod night;
mod timeline;
