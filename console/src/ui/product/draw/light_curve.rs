//! Counts over time: a panel for each band, below one another on one axis of time.

use super::axis::{Axis, short};
use super::raster::{Pen, Raster};
use super::{below, lines, plot, put, width};
use crate::ui::Look;
use crate::ui::product::content::{Band, LightCurve};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// A panel of fewer rows shows no shape.
const LEAST_ROWS: u16 = 4;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, curve: &LightCurve, look: Look) {
    let head = head(curve);
    let written = lines(buffer, area, [(head.as_str(), Role::Text)], look);
    let area = below(area, written);
    let inside = plot::inside(area);
    let panels = panels(curve, inside.height);
    if inside.width == 0 || inside.height == 0 {
        return;
    }
    let time = time(curve);
    let rows = Layout::vertical(vec![Constraint::Fill(1); panels.len()]).split(inside);
    for (band, rows) in panels.iter().zip(rows.iter()) {
        panel(buffer, area, *rows, curve, band, &time, look);
    }
    let unit = if curve.t0.is_some() {
        "seconds after T0"
    } else {
        "seconds after the epoch of the file"
    };
    plot::bottom(buffer, area, inside, &time, unit, look);
}

fn head(curve: &LightCurve) -> String {
    let instrument = curve
        .instrument
        .as_deref()
        .map_or_else(String::new, |name| format!("{name}  "));
    let epoch = curve.t0.map_or_else(String::new, |t0| {
        format!("T0 {} UTC  ", t0.strftime("%Y-%m-%d %H:%M:%S%.3f"))
    });
    let bins = curve.bins();
    format!(
        "{instrument}{epoch}{bins} bins of {} s, counts per bin",
        short(curve.bin_s)
    )
}

/// The bands, and if there is room their sum; the sum alone if there is none.
fn panels(curve: &LightCurve, height: u16) -> Vec<Band> {
    let room = usize::from(height / LEAST_ROWS);
    let is_single = curve.bands.len() == 1;
    if is_single || curve.bands.len() > room {
        return vec![curve.sum()];
    }
    let sum = (curve.bands.len() < room).then(|| curve.sum());
    sum.into_iter().chain(curve.bands.iter().cloned()).collect()
}

fn time(curve: &LightCurve) -> Axis {
    let bins = f64::from(u32::try_from(curve.bins()).unwrap_or(u32::MAX));
    Axis::linear(curve.start_s, curve.start_s + bins * curve.bin_s)
}

fn panel(
    buffer: &mut Buffer,
    area: Rect,
    rows: Rect,
    curve: &LightCurve,
    band: &Band,
    time: &Axis,
    look: Look,
) {
    let label = label(band);
    let Some((least, most)) = band.range() else {
        put(
            buffer,
            area,
            (rows.x, rows.y),
            &format!("{label}: no counts"),
            look.style(Role::Quiet),
            look,
        );
        return;
    };
    // Room above the highest, so that it does not meet the panel above.
    let counts = Axis::linear(least.min(0.0), most * 1.08);
    let pen = |role, twin, every| Pen {
        style: look.style(role),
        twin,
        every,
    };
    let mut raster = Raster::new(rows, look.glyphs.charset());
    if let Some(zero) = time.at(0.0) {
        raster.line((zero, 0.0), (zero, 1.0), pen(Role::Busy, ':', 2));
    }
    if let Some(background) = band.background.and_then(|background| counts.at(background)) {
        raster.line((0.0, background), (1.0, background), pen(Role::Quiet, '-', 4));
    }
    steps(&mut raster, curve, band, time, &counts, pen(Role::Text, '#', 1));
    raster.draw(buffer);
    plot::left(buffer, area, rows, &counts, look);
    let x = rows.right().saturating_sub(width(&label));
    put(
        buffer,
        area,
        (x.max(rows.x), rows.y),
        &label,
        look.style(Role::Title),
        look,
    );
    if let Some(zero) = time.at(0.0) {
        let x = (rows.x + plot::cells(zero, rows.width))
            .saturating_sub(2)
            .max(rows.x);
        put(buffer, area, (x, rows.y), "T0", look.style(Role::Busy), look);
    }
}

/// Each bin a level, joined where the next begins.
fn steps(raster: &mut Raster, curve: &LightCurve, band: &Band, time: &Axis, counts: &Axis, pen: Pen) {
    let mut before: Option<f64> = None;
    for (bin, count) in (0_u32..).zip(&band.counts) {
        let edge = |bin: u32| time.at(curve.start_s + f64::from(bin) * curve.bin_s);
        let here = counts.at(*count);
        if let (Some(from), Some(to), Some(level)) = (edge(bin), edge(bin + 1), here) {
            raster.line((from, level), (to, level), pen);
            if let Some(before) = before {
                raster.line((from, before), (from, level), pen);
            }
        }
        before = here;
    }
}

fn label(band: &Band) -> String {
    match (band.low_kev, band.high_kev) {
        (Some(low), Some(high)) => format!("{}-{} keV", short(low), short(high)),
        (Some(low), None) => format!("above {} keV", short(low)),
        (None, Some(high)) => format!("below {} keV", short(high)),
        (None, None) => "all energies".to_owned(),
    }
}
