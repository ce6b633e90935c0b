//! The pure decider: folds events into observations and says what to do next.
//!
//! ```text
//!                 Event                         Command
//!   shell ───────────────────▶ Observation ───────────────────▶ shell
//!          apply(graph, now, ..)    │  Enqueue / Withdraw / Release
//!                                   ▼
//!                                Provider ── admit(now, room) ──▶ Event::Admitted, back into apply
//! ```
//!
//! Two aggregates and no IO, no clock, no randomness: [`Observation`] knows what the cells of one observation
//! have, want and are doing; [`Provider`] knows how much one pipeline may be given at a time. The shell
//! loads, applies, stores [`Changes`], and only then carries out the [`Command`]s. The effects of a command
//! come back only as events. After a crash [`Observation::outstanding`] lists what to do again; every command
//! is idempotent by its run id and attempt.
//!
//! Four questions change nothing: [`Observation::judge`] (what a request would do), [`Observation::foresee`]
//! (what another command of an operator would do), [`Observation::outlook`] (how a cell is shown) and
//! [`Observation::explain`] (why). `tests/scenarios` tells the rules by example.

mod begin;
mod cell;
mod changes;
mod command;
mod datum;
mod decide;
mod entry;
mod event;
mod explain;
mod explanation;
mod fault;
mod foresee;
mod grace;
mod hold;
mod need;
mod observation;
mod on;
mod outlook;
mod provider;
mod reason;
mod record;
mod repeats;
mod run;
mod settle;
mod verb;
mod verdict;
mod view;
mod vigil;

pub use cell::Cell;
pub use changes::Changes;
pub use command::{Command, Order, Want};
pub use datum::{Datum, Identity};
pub use event::{Answer, Arrival, Event, ManualRequest, Report};
pub use explanation::{Blocker, BlockerKind, Explanation, Next};
pub use fault::{Budget, Failures, Fault};
pub use foresee::{Foreseen, ForeseenGraph};
pub use observation::Observation;
pub use provider::{Open, Provider, ProviderView, Restraint, RestraintKind};
pub use reason::Reason;
pub use run::{EndedAttempt, HeldTime, Run, Trigger};
pub use verb::{Signature, Verb};
pub use verdict::Verdict;
