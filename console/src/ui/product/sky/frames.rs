//! Equatorial, galactic and ecliptic coordinates, all of J2000.

/// From equatorial (ICRS) to galactic rectangular coordinates: the transpose of `A_G` in The Hipparcos and Tycho
/// Catalogues, ESA SP-1200 (1997), volume 1, equation 1.5.11. It is defined by the north galactic pole at
/// 192.85948, +27.12825 and the galactic longitude 32.93192 of the ascending node.
const TO_GALACTIC: Matrix = [
    [-0.054_875_560_4, -0.873_437_090_2, -0.483_835_015_5],
    [0.494_109_427_9, -0.444_829_630_0, 0.746_982_244_5],
    [-0.867_666_149_0, -0.198_076_373_4, 0.455_983_776_2],
];

/// The mean obliquity of the ecliptic at J2000, 84381.448 arcseconds (Lieske et al. 1977, Astronomy and Astrophysics
/// 58, 1).
const OBLIQUITY_DEG: f64 = 84_381.448 / 3600.0;

type Vector = [f64; 3];
type Matrix = [Vector; 3];

/// Right ascension and declination, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equatorial {
    /// Right ascension, 0 to 360.
    pub ra: f64,
    /// Declination, -90 to 90.
    pub dec: f64,
}

/// Galactic longitude and latitude, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Galactic {
    /// Longitude from the centre of the Galaxy, 0 to 360.
    pub l: f64,
    /// Latitude from its plane, -90 to 90.
    pub b: f64,
}

/// Ecliptic longitude and latitude, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ecliptic {
    /// Longitude from the equinox, 0 to 360.
    pub longitude: f64,
    /// Latitude from the ecliptic, -90 to 90.
    pub latitude: f64,
}

impl Equatorial {
    /// A place, if the numbers are one: a right ascension of any turn, a declination of the sphere.
    pub fn new(ra: f64, dec: f64) -> Option<Self> {
        let is_one = ra.is_finite() && (-90.0..=90.0).contains(&dec);
        is_one.then(|| Self { ra: turn(ra), dec })
    }

    /// The same in galactic coordinates.
    pub fn galactic(self) -> Galactic {
        let (l, b) = angles(times(&TO_GALACTIC, vector(self.ra, self.dec)));
        Galactic { l, b }
    }

    /// The same in ecliptic coordinates.
    pub fn ecliptic(self) -> Ecliptic {
        let [x, y, z] = vector(self.ra, self.dec);
        let (sine, cosine) = OBLIQUITY_DEG.to_radians().sin_cos();
        let (longitude, latitude) = angles([x, cosine * y + sine * z, cosine * z - sine * y]);
        Ecliptic { longitude, latitude }
    }

    /// How far another place is, in degrees: by the tangent, which is good for all distances (Vincenty 1975, Survey
    /// Review 23, 88).
    pub fn separation(self, other: Self) -> f64 {
        let (one, two) = (vector(self.ra, self.dec), vector(other.ra, other.dec));
        let cross = [
            one[1] * two[2] - one[2] * two[1],
            one[2] * two[0] - one[0] * two[2],
            one[0] * two[1] - one[1] * two[0],
        ];
        length(cross).atan2(dot(one, two)).to_degrees()
    }

    /// The place so many degrees away, in a direction from north through east.
    #[must_use]
    pub fn moved(self, distance: f64, direction: f64) -> Self {
        let (dec, distance, direction) = (
            self.dec.to_radians(),
            distance.to_radians(),
            direction.to_radians(),
        );
        let sine = dec.sin() * distance.cos() + dec.cos() * distance.sin() * direction.cos();
        let east = (direction.sin() * distance.sin() * dec.cos()).atan2(distance.cos() - dec.sin() * sine);
        Self {
            ra: turn(self.ra + east.to_degrees()),
            dec: sine.clamp(-1.0, 1.0).asin().to_degrees(),
        }
    }
}

impl Galactic {
    /// The same in equatorial coordinates.
    pub fn equatorial(self) -> Equatorial {
        // A rotation's inverse is its transpose.
        let rows = TO_GALACTIC;
        let back = [0, 1, 2].map(|row| [rows[0][row], rows[1][row], rows[2][row]]);
        let (ra, dec) = angles(times(&back, vector(self.l, self.b)));
        Equatorial { ra, dec }
    }
}

impl Ecliptic {
    /// The same in equatorial coordinates.
    pub fn equatorial(self) -> Equatorial {
        let [x, y, z] = vector(self.longitude, self.latitude);
        let (sine, cosine) = OBLIQUITY_DEG.to_radians().sin_cos();
        let (ra, dec) = angles([x, cosine * y - sine * z, sine * y + cosine * z]);
        Equatorial { ra, dec }
    }
}

fn turn(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    // What is just below zero is rounded up to a whole turn.
    if turned < 360.0 { turned } else { 0.0 }
}

fn vector(longitude: f64, latitude: f64) -> Vector {
    let (longitude, latitude) = (longitude.to_radians(), latitude.to_radians());
    [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ]
}

fn angles([x, y, z]: Vector) -> (f64, f64) {
    (turn(y.atan2(x).to_degrees()), z.atan2(x.hypot(y)).to_degrees())
}

fn times(matrix: &Matrix, vector: Vector) -> Vector {
    matrix.map(|row| dot(row, vector))
}

fn dot(one: Vector, two: Vector) -> f64 {
    one.iter().zip(two).map(|(one, two)| one * two).sum()
}

fn length(vector: Vector) -> f64 {
    dot(vector, vector).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(ra: f64, dec: f64) -> Equatorial {
        Equatorial::new(ra, dec).unwrap()
    }

    fn is_near(one: f64, other: f64, within: f64) {
        let apart = (one - other + 180.0).rem_euclid(360.0) - 180.0;
        assert!(apart.abs() <= within, "{one} is not {other}");
    }

    #[test]
    fn known_objects_are_where_the_catalogues_say() {
        // SIMBAD, ICRS and galactic: the Crab pulsar, Sagittarius A*, Vega.
        for (ra, dec, l, b) in [
            (83.633_22, 22.014_46, 184.5575, -5.7843),
            (266.416_837, -29.007_810, 359.9442, -0.0462),
            (279.234_734_8, 38.783_688_9, 67.4482, 19.2373),
        ] {
            let galactic = place(ra, dec).galactic();
            is_near(galactic.l, l, 2e-4);
            is_near(galactic.b, b, 2e-4);
        }
    }

    #[test]
    fn the_galactic_pole_and_centre_are_where_they_were_defined() {
        is_near(place(192.859_48, 27.128_25).galactic().b, 90.0, 1e-4);
        let centre = Galactic { l: 0.0, b: 0.0 }.equatorial();
        // Reid and Brunthaler 2004, Astrophysical Journal 616, 872: 17 45 37.224, -28 56 10.23, from the definition in
        // B1950, which is some tenths of an arcsecond off.
        is_near(centre.ra, 266.405_100, 2e-4);
        is_near(centre.dec, -28.936_175, 2e-4);
    }

    #[test]
    fn the_ecliptic_goes_through_the_equinox_and_the_solstice() {
        let equinox = place(0.0, 0.0).ecliptic();
        is_near(equinox.longitude, 0.0, 1e-9);
        is_near(equinox.latitude, 0.0, 1e-9);
        let solstice = place(90.0, 23.439_291).ecliptic();
        is_near(solstice.longitude, 90.0, 1e-6);
        is_near(solstice.latitude, 0.0, 1e-6);
        is_near(place(270.0, 66.560_709).ecliptic().latitude, 90.0, 1e-5);
        // Meeus, Astronomical Algorithms, example 13.a: Pollux.
        let pollux = place(116.328_942, 28.026_183).ecliptic();
        is_near(pollux.longitude, 113.215_630, 1e-5);
        is_near(pollux.latitude, 6.684_170, 1e-5);
    }

    #[test]
    fn distances_are_good_when_small_and_when_large() {
        is_near(
            place(10.0, 20.0).separation(place(10.0, 20.0 + 1e-6)),
            1e-6,
            1e-12,
        );
        is_near(place(0.0, -90.0).separation(place(123.0, 90.0)), 180.0, 1e-9);
        // Meeus, example 17.a: Arcturus and Spica.
        is_near(
            place(213.9154, 19.1825).separation(place(201.2983, -11.1614)),
            32.7930,
            1e-4,
        );
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(ra in 0.0..360.0, dec in -89.9..89.9, off in 0.0..179.0, direction in 0.0..360.0) {
            let there = place(ra, dec);
            // The published matrix has ten digits.
            prop_assert!(there.galactic().equatorial().separation(there) < 1e-7);
            prop_assert!(there.ecliptic().equatorial().separation(there) < 1e-9);
            prop_assert!((there.moved(off, direction).separation(there) - off).abs() < 1e-6);
        }
    }
}
