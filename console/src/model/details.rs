//! What was asked for about single cells and observations, and what came of acts: the last few of each.

use super::{ActId, CellId, Outcome};
use api::conductor::{AlertView, CellView, RunView, TimelineView};
use api::pipeline::{ProcessingRun, ProductOffer};
use api::sdb::ProductRecord;
use domain::{ObsId, ProviderName, RunId, RunState, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// So many answers are kept: who goes back and forth between some cells does not wait again.
const MAX_ANSWERS: usize = 32;
/// Bytes that are taken of a product: what a person can look at, and what can be drawn. The rest stays in the SDB.
pub const MAX_BODY: usize = 4 * 1024 * 1024;
/// So many bodies are kept among them: who goes back and forth between two versions does not wait again.
const MAX_BODIES: usize = 2;
/// So many outcomes are kept.
const MAX_OUTCOMES: usize = 32;

/// What is asked about a cell or an observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The cell, its runs, and why it is as it is.
    Cell(CellId),
    /// The latency waterfall of an observation.
    Timeline(ObsId),
    /// The stored versions of a product.
    Versions(CellId),
    /// The bytes of a stored product: the latest version, or this one.
    Bytes(CellId, Option<Version>),
    /// What the pipeline at this URL makes, and with which parameters.
    Offers(String),
    /// What the pipeline at this URL says of the latest run of a cell: its last lines of log.
    Job(CellId, String, RunId),
    /// What calls for a human, and what did.
    Alerts,
    /// The newest runs.
    Runs(WantedRuns),
    /// The hand-over of the shift that began then.
    Report(Timestamp),
}

/// Which runs are asked for; all that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WantedRuns {
    /// Runs in this state.
    pub state: Option<RunState>,
    /// Runs of this provider.
    pub provider: Option<ProviderName>,
    /// Runs decided at this time or later.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// So many at most.
    pub limit: u32,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The cell, its runs, and why it is as it is.
    Cell(Box<CellView>),
    /// The latency waterfall of an observation.
    Timeline(Box<TimelineView>),
    /// The stored versions of a product, the newest first.
    Versions(CellId, Vec<ProductRecord>),
    /// The bytes of a stored product.
    Bytes(CellId, Option<Version>, Body),
    /// What the pipeline at this URL makes; nothing if it does not say.
    Offers(String, Vec<ProductOffer>),
    /// What the pipeline at this URL says of a run; nothing if it does not know it, or does not say.
    Job(CellId, String, RunId, Option<Box<ProcessingRun>>),
    /// What calls for a human, the worst first, and what did.
    Alerts(Vec<AlertView>),
    /// The newest runs, and whether there are more.
    Runs(WantedRuns, Vec<RunView>, bool),
    /// The hand-over of the shift, in Markdown.
    Report(Timestamp, String),
    /// There is no answer, for this reason.
    None(Question, String),
}

/// The bytes of a product, or their beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// What the importer called them.
    pub content_type: Option<String>,
    /// How many there are in the SDB, if it says so.
    pub size: Option<u64>,
    /// Those that were taken.
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
    /// Whether there are more than were taken.
    pub is_cut: bool,
}

/// The last answers and outcomes.
#[derive(Debug, Clone, Default)]
pub struct Details {
    answers: VecDeque<(Question, Timestamp, Answer)>,
    outcomes: VecDeque<Outcome>,
}

impl Answer {
    /// What was asked.
    pub fn question(&self) -> Question {
        match self {
            Self::Cell(view) => Question::Cell(CellId {
                obs_id: view.obs_id.clone(),
                product: view.cell.product.clone(),
            }),
            Self::Timeline(view) => Question::Timeline(view.obs_id.clone()),
            Self::Versions(cell, _) => Question::Versions(cell.clone()),
            Self::Bytes(cell, version, _) => Question::Bytes(cell.clone(), *version),
            Self::Offers(url, _) => Question::Offers(url.clone()),
            Self::Job(cell, url, run_id, _) => Question::Job(cell.clone(), url.clone(), run_id.clone()),
            Self::Alerts(_) => Question::Alerts,
            Self::Runs(wanted, _, _) => Question::Runs(wanted.clone()),
            Self::Report(since, _) => Question::Report(*since),
            Self::None(question, _) => question.clone(),
        }
    }
}

impl Details {
    /// The last answer to a question, and when it came.
    pub fn answer(&self, question: &Question) -> Option<(Timestamp, &Answer)> {
        let found = self.answers.iter().find(|(asked, _, _)| asked == question);
        found.map(|(_, at, answer)| (*at, answer))
    }

    /// What came of an act; none while it is under way.
    pub fn outcome(&self, act: &ActId) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.act == *act)
    }

    /// What came of the last acts, the newest first.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter()
    }

    pub(super) fn answered(&mut self, now: Timestamp, answer: Answer) {
        let question = answer.question();
        self.answers.retain(|(asked, _, _)| *asked != question);
        self.answers.truncate(MAX_ANSWERS - 1);
        self.answers.push_front((question, now, answer));
        let mut bodies = 0;
        self.answers.retain(|(_, _, answer)| {
            bodies += usize::from(matches!(answer, Answer::Bytes(..)));
            bodies <= MAX_BODIES || !matches!(answer, Answer::Bytes(..))
        });
    }

    pub(super) fn ended(&mut self, outcome: Outcome) {
        self.outcomes.truncate(MAX_OUTCOMES - 1);
        self.outcomes.push_front(outcome);
    }
}

/// Bytes in JSON.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
