//! Where a round can break.

/// What a round waits for, in the order of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// The ledger gives its number.
    Claim,
    /// The stream takes its announcement.
    Publish,
    /// The announcement comes back from the stream, and is committed.
    Hear,
    /// Its pipeline, asked by a POST, makes its product.
    Post,
    /// The SDB takes the product.
    Import,
    /// The SDB's announcement comes back from the stream, and is committed.
    Announce,
    /// Nothing more: it is round.
    Round,
}

impl Hop {
    /// Its name, in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Publish => "publish",
            Self::Hear => "hear",
            Self::Post => "post",
            Self::Import => "import",
            Self::Announce => "announce",
            Self::Round => "round",
        }
    }

    /// What did not happen, for a person.
    pub fn broken(self) -> &'static str {
        match self {
            Self::Claim => "the ledger does not give it a number",
            Self::Publish => "NATS does not take its announcement",
            Self::Hear => "its announcement does not come back from the stream DATA",
            Self::Post => "its pipeline, in the conductor itself, does not make its product",
            Self::Import => "the SDB does not take its product",
            Self::Announce => "what the SDB announces of it does not come back from the stream DATA",
            Self::Round => "it is round",
        }
    }
}

impl std::fmt::Display for Hop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
