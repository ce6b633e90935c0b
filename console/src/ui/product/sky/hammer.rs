//! The Hammer projection of the whole sky.

/// Where a place comes to lie on the map: x from -1 (left) to 1, y from -1 (below) to 1.
///
/// Longitude is counted from the middle of the map, -180 to 180, in degrees, growing to the left as on the sky seen
/// from inside. Equal areas stay equal. Calabretta and Greisen 2002, Astronomy and Astrophysics 395, 1077, section
/// 5.3.4 (there called Hammer-Aitoff), scaled to the unit box.
pub fn hammer(longitude: f64, latitude: f64) -> (f64, f64) {
    let (half, latitude) = ((longitude / 2.0).to_radians(), latitude.to_radians());
    let scale = 1.0 / (1.0 + latitude.cos() * half.cos()).sqrt();
    (-latitude.cos() * half.sin() * scale, latitude.sin() * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_at((x, y): (f64, f64), (at_x, at_y): (f64, f64)) {
        assert!((x - at_x).abs() < 1e-9 && (y - at_y).abs() < 1e-9, "{x}, {y}");
    }

    #[test]
    fn the_middle_the_poles_and_the_ends_are_where_they_belong() {
        is_at(hammer(0.0, 0.0), (0.0, 0.0));
        is_at(hammer(0.0, 90.0), (0.0, 1.0));
        is_at(hammer(77.0, -90.0), (0.0, -1.0));
        is_at(hammer(180.0, 0.0), (-1.0, 0.0));
        is_at(hammer(-180.0, 0.0), (1.0, 0.0));
        // By the formula, x = 2 sqrt(2) cos(45) sin(45) / sqrt(1 + cos(45) cos(45)) over its largest, 2 sqrt(2).
        is_at(
            hammer(-90.0, 45.0),
            (0.5 / 1.5_f64.sqrt(), 0.5_f64.sqrt() / 1.5_f64.sqrt()),
        );
    }

    proptest! {
        #[test]
        fn the_whole_sky_is_within_the_ellipse(longitude in -180.0..=180.0, latitude in -90.0..=90.0) {
            let (x, y) = hammer(longitude, latitude);
            prop_assert!(x * x + y * y <= 1.0 + 1e-12);
        }

        /// A small square of the sky has the same area wherever it is: the sphere's 4 pi are the ellipse's 2 pi.
        #[test]
        fn equal_areas_stay_equal(longitude in -170.0..170.0_f64, latitude in -80.0..80.0_f64) {
            let step: f64 = 1e-4;
            let at = |east: f64, north: f64| hammer(longitude + east * step, latitude + north * step);
            let (one, east, north) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0));
            let area = ((east.0 - one.0) * (north.1 - one.1) - (east.1 - one.1) * (north.0 - one.0)).abs();
            let sky = step.to_radians().powi(2) * latitude.to_radians().cos();
            prop_assert!((area / sky * 4.0 - 1.0).abs() < 1e-3, "{}", area / sky);
        }
    }
}
