//! An observation by any part of its id.

use super::Model;
use domain::ObsId;

/// How well an id fits, the best least: all of it, its end, its beginning, or somewhere.
fn fit(id: &str, text: &str) -> Option<u8> {
    let id = id.to_lowercase();
    match () {
        () if id == text => Some(0),
        // The end of an id is what differs between those of one night.
        () if id.ends_with(text) => Some(1),
        () if id.starts_with(text) => Some(2),
        () if id.contains(text) => Some(3),
        () => None,
    }
}

impl Model {
    /// The observations whose `obs_id` or `burst_id` contains a text, the best first: by how it fits, then by
    /// attention. An empty text finds all.
    pub fn find(&self, text: &str) -> Vec<ObsId> {
        let text = text.trim().to_lowercase();
        let mut found: Vec<(u8, usize, &ObsId)> = self
            .by_attention()
            .enumerate()
            .filter_map(|(place, obs_id)| {
                let observation = self.observation(obs_id)?;
                let of_burst = observation.burst_id().and_then(|burst_id| fit(burst_id, &text));
                let of_obs = fit(&obs_id.to_string(), &text);
                Some((of_obs.into_iter().chain(of_burst).min()?, place, obs_id))
            })
            .collect();
        if !text.is_empty() {
            found.sort();
        }
        found.into_iter().map(|(_, _, obs_id)| obs_id.clone()).collect()
    }
}
