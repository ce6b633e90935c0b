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
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 5] = [
        Self::Matrix,
        Self::Running,
        Self::Failures,
        Self::Services,
        Self::Events,
    ];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matrix => "Observations",
            Self::Running => "Running",
            Self::Failures => "Failures",
            Self::Services => "Services",
            Self::Events => "Events",
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
                let names: Vec<&str> = places.iter().map(|place| place.name()).collect();
                f.pad(&names.join(", "))
            }
        }
    }
}
