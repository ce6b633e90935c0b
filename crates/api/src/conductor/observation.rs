//! Observations and their cells.

use super::Cell;
use domain::{CellState, ObsId, ProductName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many cells of an observation are in each state; a state that none is in may be left out.
pub type Counts = BTreeMap<CellState, u64>;

/// One item of the conductor's `GET /observations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ObservationItem {
    /// The observation.
    pub obs_id: ObsId,
    /// Rises with each change of any of its cells.
    pub rev: u64,
    /// Its cells by state.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub counts: Counts,
    /// The state that most wants attention.
    #[serde(default)]
    pub worst: Option<CellState>,
    /// The burst that it follows, if its data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_id: Option<String>,
    /// When its first datum came.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Timestamp>,
    /// When any of its cells changed last.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Timestamp>,
}

/// `GET /observations/{obs_id}`: the observation with all its cells, inputs included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ObservationView {
    /// The observation.
    pub obs_id: ObsId,
    /// Rises with each change of any of its cells.
    pub rev: u64,
    /// Its cells by state.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub counts: Counts,
    /// The state that most wants attention.
    #[serde(default)]
    pub worst: Option<CellState>,
    /// The burst that it follows, if its data say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_id: Option<String>,
    /// Its cells, in the order of the graph: inputs first, then products.
    pub cells: Vec<Cell>,
}

/// The query of the conductor's `GET /observations`; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ObservationQuery {
    /// With a cell in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub state: Option<CellState>,
    /// With a cell of this product (in `state`, if that is given).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>)]
    pub product: Option<ProductName>,
    /// Whose `obs_id` or `burst_id` contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// That changed at this time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
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

    #[test]
    fn counts_are_an_object_by_state() {
        let json = r#"{"obs_id":42,"rev":3,"counts":{"done":2,"not_expected":1},"worst":"done","cells":[
            {"product":"A","rev":1,"state":"done","reason":null,"since":"2026-11-24T04:09:00Z"}]}"#;
        let view: ObservationView = serde_json::from_str(json).unwrap();
        assert_eq!(view.counts[&CellState::Done], 2);
        assert_eq!(view.cells[0].blocked_by, []);
        assert_eq!(serde_json::to_value(&view).unwrap()["counts"]["not_expected"], 1);
    }
}
