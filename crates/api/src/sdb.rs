//! The mission database, `docs/protocol.md` section 3.2.

use domain::{JsonObject, ObsId, ProductName, Provenance, ProviderName, Sha256, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One stored version of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProductRecord {
    /// The observation.
    pub obs_id: ObsId,
    /// The product.
    pub product: ProductName,
    /// Its version, 1, 2, 3 ... of the cell.
    pub version: Version,
    /// The number of bytes.
    pub size: u64,
    /// The checksum of the bytes.
    pub sha256: Sha256,
    /// What the importer called the bytes.
    pub content_type: String,
    /// When the import was durable.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Where the bytes are.
    pub href: String,
    /// `X-Meta` of the import.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    pub meta: Option<JsonObject>,
    /// `X-Provenance` of the import: how it was made.
    #[serde(default)]
    pub provenance: Option<Provenance>,
    /// The burst that the observation follows, from `meta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_id: Option<String>,
    /// That, when and why the version was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracted: Option<Retraction>,
}

/// The withdrawal of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Retraction {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// By whom, from `X-Operator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// `POST /products/{obs_id}/{product}/retract?version=N`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetractRequest {
    /// Why the version is withdrawn, for a person.
    pub reason: String,
}

/// `POST /products` with a JSON document: the mission prototype's way.
///
/// The product's bytes are the document itself, exactly as it was sent, of type `application/json`;
/// `meta`, `provenance` and `burst_id` in it are also read as the headers of the other way would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportDocument {
    /// The product.
    pub product: ProductName,
    /// The observation.
    pub obs_id: ObsId,
    /// As `X-Meta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub meta: Option<JsonObject>,
    /// As `X-Provenance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// The burst that the observation follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_id: Option<String>,
    /// Everything else that the document says.
    #[serde(flatten)]
    #[schema(value_type = serde_json::Value)]
    pub content: JsonObject,
}

/// One item of the SDB's `GET /observations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ObservationRecord {
    /// The observation.
    pub obs_id: ObsId,
    /// How many products (not versions) it has.
    pub products: u64,
    /// When the first version of any was imported.
    #[schema(value_type = String, format = DateTime)]
    pub first_import: Timestamp,
    /// When the latest was.
    #[schema(value_type = String, format = DateTime)]
    pub last_import: Timestamp,
}

/// The query of `GET /products`; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordQuery {
    /// Records of this observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub obs_id: Option<ObsId>,
    /// Records of this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub product: Option<ProductName>,
    /// Records made by this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub provider: Option<ProviderName>,
    /// Imported at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Imported before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Records of this burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_id: Option<String>,
    /// How many items at most, 1 to 1000, default 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"obs_id":42,"product":"QPO_ECL","version":1,"size":2,
        "sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "content_type":"application/json","created_at":"2026-11-24T04:09:00Z",
        "href":"http://127.0.0.1:5001/products/42/QPO_ECL?version=1","meta":null,"provenance":null}"#;

    #[test]
    fn a_record_has_the_fields_of_the_protocol() {
        let record: ProductRecord = serde_json::from_str(RECORD).unwrap();
        let written = serde_json::to_value(&record).unwrap();
        assert_eq!(
            written,
            serde_json::from_str::<serde_json::Value>(RECORD).unwrap()
        );
    }

    #[test]
    fn a_document_keeps_what_it_says() {
        let json = r#"{"product":"A","obs_id":"42","value":{"x":[1,2]},"meta":{"preliminary":true}}"#;
        let read: ImportDocument = serde_json::from_str(json).unwrap();
        assert_eq!(read.obs_id, 42.try_into().unwrap());
        assert_eq!(read.content["value"]["x"][1], 2);
        assert_eq!(read.meta.unwrap()["preliminary"], true);
    }
}
