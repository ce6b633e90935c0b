//! A list with a cursor that stays on its row, whatever happens to the order.

use std::collections::HashSet;
use std::hash::Hash;

/// The rows of a pane, by id.
///
/// The cursor is an id, never a number of a row; until somebody moves it, it is on whatever stands first. Once an
/// operator moved in the list its order is held: rows change where they are, new ones come last, and how many rows
/// would move is counted until the order is taken over.
#[derive(Debug, Clone)]
pub struct List<Id> {
    rows: Vec<Id>,
    cursor: Option<Id>,
    top: usize,
    is_touched: bool,
    is_held: bool,
    displaced: usize,
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            cursor: None,
            top: 0,
            is_touched: false,
            is_held: false,
            displaced: 0,
        }
    }
}

impl<Id: Clone + Eq + Hash> List<Id> {
    /// The rows in the order that is shown.
    pub fn rows(&self) -> &[Id] {
        &self.rows
    }

    /// What is under the cursor.
    pub fn cursor(&self) -> Option<&Id> {
        self.cursor.as_ref()
    }

    /// Where the cursor is.
    pub fn index(&self) -> Option<usize> {
        let cursor = self.cursor.as_ref()?;
        self.rows.iter().position(|row| row == cursor)
    }

    /// How many rows would move if the order were taken over.
    pub fn displaced(&self) -> usize {
        self.displaced
    }

    /// Whether the order is held.
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// The rows that fit into so many lines, and the number of the first.
    pub fn window(&self, height: usize) -> (usize, &[Id]) {
        let top = self.top.min(self.rows.len());
        let end = (top + height).min(self.rows.len());
        (top, &self.rows[top..end])
    }

    /// Holds the order from now on: somebody is at it.
    pub fn hold(&mut self) {
        self.is_touched = true;
        self.is_held = true;
    }

    /// Lets the order go; the next offer is taken.
    pub fn let_go(&mut self) {
        self.is_held = false;
    }

    /// Takes an order, or what is new in it if the order is held.
    pub fn offer(&mut self, order: Vec<Id>) {
        let index = self.index();
        if self.is_held {
            let there: HashSet<&Id> = order.iter().collect();
            let mut rows: Vec<Id> = self
                .rows
                .iter()
                .filter(|row| there.contains(row))
                .cloned()
                .collect();
            let known: HashSet<Id> = rows.iter().cloned().collect();
            rows.extend(order.iter().filter(|id| !known.contains(id)).cloned());
            self.displaced = rows.iter().zip(&order).filter(|(held, new)| held != new).count();
            self.rows = rows;
        } else {
            self.displaced = 0;
            self.rows = order;
        }
        if !self.is_touched {
            self.cursor = self.rows.first().cloned();
        } else if self.index().is_none() {
            // Its row is gone: the one that came into its place is nearest to what the eye was at.
            let nearest = index.unwrap_or(0).min(self.rows.len().saturating_sub(1));
            self.cursor = self.rows.get(nearest).cloned();
        }
    }

    /// Moves the cursor to a row, if it is there.
    pub fn select(&mut self, id: &Id) -> bool {
        let is_there = self.rows.contains(id);
        if is_there {
            self.is_touched = true;
            self.cursor = Some(id.clone());
        }
        is_there
    }

    /// Moves the cursor by so many rows, to the ends at most.
    pub fn step(&mut self, by: isize) {
        self.is_touched = true;
        let last = self.rows.len().saturating_sub(1);
        let index = self.index().unwrap_or(0).saturating_add_signed(by).min(last);
        self.cursor = self.rows.get(index).cloned();
    }

    /// Moves the cursor to a row as it is seen, counted from the top, and holds the order.
    pub fn point(&mut self, row: usize) {
        if let Some(id) = self.rows.get(self.top + row) {
            self.cursor = Some(id.clone());
            self.hold();
        }
    }

    /// Scrolls so that the cursor is among so many lines, and none is wasted.
    pub fn settle(&mut self, height: usize) {
        let index = self.index().unwrap_or(0);
        let lowest = (index + 1).saturating_sub(height);
        let fullest = self.rows.len().saturating_sub(height);
        self.top = self.top.clamp(lowest.min(index), index).min(fullest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: &[u32]) -> List<u32> {
        let mut list = List::default();
        list.offer(rows.to_vec());
        list
    }

    #[test]
    fn until_somebody_moves_it_the_cursor_is_on_the_first_row() {
        let mut list = list(&[1, 2, 3]);
        list.offer(vec![3, 1, 2]);
        assert_eq!(list.cursor(), Some(&3));
    }

    #[test]
    fn the_cursor_stays_on_its_row() {
        let mut list = list(&[1, 2, 3]);
        list.step(1);
        list.offer(vec![9, 3, 2, 1]);
        assert_eq!((list.cursor(), list.index()), (Some(&2), Some(2)));
        list.offer(vec![9, 3, 1]);
        assert_eq!(list.cursor(), Some(&1), "the row that came into its place");
        list.offer(vec![]);
        assert_eq!(list.cursor(), None);
    }

    #[test]
    fn a_held_order_moves_nothing_and_counts_what_would_move() {
        let mut list = list(&[1, 2, 3]);
        list.hold();
        list.offer(vec![3, 1, 2, 4]);
        assert_eq!((list.rows(), list.displaced()), (&[1, 2, 3, 4][..], 3));
        list.offer(vec![3, 1]);
        assert_eq!((list.rows(), list.displaced()), (&[1, 3][..], 2));
        list.let_go();
        list.offer(vec![3, 1]);
        assert_eq!((list.rows(), list.displaced()), (&[3, 1][..], 0));
    }

    #[test]
    fn the_window_follows_the_cursor_and_wastes_no_line() {
        let mut list = list(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        for (step, top) in [(3, 0), (1, 1), (100, 6), (-2, 6), (-2, 5), (-100, 0)] {
            list.step(step);
            list.settle(4);
            assert_eq!(list.window(4).0, top, "after {step}");
            assert!(list.window(4).1.contains(list.cursor().unwrap()));
        }
        list.step(9);
        list.settle(4);
        list.settle(20);
        assert_eq!(list.window(20), (0, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9][..]));
        list.settle(0);
        assert_eq!(list.window(0).1, &[0; 0]);
    }
}
