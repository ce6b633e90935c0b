//! The link against real services that go away, hang and come back.
#![expect(clippy::unwrap_used, reason = "this is a test, its shared functions too")]

mod acts;
mod floods;
mod graphs;
mod losses;
mod recordings;
mod screen;
mod starts;
