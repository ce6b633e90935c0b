//! The conductor, `docs/protocol.md` section 3.3.

mod acts;
mod alert;
mod audit;
mod cell;
mod expected;
mod graph;
mod manual;
mod observation;
mod provider;
mod report;
mod run;
mod selector;
mod timeline;
mod why;

pub use acts::{GraceAction, GraceRequest, NoteQuery, NoteRequest, NoteView, PriorityRequest};
pub use alert::{AcknowledgeRequest, Acknowledged, AcknowledgementView, AlertView, Notice};
pub use audit::EventView;
pub use cell::{Cell, CellView};
pub use expected::{Eta, Expected};
pub use graph::{
    CellsChange, FieldChange, GraphChange, GraphProduct, GraphQuery, GraphView, NameChange, NamesChange,
    UnfinishedChange,
};
pub use manual::{BackfillRequest, ManualAnswer, ManualRequest};
pub use observation::{Counts, ObservationItem, ObservationQuery, ObservationView};
pub use provider::{ProviderRequest, ProviderView};
pub use report::{FailureGroup, HeldCell, LateRun, ReportFormat, ReportQuery, ReportView, Retried};
pub use run::{AttemptState, AttemptView, RunQuery, RunView};
pub use selector::{Selector, Touched, TouchedCell};
pub use timeline::{PathStep, ProductTimeline, Segment, SegmentKind, TimelineView};
pub use why::{Blocker, BlockerKind, Next, Why};
