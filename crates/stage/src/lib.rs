//! Starts, awaits, prefixes and stops the programs of the orchestra in order.
//!
//! A [`Cast`] says which programs there are, on which ports and with which data; a [`Stage`] runs them: in
//! order, each awaited, its lines kept in `log/NAME.log`, its death told and survived by the others, and on
//! the way out stopped in reverse. Behind `just up`, `just demo` and the tests.

mod cast;
mod error;
mod log_file;
mod nats;
mod output;
mod part;
mod port;
mod process;
mod program;
mod ready;
mod report;
mod screen;
mod stage;

pub use cast::{CONDUCTOR, Cast, MOCK_PIPELINE, MOCK_VHF, NATS, Ports, SDB, forget};
pub use error::StageError;
pub use nats::find_server;
pub use port::{Reservation, in_use};
pub use process::{Ending, become_program};
pub use program::{Program, Readiness};
pub use report::{Report, State};
pub use screen::Screen;
pub use stage::{Death, Stage, StageOptions};
