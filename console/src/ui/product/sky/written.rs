//! Angles as astronomers write them.

/// Right ascension in hours, to a hundredth of a second of time: `05h34m31.97s`.
pub fn right_ascension(degrees: f64) -> String {
    let hundredths = (degrees.rem_euclid(360.0) * 24_000.0)
        .round()
        .rem_euclid(8_640_000.0);
    let (hours, rest) = split(hundredths, 360_000.0);
    let (minutes, rest) = split(rest, 6_000.0);
    format!("{hours:02.0}h{minutes:02.0}m{:05.2}s", rest / 100.0)
}

/// Declination, to a tenth of a second of arc: `+22°00'52.1"`, with `d` for the sign of degrees in ASCII.
pub fn declination(degrees: f64, is_ascii: bool) -> String {
    let sign = if degrees < 0.0 { '-' } else { '+' };
    let tenths = (degrees.abs() * 36_000.0).round();
    let (whole, rest) = split(tenths, 36_000.0);
    let (minutes, rest) = split(rest, 600.0);
    let unit = if is_ascii { 'd' } else { '°' };
    format!("{sign}{whole:02.0}{unit}{minutes:02.0}'{:04.1}\"", rest / 10.0)
}

/// A small angle in the unit that suits it: `3.5 deg`, `11.1 arcmin`, `0.61 arcsec`.
pub fn angle(degrees: f64) -> String {
    match degrees {
        size if size >= 1.0 => format!("{size:.1} deg"),
        size if size >= 1.0 / 60.0 => format!("{:.1} arcmin", size * 60.0),
        size if size >= 1.0 / 3600.0 => format!("{:.1} arcsec", size * 3600.0),
        size => format!("{:.2} arcsec", size * 3600.0),
    }
}

fn split(value: f64, unit: f64) -> (f64, f64) {
    ((value / unit).floor(), value % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crab_is_written_as_in_the_catalogue() {
        assert_eq!(right_ascension(83.633_212_5), "05h34m31.97s");
        assert_eq!(declination(22.014_472, false), "+22°00'52.1\"");
        assert_eq!(declination(-29.007_810_6, true), "-29d00'28.1\"");
    }

    #[test]
    fn rounding_carries() {
        assert_eq!(right_ascension(359.999_999_9), "00h00m00.00s");
        assert_eq!(right_ascension(14.999_999_9), "01h00m00.00s");
        assert_eq!(declination(-0.999_999_9, false), "-01°00'00.0\"");
        assert_eq!(declination(89.999_999_9, false), "+90°00'00.0\"");
    }

    #[test]
    fn an_angle_has_the_unit_that_suits_it() {
        for (degrees, text) in [
            (8.25, "8.2 deg"),
            (0.185, "11.1 arcmin"),
            (0.005, "18.0 arcsec"),
            (0.000_17, "0.61 arcsec"),
        ] {
            assert_eq!(angle(degrees), text);
        }
    }
}
