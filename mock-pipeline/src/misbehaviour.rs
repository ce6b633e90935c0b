//! What a product does wrong on purpose, for tests of those who must cope with it.

use domain::{Attempt, ProductName};
use std::{fmt, num::NonZeroU32, str::FromStr};

/// A way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Never ends.
    Hang,
    /// Takes the whole process down.
    Crash,
    /// Stores two versions.
    ImportTwice,
    /// Says that it succeeded and has stored nothing.
    NoImport,
    /// Fails for good.
    Permanent,
    /// A bug in the pipeline's code.
    Panic,
    /// The POST is answered with this status.
    Refuse(u16),
}

/// Which product misbehaves, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisbehaviourOf {
    /// `None` means every product.
    product: Option<ProductName>,
    kind: Misbehaviour,
    /// The last attempt that misbehaves; `None` means all do.
    last: Option<Attempt>,
}

impl MisbehaviourOf {
    fn applies(&self, product: &ProductName, attempt: Attempt) -> bool {
        self.product.as_ref().is_none_or(|name| name == product)
            && self.last.is_none_or(|last| attempt <= last)
    }
}

/// What this attempt does wrong, if anything: the first that applies.
pub(crate) fn of(all: &[MisbehaviourOf], product: &ProductName, attempt: Attempt) -> Option<Misbehaviour> {
    all.iter()
        .find(|one| one.applies(product, attempt))
        .map(|one| one.kind)
}

impl fmt::Display for MisbehaviourOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.product {
            Some(product) => write!(f, "{product}={}", self.kind)?,
            None => write!(f, "*={}", self.kind)?,
        }
        match self.last {
            Some(last) => write!(f, ":{last}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Hang => "hang",
            Self::Crash => "crash",
            Self::ImportTwice => "import-twice",
            Self::NoImport => "no-import",
            Self::Permanent => "permanent",
            Self::Panic => "panic",
            Self::Refuse(status) => return write!(f, "refuse-{status}"),
        };
        f.write_str(text)
    }
}

impl FromStr for MisbehaviourOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (product, rest) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} is not PRODUCT=KIND, such as QPO_ECL=hang"))?;
        let (kind, last) = match rest.split_once(':') {
            Some((kind, last)) => {
                let last = last
                    .parse::<NonZeroU32>()
                    .map_err(|error| format!("{last:?} is no number of attempts: {error}"))?;
                (kind, Some(Attempt(last.get())))
            }
            None => (rest, None),
        };
        let product = match product {
            "*" => None,
            name => Some(name.parse().map_err(|error| format!("{name:?}: {error}"))?),
        };
        Ok(Self {
            product,
            kind: kind.parse()?,
            last,
        })
    }
}

impl FromStr for Misbehaviour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "hang" => Self::Hang,
            "crash" => Self::Crash,
            "import-twice" => Self::ImportTwice,
            "no-import" => Self::NoImport,
            "permanent" => Self::Permanent,
            "panic" => Self::Panic,
            "refuse" | "refuse-503" => Self::Refuse(503),
            "refuse-404" => Self::Refuse(404),
            "refuse-422" => Self::Refuse(422),
            "refuse-429" => Self::Refuse(429),
            "refuse-500" => Self::Refuse(500),
            other => {
                return Err(format!(
                    "{other:?} is none of hang, crash, import-twice, no-import, permanent, panic, refuse, refuse-404, refuse-422, refuse-429, refuse-500, refuse-503"
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_applies_counts() {
        let all: Vec<MisbehaviourOf> = ["A=hang:1", "A=permanent:2", "*=refuse"]
            .map(|text| text.parse().unwrap())
            .into();
        let (a, b) = ("A".parse().unwrap(), "B".parse().unwrap());
        let kinds = [1, 2, 3].map(|attempt| of(&all, &a, Attempt(attempt)));
        assert_eq!(
            kinds,
            [
                Some(Misbehaviour::Hang),
                Some(Misbehaviour::Permanent),
                Some(Misbehaviour::Refuse(503))
            ]
        );
        assert_eq!(of(&all, &b, Attempt(9)), Some(Misbehaviour::Refuse(503)));
        assert_eq!(of(&[], &b, Attempt(1)), None);
    }

    #[test]
    fn each_is_written_as_it_is_read() {
        for text in [
            "A=hang",
            "*=import-twice:3",
            "B=refuse-429",
            "C=no-import",
            "D=crash:1",
            "*=permanent",
            "E=panic",
        ] {
            assert_eq!(text.parse::<MisbehaviourOf>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_mistake_is_told_with_what_would_be_right() {
        for (text, expected) in [
            ("A", "PRODUCT=KIND"),
            ("A=nap", "none of hang"),
            ("A=hang:x", "attempts"),
            ("A=hang:0", "attempts"),
        ] {
            let error = text.parse::<MisbehaviourOf>().unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
