//! Versions, revisions and attempts: three counters that must not be mixed up.

use serde::{Deserialize, Serialize};

macro_rules! number_type {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = $inner))]
        pub struct $name(pub $inner);

        impl $name {
            /// The first of its kind.
            pub const FIRST: Self = Self(1);

            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_type! {
    /// What a publisher calls the successive data of a cell; in the SDB 1, 2, 3 ... in order of import.
    Version(u64)
}
number_type! {
    /// The ledger's own number of a cell's successive data, wherever they came from, from 1. Revisions
    /// decide what is newer, never publishers' versions, counts or clocks.
    Revision(u64)
}
number_type! {
    /// One POST of a run to its provider, numbered from 1.
    Attempt(u32)
}
