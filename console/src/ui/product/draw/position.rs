//! A position: its numbers, the map of the sky, and what was found there.

use super::axis::short;
use super::plot::is_ascii;
use super::sky_map::{self, Marks};
use super::{below, lines};
use crate::ui::Look;
use crate::ui::product::content::{Candidate, Position};
use crate::ui::product::sky::{Equatorial, angle, declination, right_ascension};
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// A map of fewer columns has the numbers above it and not beside it.
const MAP_WIDTH: u16 = 68;
/// How wide the numbers are, and how wide with a table of candidates.
const NUMBERS_WIDTH: u16 = 44;
const TABLE_WIDTH: u16 = 58;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, position: &Position, ecliptic: bool, look: Look) {
    let marks = Marks {
        place: position.place,
        radius_deg: position.radius_deg,
        ecliptic,
    };
    let (numbers, table) = (numbers(position, is_ascii(look)), table(position, is_ascii(look)));
    let beside = if table.is_empty() {
        NUMBERS_WIDTH
    } else {
        TABLE_WIDTH
    };
    if area.width >= MAP_WIDTH + beside {
        let parts = [Constraint::Fill(1), Constraint::Length(beside)];
        let [map, side] = Layout::horizontal(parts).spacing(2).areas(area);
        sky_map::draw(buffer, map, &marks, look);
        let written = write(buffer, side, &numbers, look);
        write(buffer, below(side, written + 1), &table, look);
        return;
    }
    // Two numbers to a line.
    let paired: Vec<(String, Role)> = numbers
        .chunks(2)
        .map(|pair| {
            let columns: Vec<String> = pair.iter().map(|(text, _)| format!("{text:<40}")).collect();
            (columns.concat().trim_end().to_owned(), Role::Text)
        })
        .collect();
    let mut written = write(buffer, area, &paired, look);
    written += write(buffer, below(area, written), &table, look);
    sky_map::draw(buffer, below(area, written), &marks, look);
}

fn write(buffer: &mut Buffer, area: Rect, texts: &[(String, Role)], look: Look) -> u16 {
    lines(
        buffer,
        area,
        texts.iter().map(|(text, role)| (text.as_str(), *role)),
        look,
    )
}

fn numbers(position: &Position, ascii: bool) -> Vec<(String, Role)> {
    let Equatorial { ra, dec } = position.place;
    let (galactic, ecliptic) = (position.place.galactic(), position.place.ecliptic());
    let mut all = vec![
        format!("RA  {}  {ra:.5} deg", right_ascension(ra)),
        format!("Dec {}  {dec:+.5} deg", declination(dec, ascii)),
        format!("galactic  l {:.4}  b {:+.4}", galactic.l, galactic.b),
        format!("ecliptic  {:.4}  {:+.4}", ecliptic.longitude, ecliptic.latitude),
    ];
    if let Some(radius) = position.radius_deg {
        let what = if position.candidates.is_empty() {
            "error"
        } else {
            "field"
        };
        let part = position
            .confidence
            .map_or_else(String::new, |part| format!(" ({} %)", short(100.0 * part)));
        all.push(format!("{what} radius {}{part}", angle(radius)));
    }
    if let Some(instrument) = &position.instrument {
        let snr = position
            .snr
            .map_or_else(String::new, |snr| format!(", S/N {}", short(snr)));
        all.push(format!("by {instrument}{snr}"));
    }
    if let Some(time) = position.time {
        all.push(format!("at {} UTC", time.strftime("%Y-%m-%d %H:%M:%S%.3f")));
    }
    all.into_iter().map(|text| (text, Role::Text)).collect()
}

/// What was found, with how far it is from the middle of the field.
fn table(position: &Position, ascii: bool) -> Vec<(String, Role)> {
    if position.candidates.is_empty() {
        return Vec::new();
    }
    let head = format!(
        "{:<5} {:<12} {:<12} {:>4} {:>5}  off",
        "", "RA", "Dec", "S/N", "mag"
    );
    let row = |candidate: &Candidate| {
        let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), short);
        let text = format!(
            "{:<5} {} {} {:>4} {:>5}  {}",
            candidate.name,
            right_ascension(candidate.place.ra),
            declination(candidate.place.dec, ascii),
            number(candidate.snr),
            number(candidate.magnitude),
            angle(candidate.place.separation(position.place)),
        );
        (text, Role::Text)
    };
    [(head, Role::Title)]
        .into_iter()
        .chain(position.candidates.iter().map(row))
        .collect()
}
