//! How one product is made, and what a provider is like: the keys of graph.json, with their defaults.

use crate::NodeId;
use domain::{Attempt, ProviderName};
use std::time::Duration;
use url::Url;

/// `wait_in_progress` where the graph does not say it: long enough for most pipelines to end.
pub const DEFAULT_WAIT_IN_PROGRESS: Duration = Duration::from_mins(1);

/// `wait_optional` where the graph does not say it: an alert does not wait for what nobody makes yet.
pub const DEFAULT_WAIT_OPTIONAL: Duration = Duration::ZERO;

/// `wait_repeats` where the graph does not say it: alerts are repeated within seconds, and a second run takes them all.
pub const DEFAULT_WAIT_REPEATS: Duration = Duration::from_secs(10);

/// `timeout` where the graph does not say it.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// `attempts` where the graph does not say it.
pub const DEFAULT_ATTEMPTS: u32 = 3;

/// `backoff` where the graph does not say it: the wait after the first failed attempt.
pub const DEFAULT_BACKOFF: Duration = Duration::from_secs(5);

/// The longest wait between two attempts, however often it was doubled.
pub const BACKOFF_CAP: Duration = Duration::from_mins(5);

/// The longest duration a graph may name: beyond it a slip of the pen is likelier than a wish, and
/// deadlines stay far from the end of the calendar.
pub const MAX_DURATION: Duration = Duration::from_hours(366 * 24);

/// The most attempts a graph may grant: at the longest backoff, three and a half days of them.
pub const MAX_ATTEMPTS: u32 = 1000;

/// How one product is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// `m_input`: without each of these there is no run. Never empty; rising.
    pub mandatory: Vec<NodeId>,
    /// `o_input`: used where they are there. Rising, and none of them mandatory.
    pub optional: Vec<NodeId>,
    /// Who makes it.
    pub provider: ProviderName,
    /// The base of the pipeline's REST interface: the request goes to `{url}/processing`.
    pub url: Url,
    /// How long at most the product waits for an optional input that is itself being made or re-made.
    pub wait_in_progress: Duration,
    /// How long, once all mandatory inputs are there, it waits for optional ones that nobody makes yet.
    pub wait_optional: Duration,
    /// How long after a run of it was queued its product stands before newer inputs make it again.
    pub wait_repeats: Duration,
    /// Whether a ready cell is held until somebody approves.
    pub approve: bool,
    /// When the product is overdue.
    pub due: Option<Due>,
    /// The column on screen; `None` means the provider's name. See [`Recipe::group`].
    pub group: Option<String>,
    /// What a newer input does to a product that is made.
    pub on_new_input: OnNewInput,
    /// How long one attempt may take, from `running` or else from the provider's 202.
    pub timeout: Duration,
    /// How many attempts a run has.
    pub attempts: u32,
    /// The wait after the first failed attempt; see [`Recipe::backoff_after`].
    pub backoff: Duration,
    /// Which ready cells of a provider go first: higher ones.
    pub priority: i32,
    /// How long a run usually takes, to show before there is history.
    pub expected: Option<Duration>,
    /// A sentence for a person.
    pub description: Option<String>,
}

impl Recipe {
    /// A recipe with every default, made from nothing yet.
    pub(crate) fn new(provider: ProviderName, url: Url) -> Self {
        Self {
            mandatory: Vec::new(),
            optional: Vec::new(),
            provider,
            url,
            wait_in_progress: DEFAULT_WAIT_IN_PROGRESS,
            wait_optional: DEFAULT_WAIT_OPTIONAL,
            wait_repeats: DEFAULT_WAIT_REPEATS,
            approve: false,
            due: None,
            group: None,
            on_new_input: OnNewInput::default(),
            timeout: DEFAULT_TIMEOUT,
            attempts: DEFAULT_ATTEMPTS,
            backoff: DEFAULT_BACKOFF,
            priority: 0,
            expected: None,
            description: None,
        }
    }

    /// A recipe to read options into where provider or URL is wrong; it is thrown away.
    pub(crate) fn placeholder() -> Self {
        let name = "placeholder".parse().expect("letters are a name");
        let url = Url::parse("http://placeholder").expect("a scheme and a host are a URL");
        Self::new(name, url)
    }

    /// The column on screen: the group that the graph names, or else the provider.
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(self.provider.as_str())
    }

    /// How long to wait after `attempt` has failed: `backoff`, doubled with each attempt, and never more
    /// than [`BACKOFF_CAP`]. Jitter is the caller's.
    pub fn backoff_after(&self, attempt: Attempt) -> Duration {
        let doublings = attempt.0.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.backoff.saturating_mul(factor).min(BACKOFF_CAP)
    }

    /// Every input with whether it is mandatory: the mandatory ones, then the optional ones.
    pub fn inputs(&self) -> impl Iterator<Item = (NodeId, bool)> + '_ {
        let mandatory = self.mandatory.iter().map(|id| (*id, true));
        mandatory.chain(self.optional.iter().map(|id| (*id, false)))
    }
}

/// From when, and for how long, a product is not overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What starts the clock.
    pub from: DueFrom,
    /// The time that is granted.
    pub within: Duration,
}

/// What starts the clock of [`Due`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueFrom {
    /// The first datum of the observation that leads to the product.
    FirstInput,
}

impl DueFrom {
    /// Every choice with its word in graph.json.
    pub(crate) const WORDS: &[(&str, Self)] = &[("first_input", Self::FirstInput)];

    /// The word in graph.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstInput => "first_input",
        }
    }
}

/// What a newer input does to a product that is made already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewInputPolicy {
    /// Make it again.
    Rerun,
    /// Show it as `stale` and leave it.
    MarkStale,
    /// Nothing.
    Ignore,
}

impl NewInputPolicy {
    /// Every choice with its word in graph.json.
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("rerun", Self::Rerun),
        ("mark_stale", Self::MarkStale),
        ("ignore", Self::Ignore),
    ];

    /// The word in graph.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rerun => "rerun",
            Self::MarkStale => "mark_stale",
            Self::Ignore => "ignore",
        }
    }
}

/// The policy for each kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnNewInput {
    /// For a newer mandatory input.
    pub mandatory: NewInputPolicy,
    /// For a newer, or a withdrawn, optional input.
    pub optional: NewInputPolicy,
}

impl Default for OnNewInput {
    fn default() -> Self {
        Self {
            mandatory: NewInputPolicy::Rerun,
            optional: NewInputPolicy::MarkStale,
        }
    }
}

/// One pipeline service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSpec {
    /// The base of its REST interface: that of its entry under `providers`, or else of its first product.
    /// `None` for an entry without `url` that no product uses.
    pub url: Option<Url>,
    /// How many runs it may have at once; `None`: its own 429 is the limit.
    pub max_in_flight: Option<u32>,
    /// What a request to it carries.
    pub request: RequestForm,
    /// What it makes; rising.
    pub products: Vec<NodeId>,
}

/// What the body of a request carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequestForm {
    /// Everything that the protocol names.
    #[default]
    Full,
    /// Exactly `{product, obs_id}`, for a pipeline that takes no more.
    Minimal,
}

impl RequestForm {
    /// Every choice with its word in graph.json.
    pub(crate) const WORDS: &[(&str, Self)] = &[("full", Self::Full), ("minimal", Self::Minimal)];

    /// The word in graph.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_the_cap() {
        let recipe = Recipe::new("p".parse().unwrap(), "http://p".parse().unwrap());
        let waits: Vec<u64> = (1..=9)
            .map(|n| recipe.backoff_after(Attempt(n)).as_secs())
            .collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(recipe.backoff_after(Attempt(u32::MAX)), BACKOFF_CAP);
        assert_eq!(recipe.backoff_after(Attempt(0)), DEFAULT_BACKOFF);
    }

    #[test]
    fn the_words_are_those_that_are_read() {
        assert!(DueFrom::WORDS.iter().all(|(word, it)| it.as_str() == *word));
        assert!(
            NewInputPolicy::WORDS
                .iter()
                .all(|(word, it)| it.as_str() == *word)
        );
        assert!(RequestForm::WORDS.iter().all(|(word, it)| it.as_str() == *word));
    }
}
