//! Photons over energy, both by their logarithms, with errors and the model.

use super::axis::{Axis, short};
use super::raster::{Pen, Raster};
use super::{below, lines, plot};
use crate::ui::Look;
use crate::ui::product::content::{Bin, Fit, Spectrum, range};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// An error bar that would reach zero ends at this part of the flux: a logarithm has no zero.
const LOWEST: f64 = 0.2;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, spectrum: &Spectrum, look: Look) {
    let drawable: Vec<&Bin> = spectrum.bins.iter().filter(|bin| is_drawable(bin)).collect();
    let head = head(spectrum, drawable.len());
    let fit = spectrum.fit.as_ref().map(fit);
    let texts = [(head.as_str(), Role::Text)]
        .into_iter()
        .chain(fit.as_deref().map(|fit| (fit, Role::Busy)));
    let written = lines(buffer, area, texts, look);
    let area = below(area, written);
    let inside = plot::inside(area);
    let energies = range(drawable.iter().flat_map(|bin| [bin.low_kev, bin.high_kev]));
    let reached = drawable.iter().flat_map(|bin| {
        let (low, high) = reach(bin);
        [low, high, bin.model.unwrap_or(bin.flux)]
    });
    let (Some(energies), Some(fluxes)) = (energies, range(reached.filter(|flux| *flux > 0.0))) else {
        lines(
            buffer,
            area,
            [("no bin has a flux above zero", Role::Quiet)],
            look,
        );
        return;
    };
    if inside.width == 0 || inside.height == 0 {
        return;
    }
    let (energy, flux) = (Axis::log(energies.0, energies.1), Axis::log(fluxes.0, fluxes.1));
    let mut raster = Raster::new(inside, look.glyphs.charset());
    dots(&mut raster, &drawable, &energy, &flux, look);
    raster.draw(buffer);
    plot::left(buffer, area, inside, &flux, look);
    plot::bottom(buffer, area, inside, &energy, "keV", look);
}

fn dots(raster: &mut Raster, bins: &[&Bin], energy: &Axis, flux: &Axis, look: Look) {
    let pen = |role, twin| Pen {
        style: look.style(role),
        twin,
        every: 1,
    };
    let model = bins
        .iter()
        .filter_map(|bin| Some((energy.at(middle(bin))?, flux.at(bin.model?)?)));
    let model: Vec<(f64, f64)> = model.collect();
    for pair in model.windows(2) {
        if let &[from, to] = pair {
            raster.line(from, to, pen(Role::Busy, '.'));
        }
    }
    for bin in bins {
        let (Some(x), Some(y)) = (energy.at(middle(bin)), flux.at(bin.flux)) else {
            continue;
        };
        let (low, high) = reach(bin);
        if let (Some(low), Some(high)) = (flux.at(low), flux.at(high)) {
            raster.line((x, low), (x, high), pen(Role::Text, '|'));
        }
        if let (Some(from), Some(to)) = (energy.at(bin.low_kev), energy.at(bin.high_kev)) {
            raster.line((from, y), (to, y), pen(Role::Text, '-'));
        }
        raster.dot((x, y), pen(Role::Text, '+'));
    }
}

fn is_drawable(bin: &Bin) -> bool {
    let is_positive = |number: f64| number > 0.0 && number.is_finite();
    is_positive(bin.low_kev)
        && bin.high_kev > bin.low_kev
        && bin.high_kev.is_finite()
        && is_positive(bin.flux)
}

/// From where to where the error bar goes.
fn reach(bin: &Bin) -> (f64, f64) {
    let error = bin.error.unwrap_or(0.0).max(0.0);
    ((bin.flux - error).max(bin.flux * LOWEST), bin.flux + error)
}

/// The middle by the logarithm; the roots apart, since a product may be too large.
fn middle(bin: &Bin) -> f64 {
    bin.low_kev.sqrt() * bin.high_kev.sqrt()
}

fn head(spectrum: &Spectrum, drawn: usize) -> String {
    let instrument = spectrum
        .instrument
        .as_deref()
        .map_or_else(String::new, |name| format!("{name}  "));
    let exposure = spectrum
        .exposure_s
        .map_or_else(String::new, |seconds| format!("{} s exposure  ", short(seconds)));
    let all = spectrum.bins.len();
    let hidden = if drawn < all {
        format!(", {} without flux not shown", all - drawn)
    } else {
        String::new()
    };
    format!("{instrument}{exposure}photons/cm2/s/keV in {all} bins{hidden}")
}

fn fit(fit: &Fit) -> String {
    let parameters = fit
        .parameters
        .iter()
        .map(|(name, value)| format!(" {name} {}", short(*value)));
    let chi2 = match (fit.chi2, fit.bins) {
        (Some(chi2), Some(bins)) => format!(" chi2 {}/{}", short(chi2), short(bins)),
        (Some(chi2), None) => format!(" chi2 {}", short(chi2)),
        (None, _) => String::new(),
    };
    format!("line: {}{}{chi2}", fit.model, parameters.collect::<String>())
}
