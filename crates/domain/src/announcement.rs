//! `data.<source>`: new data is available.

use crate::{
    Attempt, InputRef, JsonObject, NameError, ObsId, ObsIdError, ProductName, ProviderName, RunId, Sha256,
    Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The largest announcement that is read, in bytes: a nats-server's default `max_payload`.
pub const MAX_ANNOUNCEMENT_BYTES: usize = 1024 * 1024;

/// A message on `data.<source>`. `{"product": "EclTmVhfAlert", "obs_id": 42}` is a complete one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Announcement {
    /// The product; left out only to retract every input of the observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductName>,
    /// The observation.
    pub obs_id: ObsId,
    /// The publisher's own number of this datum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Where the bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The checksum of the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// The number of bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The burst that the observation follows, `sbYYMMDDnn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub burst_id: Option<SmolStr>,
    /// When the publisher had it; for display, never for order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub at: Option<Timestamp>,
    /// Withdraws `version`, or without one all that are known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retracted: bool,
    /// Says that this product will not come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// Anything else the publisher wants to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub meta: Option<JsonObject>,
    /// From the provenance (`data.sdb`): the run that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// From the provenance (`data.sdb`): the attempt of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// From the provenance (`data.sdb`): the pipeline that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
    /// From the provenance (`data.sdb`): what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<InputRef>>,
}

/// Why bytes are no announcement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// More bytes than [`MAX_ANNOUNCEMENT_BYTES`].
    #[error("a message of {0} bytes is larger than {MAX_ANNOUNCEMENT_BYTES}")]
    TooLarge(usize),
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// JSON, but no object.
    #[error("not a JSON object but {0}; {EXAMPLE}")]
    NotAnObject(&'static str),
    /// A field that must be there.
    #[error("{0} is missing; {EXAMPLE}")]
    Missing(&'static str),
    /// The product's name is wrong.
    #[error("product: {0}")]
    Product(NameError),
    /// The `obs_id` is wrong.
    #[error("{0}")]
    ObsId(ObsIdError),
    /// Another field is of the wrong kind.
    #[error("{0}")]
    Field(String),
}

const EXAMPLE: &str = r#"a complete message is {"product": "EclTmVhfAlert", "obs_id": 42}"#;

impl Announcement {
    /// The shortest announcement: this product of this observation is there.
    pub fn of(product: ProductName, obs_id: ObsId) -> Self {
        Self {
            product: Some(product),
            obs_id,
            version: None,
            href: None,
            sha256: None,
            size: None,
            burst_id: None,
            at: None,
            retracted: false,
            absent: false,
            meta: None,
            run_id: None,
            attempt: None,
            provider: None,
            inputs: None,
        }
    }

    /// Reads a message body, and says what is wrong with one that cannot be used.
    pub fn decode(body: &[u8]) -> Result<Self, AnnouncementError> {
        if body.len() > MAX_ANNOUNCEMENT_BYTES {
            return Err(AnnouncementError::TooLarge(body.len()));
        }
        match serde_json::from_slice::<Self>(body) {
            Ok(announcement) if announcement.product.is_none() && !announcement.retracted => {
                Err(AnnouncementError::Missing("product"))
            }
            Ok(announcement) => Ok(announcement),
            Err(error) => Err(explain(body, &error)),
        }
    }
}

/// Looks at a body that did not parse again, slowly, for the message that helps its author most.
fn explain(body: &[u8], error: &serde_json::Error) -> AnnouncementError {
    use serde_json::Value;
    let object = match serde_json::from_slice::<Value>(body) {
        Err(error) => return AnnouncementError::NotJson(error.to_string()),
        Ok(Value::Object(object)) => object,
        Ok(Value::Null) => return AnnouncementError::NotAnObject("null"),
        Ok(Value::Bool(_)) => return AnnouncementError::NotAnObject("a boolean"),
        Ok(Value::Number(_)) => return AnnouncementError::NotAnObject("a number"),
        Ok(Value::String(_)) => return AnnouncementError::NotAnObject("a text"),
        Ok(Value::Array(_)) => return AnnouncementError::NotAnObject("an array"),
    };
    if !object.contains_key("obs_id") {
        return AnnouncementError::Missing("obs_id");
    }
    if let Some(Value::String(text)) = object.get("obs_id")
        && let Err(error) = text.parse::<ObsId>()
    {
        return AnnouncementError::ObsId(error);
    }
    if let Some(Value::String(text)) = object.get("product")
        && let Err(error) = text.parse::<ProductName>()
    {
        return AnnouncementError::Product(error);
    }
    AnnouncementError::Field(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        Announcement::decode(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_shortest_message_is_complete() {
        let read = Announcement::decode(br#"{"product":"EclTmVhfAlert","obs_id":42,"else":[1]}"#).unwrap();
        let short = Announcement::of("EclTmVhfAlert".parse().unwrap(), "42".parse().unwrap());
        assert_eq!(read, short);
        assert_eq!(
            serde_json::to_string(&short).unwrap(),
            r#"{"product":"EclTmVhfAlert","obs_id":42}"#
        );
    }

    #[test]
    fn a_retraction_may_leave_out_the_product() {
        assert!(
            Announcement::decode(br#"{"obs_id":42,"retracted":true}"#)
                .unwrap()
                .retracted
        );
    }

    #[test]
    fn each_mistake_is_named() {
        assert!(refusal("EclTmVhfAlert 42").starts_with("not JSON: expected value at line 1"));
        assert!(refusal("[]").starts_with("not a JSON object but an array; a complete message is"));
        assert!(refusal(r#"{"product":"A"}"#).starts_with("obs_id is missing;"));
        assert!(refusal(r#"{"obs_id":1}"#).starts_with("product is missing;"));
        assert_eq!(
            refusal(r#"{"product":"A","obs_id":"../x"}"#),
            "'/' is not allowed in an obs_id; it takes A-Z a-z 0-9 . _ -"
        );
        assert_eq!(
            refusal(r#"{"product":"A b","obs_id":1}"#),
            "product: ' ' is not allowed in a name; it takes A-Z a-z 0-9 _ -"
        );
        assert!(refusal(r#"{"product":"A","obs_id":-1}"#).contains("outside of 0..2^53-1"));
        assert!(refusal(r#"{"product":"A","obs_id":1,"version":"x"}"#).contains("invalid type"));
    }
}
