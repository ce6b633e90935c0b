//! Where the focus is, and where a key means something.

/// Where the focus is: the pane or view that gets the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Overview: observations x products.
    Matrix,
    /// Overview: what runs.
    Running,
    /// Overview: what failed.
    Failures,
    /// Overview: who is alive.
    Services,
    /// Overview: what is said.
    Events,
    /// Observation: its graph.
    Graph,
    /// Observation: the product under the cursor.
    Detail,
    /// Observation: where its time went.
    Timeline,
    /// Observation: what was said of it.
    History,
    /// Who makes products, on the whole screen.
    Providers,
    /// The ledger of runs, on the whole screen.
    Runs,
    /// The hand-over of the shift, on the whole screen.
    Report,
    /// What calls for a human, on the whole screen.
    Alerts,
    /// A stored product, on the whole screen.
    Product,
}

/// What has the whole screen to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// Who makes products.
    Providers,
    /// The ledger of runs.
    Runs,
    /// The hand-over of the shift.
    Report,
    /// What calls for a human.
    Alerts,
    /// A stored product.
    Product,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 14] = [
        Self::Matrix,
        Self::Running,
        Self::Failures,
        Self::Services,
        Self::Events,
        Self::Graph,
        Self::Detail,
        Self::Timeline,
        Self::History,
        Self::Providers,
        Self::Runs,
        Self::Report,
        Self::Alerts,
        Self::Product,
    ];

    /// Those of the overview.
    pub const OVERVIEW: &'static [Self] = &[
        Self::Matrix,
        Self::Running,
        Self::Failures,
        Self::Services,
        Self::Events,
    ];

    /// Those of an observation.
    pub const OBSERVATION: &'static [Self] = &[Self::Graph, Self::Detail, Self::Timeline, Self::History];

    /// The places of its view, itself included; the first one is always seen.
    pub fn view(self) -> &'static [Self] {
        match self {
            Self::Matrix | Self::Running | Self::Failures | Self::Services | Self::Events => Self::OVERVIEW,
            Self::Graph | Self::Detail | Self::Timeline | Self::History => Self::OBSERVATION,
            Self::Providers => &[Self::Providers],
            Self::Runs => &[Self::Runs],
            Self::Report => &[Self::Report],
            Self::Alerts => &[Self::Alerts],
            Self::Product => &[Self::Product],
        }
    }

    /// Which page it is, if it has the whole screen.
    pub fn page(self) -> Option<Page> {
        match self {
            Self::Providers => Some(Page::Providers),
            Self::Runs => Some(Page::Runs),
            Self::Report => Some(Page::Report),
            Self::Alerts => Some(Page::Alerts),
            Self::Product => Some(Page::Product),
            Self::Matrix
            | Self::Running
            | Self::Failures
            | Self::Services
            | Self::Events
            | Self::Graph
            | Self::Detail
            | Self::Timeline
            | Self::History => None,
        }
    }

    /// Its number in its view, from 1.
    pub fn number(self) -> usize {
        self.view()
            .iter()
            .position(|place| *place == self)
            .map_or(1, |index| index + 1)
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matrix => "Observations",
            Self::Running => "Running",
            Self::Failures => "Failures",
            Self::Services => "Services",
            Self::Events => "Events",
            Self::Graph => "Graph",
            Self::Detail => "Detail",
            Self::Timeline => "Timeline",
            Self::History => "History",
            Self::Providers => "Providers",
            Self::Runs => "Runs",
            Self::Report => "Report",
            Self::Alerts => "Alerts",
            Self::Product => "Product",
        }
    }
}

/// Where an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Where {
    /// Everywhere.
    Anywhere,
    /// In these places.
    In(&'static [Place]),
}

impl Where {
    /// Whether it holds here.
    pub fn holds(self, place: Place) -> bool {
        match self {
            Self::Anywhere => true,
            Self::In(places) => places.contains(&place),
        }
    }

    /// Whether there is a place where both hold.
    pub fn overlaps(self, other: Self) -> bool {
        Place::ALL
            .into_iter()
            .any(|place| self.holds(place) && other.holds(place))
    }
}

impl std::fmt::Display for Where {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anywhere => f.pad("anywhere"),
            Self::In(places) => {
                // What holds in all of an observation is said in a word.
                let is_all = Place::OBSERVATION.iter().all(|place| places.contains(place));
                let is_told = |place: &&Place| !is_all || !Place::OBSERVATION.contains(place);
                let names = places.iter().filter(is_told).map(|place| place.name());
                let names: Vec<&str> = names.chain(is_all.then_some("an observation")).collect();
                f.pad(&names.join(", "))
            }
        }
    }
}
