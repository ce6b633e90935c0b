//! The identity of a run.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The longest `run_id`, in characters.
const MAX_CHARS: usize = 64;

/// One request to make one cell from one set of inputs: opaque, `[A-Za-z0-9._-]{1,64}`, unique per
/// provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$"))]
pub struct RunId(SmolStr);

/// Why a text is no `run_id`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("run_id {0:?} is not 1 to 64 of A-Z a-z 0-9 . _ -")]
pub struct RunIdError(SmolStr);

/// How much of a wrong `run_id` an error message repeats.
const EXCERPT_CHARS: usize = 80;

impl RunId {
    /// The id made of a uuid, as `run_` and its 32 hexadecimal digits.
    pub fn from_uuid(uuid: uuid::Uuid) -> Self {
        Self(smol_str::format_smolstr!("run_{}", uuid.simple()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<SmolStr> for RunId {
    type Error = RunIdError;

    fn try_from(text: SmolStr) -> Result<Self, RunIdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if text.is_empty() || text.len() > MAX_CHARS || !text.bytes().all(allowed) {
            return Err(RunIdError(text.chars().take(EXCERPT_CHARS).collect()));
        }
        Ok(Self(text))
    }
}

impl std::str::FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        Self::try_from(SmolStr::new(text))
    }
}

impl From<RunId> for SmolStr {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_ours_is_a_valid_id() {
        let id = RunId::from_uuid(uuid::Uuid::nil());
        assert_eq!(id.as_str(), "run_00000000000000000000000000000000");
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn a_path_is_no_id() {
        assert!("a/b".parse::<RunId>().is_err());
        assert!("".parse::<RunId>().is_err());
        assert!("x".repeat(65).parse::<RunId>().is_err());
    }
}
