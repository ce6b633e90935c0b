//! Chance that is the same at each look.

use domain::{ObsId, ProductName};

/// What a cell draws from, whoever looks and however often: were it drawn anew, a time would flicker on screen
/// although nothing has happened.
pub(super) fn seed(obs_id: &ObsId, product: &ProductName) -> u64 {
    // FNV-1a.
    let bytes = |text: &str| text.bytes().collect::<Vec<u8>>();
    let name = [bytes(&obs_id.to_string()), vec![b'/'], bytes(product.as_str())].concat();
    name.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A number from 0 to 1 of a scenario, evenly spread (`SplitMix64`).
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are all that a number from 0 to 1 has"
)]
pub(super) fn luck(seed: u64, scenario: u64) -> f64 {
    let mut mixed = seed.wrapping_add(scenario.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_even_and_a_cell_s_own() {
        let seed = |obs_id: u64, product: &str| seed(&obs_id.try_into().unwrap(), &product.parse().unwrap());
        let (ours, other) = (seed(42, "QPO"), seed(43, "QPO"));
        let drawn: Vec<f64> = (0..1_000).map(|scenario| luck(ours, scenario)).collect();
        let below = |edge: f64| drawn.iter().filter(|luck| **luck < edge).count();
        assert!((80..120).contains(&below(0.1)), "{}", below(0.1));
        assert!((450..550).contains(&below(0.5)), "{}", below(0.5));
        assert!(luck(ours, 7).to_bits() == luck(ours, 7).to_bits());
        assert!((luck(ours, 7) - luck(other, 7)).abs() > 1e-9);
    }
}
