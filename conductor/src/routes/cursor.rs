//! Cursors: the place of a page's last item, as text that only we read.

use crate::ledger::Walked;
use jiff::Timestamp;
use service_kit::{Page, Problem};
use std::str::FromStr;

/// Between the time and the name of a place; neither has one.
const BETWEEN: char = '~';

/// The cursor of an item that stands by a time and a name.
pub(super) fn write(time: Timestamp, name: &impl std::fmt::Display) -> String {
    format!("{time}{BETWEEN}{name}")
}

/// The time and the name of the page's cursor, if it has one.
pub(super) fn read<T: FromStr>(page: &Page) -> Result<Option<(Timestamp, T)>, Problem> {
    let place = |cursor: &String| {
        let (time, name) = cursor.split_once(BETWEEN)?;
        Some((time.parse().ok()?, name.parse().ok()?))
    };
    let read = |cursor| place(cursor).ok_or_else(|| page.bad_cursor());
    page.cursor.as_ref().map(read).transpose()
}

/// The page's cursor as the one value that it stands for, if it has one.
pub(super) fn parse<T: FromStr>(page: &Page) -> Result<Option<T>, Problem> {
    let parsed = page.cursor.as_ref().map(|cursor| cursor.parse()).transpose();
    parsed.map_err(|_| page.bad_cursor())
}

/// Cuts a part of a list that was asked for with one item more than the page has; the next one begins behind the last
/// item, or where the list was looked through.
pub(super) fn cut_walked<T, I: std::fmt::Display>(
    walked: Walked<T, I>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let (items, next) = cut(walked.found, limit, cursor);
    (
        items,
        next.or_else(|| walked.until.map(|place| write(place.at, &place.id))),
    )
}

/// Cuts a list that was asked for with one item more than the page has, to see whether there is a next one.
pub(super) fn cut<T>(
    mut items: Vec<T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    (items, next)
}
