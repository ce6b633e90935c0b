//! One word of a filter.

use super::{Column, Row, row};
use crate::keys::Place;
use crate::model::CellRef;
use crate::since::Since;
use jiff::Timestamp;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    is_turned: bool,
    /// None if it may stand anywhere.
    column: Option<Column>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// In lower case; with `*` it is the whole text.
    Text(String),
    /// From then on.
    Since(Timestamp),
}

impl Word {
    /// Reads a word; none if it says nothing yet (`!`, `state:`).
    pub(super) fn read(text: &str, place: Place, now: Timestamp) -> Result<Option<Self>, String> {
        let (is_turned, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let (column, value) = split(text, place)?;
        if value.is_empty() {
            return Ok(None);
        }
        let value = match column {
            Some(Column::Since) if is_turned => return Err("since: cannot be turned around".to_owned()),
            Some(Column::Since) => {
                let since: Since = value.parse().map_err(|error| format!("{error}"))?;
                Value::Since(since.at(now))
            }
            Some(_) | None => Value::Text(value.to_lowercase()),
        };
        let word = Self {
            is_turned,
            column,
            value,
        };
        word.known_state(place)?;
        Ok(Some(word))
    }

    /// A state that nothing can have is a mistake of the finger.
    fn known_state(&self, place: Place) -> Result<(), String> {
        let states = Column::states(place);
        let Value::Text(value) = &self.value else {
            return Ok(());
        };
        let is_known = states.iter().any(|state| matches(value, state));
        if self.column != Some(Column::State) || states.is_empty() || is_known {
            return Ok(());
        }
        Err(format!("no state is {value}; there are {}", states.join(", ")))
    }

    pub(super) fn is_turned(&self) -> bool {
        self.is_turned
    }

    /// Whether it is about a cell, where a row has cells.
    pub(super) fn is_of_a_cell(&self) -> bool {
        matches!(
            self.column,
            Some(Column::State | Column::Product | Column::Provider | Column::Obs)
        )
    }

    /// Whether it holds for a row by itself.
    pub(super) fn holds_for(&self, row: &impl Row) -> bool {
        match &self.value {
            Value::Since(since) => row.at().is_some_and(|at| at >= *since),
            Value::Text(value) => {
                let has = row.has(&|column, text| {
                    self.column.is_none_or(|wanted| wanted == column) && matches(value, text)
                });
                has != self.is_turned
            }
        }
    }

    /// Whether a cell is like this, turned around or not.
    pub(super) fn is_of(&self, cell: CellRef<'_>) -> bool {
        match &self.value {
            Value::Since(since) => cell.since() >= *since,
            Value::Text(value) => row::cell_has(cell, &|column, text| {
                self.column.is_none_or(|wanted| wanted == column) && matches(value, text)
            }),
        }
    }

    /// The value if the word is of this column, and means one whole value.
    pub(super) fn whole(&self, wanted: Column) -> Option<&str> {
        match &self.value {
            Value::Text(value) if self.column == Some(wanted) && !self.is_turned && !value.contains('*') => {
                Some(value)
            }
            Value::Text(_) | Value::Since(_) => None,
        }
    }

    pub(super) fn since(&self) -> Option<Timestamp> {
        match &self.value {
            Value::Since(since) => Some(*since),
            Value::Text(_) => None,
        }
    }
}

/// The column and the value of a word.
fn split(text: &str, place: Place) -> Result<(Option<Column>, &str), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Ok((None, text));
    };
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase());
    if !is_name {
        return Ok((None, text));
    }
    let columns = Column::of(place);
    if let Some(column) = Column::named(name).filter(|column| columns.contains(column)) {
        return Ok((Some(column), value));
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    Err(format!("no column {name} here; there are {}", names.join(", ")))
}

/// Whether a text has a value, which is in lower case: as a part, or with `*` as the whole.
fn matches(value: &str, text: &str) -> bool {
    if !value.contains('*') {
        return contains(value, text);
    }
    let text = text.to_lowercase();
    let mut pieces = value.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece).filter(|_| !piece.is_empty()) else {
            if piece.is_empty() {
                continue;
            }
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

/// Names are ASCII, and there are a hundred thousand of them: they are not copied to be compared.
fn contains(value: &str, text: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(value);
    }
    let (value, text) = (value.as_bytes(), text.as_bytes());
    text.windows(value.len().max(1))
        .any(|part| part.eq_ignore_ascii_case(value))
}

/// What a word can become: a column, or a state.
pub(super) fn completions(word: &str, place: Place) -> Vec<String> {
    if let Some(state) = word.strip_prefix("state:") {
        let states = Column::states(place).into_iter();
        return states
            .filter(|known| known.starts_with(state))
            .map(|known| format!("state:{known}"))
            .collect();
    }
    let names = Column::of(place).iter().map(|column| column.name());
    names
        .filter(|name| name.starts_with(word))
        .map(|name| format!("{name}:"))
        .collect()
}
