//! What one message of a burst says.

use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// A message as it came down in reality: one line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// When it was received.
    pub received_at: Timestamp,
    /// What it is.
    pub kind: MessageKind,
    /// What it says.
    pub facts: Facts,
}

/// The kinds of messages; each is one or several packets, or withdraws earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// ECLAIRs saw something new.
    EclAlert,
    /// ECLAIRs saw something of its catalogue.
    EclCatalog,
    /// GRM counted more than it should.
    GrmTrigger,
    /// MXT has a position of this quality, 1 the best.
    MxtPosition(u8),
    /// MXT has a better one.
    MxtUpdate(u8),
    /// The satellite turns to it.
    Slewing,
    /// The satellite does not.
    NotSlewing,
    /// It was no burst after all, says ECLAIRs.
    EclRetraction,
}

/// Who saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Instrument {
    /// The coded-mask telescope that triggers.
    #[serde(rename = "ECLAIRs")]
    Eclairs,
    /// The gamma-ray monitor.
    #[serde(rename = "GRM")]
    Grm,
    /// The X-ray telescope.
    #[serde(rename = "MXT")]
    Mxt,
}

/// The content of a message; what it does not say is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// The trigger time.
    pub t0: Timestamp,
    /// Right ascension, J2000, in degrees.
    pub ra_deg: Option<f64>,
    /// Declination, J2000, in degrees.
    pub dec_deg: Option<f64>,
    /// The radius of the error circle in degrees; -1 when the instrument has none to give.
    pub error_deg: Option<f64>,
    /// Signal to noise.
    pub snr: Option<f64>,
    /// The time over which it was strongest, in seconds.
    pub timescale_s: Option<f64>,
    /// Which trigger: `IMT` (image) or `CRT` (count rate).
    pub trigger: Option<&'static str>,
    /// What came of the wish to turn to it: `requested`, `accepted`, `rejected`, `not-requested`.
    pub slew: Option<&'static str>,
}

impl MessageKind {
    /// The packets that carry it, in the order of reality; none for a retraction.
    pub fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::EclAlert | Self::EclCatalog => &[
                "EclTmVhfAlert",
                "EclTmVhfHPLcurve",
                "SvoTmVhfAttOrb",
                "EclTmVhfSubImage",
            ],
            Self::GrmTrigger => &["GrmTmVhfTrigger", "GrmTmVhfLcurve", "SvoTmVhfAttOrb"],
            Self::MxtPosition(_) | Self::MxtUpdate(_) => &["MxtTmVhfPosition", "MxtTmVhfPhotons"],
            Self::Slewing | Self::NotSlewing => &["SvoTmVhfSlew"],
            Self::EclRetraction => &[],
        }
    }

    /// Whose message it is.
    pub fn instrument(self) -> Instrument {
        match self {
            Self::EclAlert | Self::EclCatalog | Self::Slewing | Self::NotSlewing | Self::EclRetraction => {
                Instrument::Eclairs
            }
            Self::GrmTrigger => Instrument::Grm,
            Self::MxtPosition(_) | Self::MxtUpdate(_) => Instrument::Mxt,
        }
    }

    /// Whether it withdraws what its instrument sent before.
    pub fn is_retraction(self) -> bool {
        match self {
            Self::EclRetraction => true,
            Self::EclAlert
            | Self::EclCatalog
            | Self::GrmTrigger
            | Self::MxtPosition(_)
            | Self::MxtUpdate(_)
            | Self::Slewing
            | Self::NotSlewing => false,
        }
    }

    /// The kind from its word in the table.
    pub fn parse(word: &str) -> Option<Self> {
        let quality = |digit: &str| digit.parse().ok().filter(|quality| (1..=4).contains(quality));
        Some(match word {
            "ecl-alert" => Self::EclAlert,
            "ecl-catalog" => Self::EclCatalog,
            "grm-trigger" => Self::GrmTrigger,
            "slewing" => Self::Slewing,
            "not-slewing" => Self::NotSlewing,
            "ecl-retraction" => Self::EclRetraction,
            other => match other.split_once("-q")? {
                ("mxt-position", digit) => Self::MxtPosition(quality(digit)?),
                ("mxt-update", digit) => Self::MxtUpdate(quality(digit)?),
                _ => return None,
            },
        })
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EclAlert => f.write_str("ecl-alert"),
            Self::EclCatalog => f.write_str("ecl-catalog"),
            Self::GrmTrigger => f.write_str("grm-trigger"),
            Self::MxtPosition(quality) => write!(f, "mxt-position-q{quality}"),
            Self::MxtUpdate(quality) => write!(f, "mxt-update-q{quality}"),
            Self::Slewing => f.write_str("slewing"),
            Self::NotSlewing => f.write_str("not-slewing"),
            Self::EclRetraction => f.write_str("ecl-retraction"),
        }
    }
}

impl Instrument {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eclairs => "ECLAIRs",
            Self::Grm => "GRM",
            Self::Mxt => "MXT",
        }
    }

    /// Whether an input is one of its own; the satellite's (`Svo..`) are nobody's.
    pub fn owns(self, input: &str) -> bool {
        input.starts_with(match self {
            Self::Eclairs => "Ecl",
            Self::Grm => "Grm",
            Self::Mxt => "Mxt",
        })
    }

    /// The input by which it first tells of a burst.
    pub fn alert(self) -> &'static str {
        match self {
            Self::Eclairs => "EclTmVhfAlert",
            Self::Grm => "GrmTmVhfTrigger",
            Self::Mxt => "MxtTmVhfPosition",
        }
    }
}
