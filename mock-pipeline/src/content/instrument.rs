//! Who looks at the burst, and what each sees.

/// An instrument of the mission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    /// The coded-mask telescope that triggers.
    Eclairs,
    /// The gamma-ray monitor.
    Grm,
    /// The X-ray telescope.
    Mxt,
    /// The visible telescope.
    Vt,
}

impl Instrument {
    /// Whose a product is, by its name: the end of it, or the third letter of a notice.
    pub(super) fn of(product: &str) -> Self {
        let ends = |marks: &[&str]| marks.iter().any(|mark| product.ends_with(mark));
        if ends(&["_MXT", "N2M"]) {
            Self::Mxt
        } else if ends(&["_VT", "N2V"]) {
            Self::Vt
        } else if ends(&["GRM", "N1G"]) {
            Self::Grm
        } else {
            Self::Eclairs
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Eclairs => "ECLAIRs",
            Self::Grm => "GRM",
            Self::Mxt => "MXT",
            Self::Vt => "VT",
        }
    }

    /// The edges of the bands of its light curves, in keV.
    pub(super) fn bands(self) -> &'static [f64] {
        match self {
            Self::Eclairs => &[4.0, 8.0, 20.0, 50.0, 120.0],
            Self::Grm => &[15.0, 50.0, 300.0, 5000.0],
            Self::Mxt => &[0.3, 2.0, 10.0],
            // It counts photons of light, 1.2 to 3.1 eV.
            Self::Vt => &[0.0012, 0.0031],
        }
    }

    /// Where its spectra begin and end, in keV.
    pub(super) fn energies(self) -> (f64, f64) {
        match self {
            Self::Eclairs => (4.0, 120.0),
            Self::Grm => (15.0, 5000.0),
            Self::Mxt | Self::Vt => (0.3, 10.0),
        }
    }

    /// The area that counts photons, in cm2, about.
    pub(super) fn area_cm2(self) -> f64 {
        match self {
            Self::Eclairs => 400.0,
            Self::Grm => 200.0,
            Self::Mxt | Self::Vt => 35.0,
        }
    }

    /// The radius of its error circles, the smallest and the largest, in degrees.
    pub(super) fn errors_deg(self) -> (f64, f64) {
        match self {
            Self::Eclairs => (0.03, 0.2),
            Self::Grm => (3.0, 12.0),
            Self::Mxt => (0.005, 0.03),
            Self::Vt => (0.0001, 0.0003),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_tells_its_instrument() {
        for (product, instrument) in [
            ("QPO_ECL", "ECLAIRs"),
            ("QSP_ECLGRM", "GRM"),
            ("QLC_MXT", "MXT"),
            ("QCANDI_VT", "VT"),
            ("NOTICE_N1G", "GRM"),
            ("NOTICE_N2M", "MXT"),
            ("BURST_SUM", "ECLAIRs"),
        ] {
            assert_eq!(Instrument::of(product).name(), instrument, "{product}");
        }
    }
}
