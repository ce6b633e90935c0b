//! Names of products, providers and services: `[A-Za-z0-9_-]{1,64}`.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The longest name, in characters: names become path segments, subject tokens and screen columns.
const MAX_CHARS: usize = 64;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing between the quotes.
    #[error("a name is empty; it takes 1 to 64 of A-Z a-z 0-9 _ -")]
    Empty,
    /// More than 64 characters.
    #[error("a name of {0} characters is too long; at most 64 are allowed")]
    TooLong(usize),
    /// A character outside of the alphabet.
    #[error("{0:?} is not allowed in a name; it takes A-Z a-z 0-9 _ -")]
    Character(char),
}

fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(wrong) = text
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
    {
        return Err(NameError::Character(wrong));
    }
    if text.len() > MAX_CHARS {
        return Err(NameError::TooLong(text.len()));
    }
    Ok(())
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$"))]
        pub struct $name(SmolStr);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the name is reserved for the orchestra itself (it starts with `_`).
            pub fn is_reserved(&self) -> bool {
                self.0.starts_with('_')
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                check(text)?;
                Ok(Self(SmolStr::new(text)))
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = NameError;

            fn try_from(text: SmolStr) -> Result<Self, NameError> {
                check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for SmolStr {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type! {
    /// A named kind of scientific data: `QPO_ECL`, or an input such as `EclTmVhfAlert`.
    ProductName
}
name_type! {
    /// The pipeline service that makes a product: `qpo_ecl_pipeline`.
    ProviderName
}
name_type! {
    /// A service on NATS, the second token of `data.<source>` and `activity.<service>`: `sdb`, `vhf`.
    ServiceName
}

impl From<ProviderName> for ServiceName {
    fn from(provider: ProviderName) -> Self {
        Self(provider.0)
    }
}

impl From<ServiceName> for ProviderName {
    fn from(service: ServiceName) -> Self {
        Self(service.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_mission_are_names() {
        for text in ["QPO_ECL", "SVO-ATT-VHF", "EclTmVhfAlert", "_canary", "a"] {
            assert_eq!(
                text.parse::<ProductName>().map(|name| name.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_is_unsafe_in_a_subject_or_a_path_is_no_name() {
        assert_eq!("".parse::<ProductName>(), Err(NameError::Empty));
        assert_eq!("a.b".parse::<ProductName>(), Err(NameError::Character('.')));
        assert_eq!("../../etc".parse::<ProductName>(), Err(NameError::Character('.')));
        assert_eq!("é".parse::<ProductName>(), Err(NameError::Character('é')));
        assert_eq!("a".repeat(65).parse::<ProductName>(), Err(NameError::TooLong(65)));
    }

    #[test]
    fn json_goes_through_the_same_door() {
        assert!(serde_json::from_str::<ProviderName>("\"a b\"").is_err());
        assert_eq!(
            serde_json::to_string(&"a-b".parse::<ProviderName>().unwrap()).unwrap(),
            "\"a-b\""
        );
    }
}
