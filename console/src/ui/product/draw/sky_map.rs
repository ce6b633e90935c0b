//! The whole sky: a net of coordinates, the plane of the Galaxy, and an error circle.

use super::plot::{cells, is_ascii};
use super::raster::{Pen, Raster};
use super::{lines, put, width};
use crate::ui::Look;
use crate::ui::product::sky::{Ecliptic, Equatorial, Galactic, hammer};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The right ascension in the middle: 12h.
const MIDDLE_RA: f64 = 180.0;
/// A map of fewer rows shows nothing.
const LEAST_ROWS: u16 = 8;
/// A cell is twice as high as wide, and the map twice as wide as high.
const COLUMNS_PER_ROW: u16 = 4;
/// A smaller circle could not be seen: its radius in columns.
const LEAST_RADIUS: f64 = 2.5;
/// How many degrees a column is in the middle of the map, times the columns: the scale of the projection there.
const DEGREES_IN_MIDDLE: f64 = 360.0 * 0.900_316_316; // 2 sqrt(2) / pi

/// What is marked on the map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// The middle of the circle.
    pub(super) place: Equatorial,
    /// Its radius.
    pub(super) radius_deg: Option<f64>,
    /// Whether the ecliptic is drawn.
    pub(super) ecliptic: bool,
}

pub(super) fn draw(buffer: &mut Buffer, area: Rect, marks: &Marks, look: Look) {
    let rows = area.height.saturating_sub(1).min(area.width / COLUMNS_PER_ROW);
    if rows < LEAST_ROWS {
        return;
    }
    let columns = rows * COLUMNS_PER_ROW;
    let map = Rect::new(area.x + (area.width - columns) / 2, area.y, columns, rows);
    let (circle, is_enlarged) = circle(marks, columns);
    let mut raster = Raster::new(map, look.glyphs.charset());
    let pen = |role, twin, every| Pen {
        style: look.style(role),
        twin,
        every,
    };
    net(&mut raster, pen(Role::Quiet, '.', 4));
    raster.path(edge(), pen(Role::Border, '.', 1));
    if marks.ecliptic {
        let ecliptic = degrees(360).map(|longitude| {
            let latitude = 0.0;
            Ecliptic { longitude, latitude }.equatorial()
        });
        raster.path(ecliptic.map(place), pen(Role::Caution, '-', 3));
    }
    let plane = degrees(360).map(|l| Galactic { l, b: 0.0 }.equatorial());
    raster.path(plane.map(place), pen(Role::Good, '=', 1));
    raster.path(circle.into_iter().map(place), pen(Role::Busy, 'o', 1));
    raster.draw(buffer);
    letters(buffer, map, marks, look);
    let legend = legend(marks, is_enlarged, is_ascii(look));
    let below = Rect::new(area.x, map.bottom(), area.width, 1);
    lines(buffer, below, [(legend.as_str(), Role::Quiet)], look);
}

/// From 0 to a number of degrees, each.
fn degrees(to: u32) -> impl Iterator<Item = f64> {
    (0..=to).map(f64::from)
}

/// Where on the map, 0 to 1.
fn place(of: Equatorial) -> (f64, f64) {
    let longitude = (of.ra - MIDDLE_RA + 180.0).rem_euclid(360.0) - 180.0;
    unit(hammer(longitude, of.dec))
}

fn unit((x, y): (f64, f64)) -> (f64, f64) {
    (0.5 + x / 2.0, 0.5 + y / 2.0)
}

/// Around the map, where the right ascension is that of the middle and half a turn.
fn edge() -> impl Iterator<Item = (f64, f64)> {
    let up = degrees(180).map(|from_pole| unit(hammer(180.0, from_pole - 90.0)));
    let down = degrees(180).map(|from_pole| unit(hammer(-180.0, 90.0 - from_pole)));
    up.chain(down)
}

/// Every four hours, every 30 degrees.
fn net(raster: &mut Raster, pen: Pen) {
    for ra in (60..360).step_by(60).map(f64::from) {
        let meridian = degrees(180).map(|from_pole| Equatorial {
            ra,
            dec: from_pole - 90.0,
        });
        raster.path(meridian.map(place), pen);
    }
    for dec in [-60.0, -30.0, 0.0, 30.0, 60.0] {
        let parallel = degrees(359).map(|ra| Equatorial {
            ra: (ra + MIDDLE_RA + 180.5).rem_euclid(360.0),
            dec,
        });
        raster.path(parallel.map(place), pen);
    }
}

/// The circle, large enough to be seen, and whether it is larger than it should be.
fn circle(marks: &Marks, columns: u16) -> (Vec<Equatorial>, bool) {
    let least = LEAST_RADIUS * DEGREES_IN_MIDDLE / f64::from(columns);
    let radius = marks.radius_deg.unwrap_or(0.0);
    let around = degrees(360).map(|direction| marks.place.moved(radius.max(least), direction));
    (around.collect(), radius < least)
}

fn letters(buffer: &mut Buffer, map: Rect, marks: &Marks, look: Look) {
    let mut at = |of: Equatorial, text: &str, role: Role| {
        let (x, y) = place(of);
        let column = map.x + cells(x, map.width);
        let row = map.y + cells(1.0 - y, map.height);
        let column = column.saturating_sub((width(text) - 1) / 2).max(map.x);
        put(buffer, map, (column, row), text, look.style(role), look);
    };
    for (ra, text) in [
        (300.0, "20h"),
        (240.0, "16h"),
        (180.0, "12h"),
        (120.0, "8h"),
        (60.0, "4h"),
    ] {
        at(Equatorial { ra, dec: 0.0 }, text, Role::Quiet);
    }
    for (dec, text) in [(60.0, "+60"), (30.0, "+30"), (-30.0, "-30"), (-60.0, "-60")] {
        at(Equatorial { ra: MIDDLE_RA, dec }, text, Role::Quiet);
    }
    at(Galactic { l: 0.0, b: 0.0 }.equatorial(), "G", Role::Good);
    at(marks.place, "+", Role::Title);
}

fn legend(marks: &Marks, is_enlarged: bool, ascii: bool) -> String {
    let plane = if ascii {
        "= and G: the Galaxy"
    } else {
        "line and G: the Galaxy"
    };
    let ecliptic = match (marks.ecliptic, ascii) {
        (false, _) => "",
        (true, true) => "; - ecliptic",
        (true, false) => "; broken: ecliptic",
    };
    let circle = match (marks.radius_deg, is_enlarged) {
        (None, _) => "no error is told",
        (Some(_), true) => "circle: enlarged",
        (Some(_), false) => "circle: to scale",
    };
    format!("{plane}{ecliptic}; {circle}; east is left")
}
