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
    /// All of them, or while it follows an order those that are seen.
    rows: Vec<Id>,
    /// The place of the first of these.
    first: usize,
    len: usize,
    cursor: Option<Id>,
    index: Option<usize>,
    top: usize,
    is_touched: bool,
    is_held: bool,
    displaced: usize,
}

/// An order that is kept elsewhere, and that a list follows without having all of it.
pub(super) trait Order<Id> {
    /// How many rows it has.
    fn len(&self) -> usize;

    /// The place of a row.
    fn place(&self, id: &Id) -> Option<usize>;

    /// So many rows at most, from a place on.
    fn rows(&self, from: usize, count: usize) -> Vec<Id>;
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            first: 0,
            len: 0,
            cursor: None,
            index: None,
            top: 0,
            is_touched: false,
            is_held: false,
            displaced: 0,
        }
    }
}

impl<Id: Clone + Eq + Hash> List<Id> {
    /// The rows in the order that is shown; while the list follows an order, those that are seen.
    pub fn rows(&self) -> &[Id] {
        &self.rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether all rows are here.
    pub(super) fn is_whole(&self) -> bool {
        self.rows.len() == self.len
    }

    /// What is under the cursor.
    pub fn cursor(&self) -> Option<&Id> {
        self.cursor.as_ref()
    }

    /// Where the cursor is.
    pub fn index(&self) -> Option<usize> {
        self.index
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
        let top = self.top.min(self.len);
        let begin = top.saturating_sub(self.first).min(self.rows.len());
        let end = (begin + height).min(self.rows.len());
        (top, &self.rows[begin..end])
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
        debug_assert!(!self.is_held || self.is_whole(), "only what is whole is held");
        let index = self.index;
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
        (self.first, self.len) = (0, self.rows.len());
        let place = self.cursor.as_ref().and_then(|cursor| self.place(cursor));
        self.find_cursor(index, place);
        self.cursor = self.index.and_then(|index| self.rows.get(index).cloned());
    }

    /// Follows an order that is not held, in so many lines: only what is seen is taken of it.
    pub(super) fn follow(&mut self, order: &impl Order<Id>, height: usize) {
        debug_assert!(!self.is_held, "what is held follows nothing");
        self.displaced = 0;
        self.len = order.len();
        let place = self.cursor.as_ref().and_then(|cursor| order.place(cursor));
        self.find_cursor(self.index, place);
        self.cursor = self.index.and_then(|index| order.rows(index, 1).pop());
        self.settle(height);
        self.first = self.top;
        self.rows = order.rows(self.top, height);
    }

    /// The cursor is where its row is now; before somebody moved it, on the first.
    fn find_cursor(&mut self, before: Option<usize>, now: Option<usize>) {
        let last = self.len.checked_sub(1);
        // If its row is gone, the one that came into its place is nearest to what the eye was at.
        let nearest = last.map(|last| before.unwrap_or(0).min(last));
        self.index = if self.is_touched {
            now.or(nearest)
        } else {
            last.map(|_| 0)
        };
    }

    fn place(&self, id: &Id) -> Option<usize> {
        self.rows.iter().position(|row| row == id)
    }

    /// Moves the cursor to a row, if it is there.
    pub fn select(&mut self, id: &Id) -> bool {
        let place = self.place(id).map(|place| self.first + place);
        if place.is_some() {
            self.is_touched = true;
            self.cursor = Some(id.clone());
            self.index = place;
        }
        place.is_some()
    }

    /// Moves the cursor by so many rows, to the ends at most.
    pub fn step(&mut self, by: isize) {
        debug_assert!(self.is_whole(), "who moves in it needs all of it");
        self.is_touched = true;
        let last = self.rows.len().saturating_sub(1);
        let index = self.index.unwrap_or(0).saturating_add_signed(by).min(last);
        self.cursor = self.rows.get(index).cloned();
        self.index = self.cursor.as_ref().map(|_| index);
    }

    /// Moves the cursor to a row as it is seen, counted from the top, and holds the order.
    pub fn point(&mut self, row: usize) {
        debug_assert!(self.is_whole(), "what is held is whole");
        if let Some(id) = self.rows.get(self.top + row) {
            self.cursor = Some(id.clone());
            self.index = Some(self.top + row);
            self.hold();
        }
    }

    /// Scrolls so that the cursor is among so many lines, and none is wasted.
    pub fn settle(&mut self, height: usize) {
        let index = self.index.unwrap_or(0);
        let lowest = (index + 1).saturating_sub(height);
        let fullest = self.len.saturating_sub(height);
        self.top = self.top.clamp(lowest.min(index), index).min(fullest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    /// An order that a list follows as it is.
    impl Order<u32> for &[u32] {
        fn len(&self) -> usize {
            <[u32]>::len(self)
        }

        fn place(&self, id: &u32) -> Option<usize> {
            self.iter().position(|row| row == id)
        }

        fn rows(&self, from: usize, count: usize) -> Vec<u32> {
            self.iter().skip(from).take(count).copied().collect()
        }
    }

    proptest! {
        #[test]
        fn a_list_that_follows_shows_what_one_that_has_all_would(
            steps in prop::collection::vec((prop::collection::vec(0..12u32, 0..12), 0..4isize, 0..5usize), 1..40),
        ) {
            let (mut whole, mut follower) = (List::default(), List::default());
            for (mut order, by, height) in steps {
                let mut met = HashSet::new();
                order.retain(|id| met.insert(*id));
                whole.offer(order.clone());
                whole.settle(height);
                follower.follow(&&order[..], height);
                prop_assert_eq!((whole.cursor(), whole.index(), whole.len()), (follower.cursor(), follower.index(), follower.len()));
                prop_assert_eq!(whole.window(height), follower.window(height));
                if by > 0 {
                    follower.offer(order);
                    whole.step(by - 2);
                    follower.step(by - 2);
                }
            }
        }
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
