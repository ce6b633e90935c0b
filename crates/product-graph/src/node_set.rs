//! A set of nodes as bits: small, ordered, and cheap to copy.

use crate::NodeId;

/// Bits in one word of the set.
const WORD_BITS: usize = u64::BITS as usize;

/// A set of nodes of one graph; iterates in the graph's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeSet {
    /// Without zero words at the end, so that equal sets are equal.
    words: Vec<u64>,
}

impl NodeSet {
    /// Adds a node; says whether it was new.
    pub fn insert(&mut self, id: NodeId) -> bool {
        let (word, bit) = (id.index() / WORD_BITS, 1_u64 << (id.index() % WORD_BITS));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        is_new
    }

    /// Whether the node is in it.
    pub fn contains(&self, id: NodeId) -> bool {
        let word = self.words.get(id.index() / WORD_BITS).copied().unwrap_or(0);
        word & (1 << (id.index() % WORD_BITS)) != 0
    }

    /// How many nodes are in it.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Its nodes, in the graph's order.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let set = (0..WORD_BITS).filter(move |bit| word & (1 << bit) != 0);
            set.map(move |bit| NodeId::from_index(at * WORD_BITS + bit))
        })
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(ids: I) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_once_and_in_order() {
        let ids = [130, 3, 64, 3, 0].map(NodeId::from_index);
        let set: NodeSet = ids.into_iter().collect();
        let indexes: Vec<usize> = set.iter().map(NodeId::index).collect();
        assert_eq!((indexes, set.len()), (vec![0, 3, 64, 130], 4));
        assert!(set.contains(NodeId::from_index(64)) && !set.contains(NodeId::from_index(1000)));
        assert!(NodeSet::default().is_empty());
    }
}
