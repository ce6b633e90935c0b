//! Names, each kept once and known by a number.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// More products than any graph has, and more services than any orchestra; names beyond it come from somebody's mistake and are not kept.
const MAX_NAMES: usize = 4096;

/// Names in the order in which they were met.
#[derive(Debug, Clone)]
pub(super) struct Names<T> {
    numbers: HashMap<Arc<T>, u32>,
    names: Vec<Arc<T>>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            names: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Names<T> {
    /// The number of a name, given at the first meeting; none once there are too many.
    pub(super) fn intern(&mut self, name: &T) -> Option<u32> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u32::try_from(self.names.len()).ok()?;
        if self.names.len() >= MAX_NAMES {
            return None;
        }
        let name = Arc::new(name.clone());
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        Some(number)
    }

    /// The number of a name that was met.
    pub(super) fn number(&self, name: &T) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of a number that was given.
    pub(super) fn name(&self, number: u32) -> &T {
        &self.names[number as usize]
    }

    /// The same, for who keeps it.
    pub(super) fn shared(&self, number: u32) -> Arc<T> {
        Arc::clone(&self.names[number as usize])
    }
}
