//! A JSON document that can be folded.
//!
//! The values stand in one list, each before what is in it and with the number of the first that is not: what is
//! folded is stepped over, and only the rows that are seen are made.

mod grow;

use std::ops::Range;

/// How many of its values stand beside a folded list.
const GLIMPSE: usize = 12;

/// A document, which of its values are open, and where the cursor is.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    texts: String,
    /// The nodes that can be seen, in order.
    seen: Vec<u32>,
    cursor: usize,
    is_cut: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Node {
    depth: u16,
    key: Range<u32>,
    value: NodeValue,
}

#[derive(Debug, Clone, PartialEq)]
enum NodeValue {
    Scalar(Range<u32>),
    Container {
        is_list: bool,
        items: u32,
        /// The first node that is not in it.
        end: u32,
        is_open: bool,
    },
}

/// One line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// How deep it is.
    pub depth: u16,
    /// Its name in the object around it; empty in a list.
    pub key: &'a str,
    /// What it is.
    pub value: Value<'a>,
    /// Whether the cursor is on it.
    pub is_selected: bool,
}

/// The value of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number, a text in quotes, `true`, `false` or `null`.
    Scalar(&'a str),
    /// A list or an object.
    Container {
        /// Which of the two.
        is_list: bool,
        /// How many values it has.
        items: u32,
        /// Whether they are shown.
        is_open: bool,
        /// The first of them, where they are folded.
        glimpse: Vec<&'a str>,
    },
}

impl Tree {
    /// The tree of a JSON document; none of anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let grown = grow::grow(bytes).ok()?;
        let mut tree = Self {
            nodes: grown.nodes,
            texts: grown.texts,
            seen: Vec::new(),
            cursor: 0,
            is_cut: grown.is_cut,
        };
        tree.look();
        Some(tree)
    }

    /// Whether it is only the beginning of the document.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many lines there are now.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// A document has a line at least.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// On which line the cursor is.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Moves the cursor by so many lines, and no further than to an end.
    pub fn step(&mut self, lines: isize) {
        let last = self.seen.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(lines).min(last);
    }

    /// Folds what is open under the cursor, and the other way round.
    pub fn toggle(&mut self) {
        let Some(&selected) = self.seen.get(self.cursor) else {
            return;
        };
        if let Some(Node {
            value: NodeValue::Container { is_open, .. },
            ..
        }) = self.nodes.get_mut(selected as usize)
        {
            *is_open = !*is_open;
        }
        self.look();
    }

    /// Opens or folds everything, but for the document itself.
    pub fn open_all(&mut self, open: bool) {
        let selected = self.seen.get(self.cursor).copied().unwrap_or(0);
        for node in self.nodes.iter_mut().skip(1) {
            if let NodeValue::Container { is_open, .. } = &mut node.value {
                *is_open = open;
            }
        }
        self.look();
        // What was selected, or what it is folded into.
        self.cursor = self
            .seen
            .partition_point(|node| *node <= selected)
            .saturating_sub(1);
    }

    /// The lines of a window of so many, which has the cursor in it.
    pub fn window(&self, height: usize) -> impl Iterator<Item = Row<'_>> {
        let most = self.seen.len().saturating_sub(height);
        let first = self.cursor.saturating_sub(height / 2).min(most);
        let seen = self.seen.iter().enumerate().skip(first).take(height);
        seen.filter_map(|(line, node)| self.row(*node as usize, line == self.cursor))
    }

    fn row(&self, number: usize, is_selected: bool) -> Option<Row<'_>> {
        let node = self.nodes.get(number)?;
        let value = match &node.value {
            NodeValue::Scalar(text) => Value::Scalar(self.text(text)),
            NodeValue::Container {
                is_list,
                items,
                end,
                is_open,
            } => Value::Container {
                is_list: *is_list,
                items: *items,
                is_open: *is_open,
                glimpse: self.glimpse(number, *end as usize),
            },
        };
        Some(Row {
            depth: node.depth,
            key: self.text(&node.key),
            value,
            is_selected,
        })
    }

    fn glimpse(&self, container: usize, end: usize) -> Vec<&str> {
        let inside = self.nodes.get(container + 1..end).unwrap_or_default();
        let scalars = inside.iter().map_while(|node| match &node.value {
            NodeValue::Scalar(text) if node.key.is_empty() => Some(self.text(text)),
            NodeValue::Scalar(_) | NodeValue::Container { .. } => None,
        });
        scalars.take(GLIMPSE).collect()
    }

    /// Makes the list of what can be seen.
    fn look(&mut self) {
        self.seen.clear();
        let mut next = 0;
        while let Some(node) = self.nodes.get(next as usize) {
            self.seen.push(next);
            next = match node.value {
                NodeValue::Container {
                    end, is_open: false, ..
                } => end,
                NodeValue::Container { .. } | NodeValue::Scalar(_) => next + 1,
            };
        }
        self.cursor = self.cursor.min(self.seen.len().saturating_sub(1));
    }

    fn text(&self, range: &Range<u32>) -> &str {
        self.texts
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::grow::MAX_VALUES;
    use super::*;

    const DOCUMENT: &str = r#"{"name":"QPO","list":[1,2.5,true,null],"inner":{"b":1,"a":"x\ny"},"empty":{}}"#;

    fn drawn(tree: &Tree) -> Vec<String> {
        let line = |row: Row<'_>| {
            let value = match row.value {
                Value::Scalar(text) => text.to_owned(),
                Value::Container { items, is_open, .. } => {
                    format!("{items}{}", if is_open { '-' } else { '+' })
                }
            };
            format!("{}{} {value}", " ".repeat(row.depth.into()), row.key)
        };
        tree.window(100).map(line).collect()
    }

    #[test]
    fn a_document_keeps_its_order_and_folds() {
        let mut tree = Tree::read(DOCUMENT.as_bytes()).unwrap();
        let all = [
            " 4-",
            " name \"QPO\"",
            " list 4-",
            "   1",
            "   2.5",
            "   true",
            "   null",
            " inner 2-",
            "  b 1",
            "  a \"x\\ny\"",
            " empty 0-",
        ];
        assert_eq!(drawn(&tree), all);
        tree.step(2);
        tree.toggle();
        assert_eq!(tree.len(), 7);
        tree.open_all(false);
        assert_eq!(
            drawn(&tree),
            [" 4-", " name \"QPO\"", " list 4+", " inner 2+", " empty 0+"]
        );
        assert_eq!(tree.cursor(), 2);
        tree.open_all(true);
        assert_eq!(drawn(&tree), all);
        tree.step(-9);
        tree.toggle();
        assert_eq!(drawn(&tree), [" 4+"]);
    }

    #[test]
    fn a_window_has_the_cursor_in_it_and_is_full() {
        let many: Vec<u32> = (0..1000).collect();
        let mut tree = Tree::read(serde_json::to_string(&many).unwrap().as_bytes()).unwrap();
        for (steps, first) in [(0, ""), (500, "489"), (9999, "980")] {
            tree.step(steps);
            let rows: Vec<Row<'_>> = tree.window(20).collect();
            assert_eq!(rows.len(), 20);
            assert_eq!(rows.iter().filter(|row| row.is_selected).count(), 1);
            if let Value::Scalar(text) = rows[0].value {
                assert_eq!(text, first);
            }
        }
    }

    #[test]
    fn a_large_list_is_folded_and_shows_its_first_values() {
        let tree = Tree::read(format!("{{\"counts\":{:?}}}", vec![7; 64]).as_bytes()).unwrap();
        let Some(Row {
            value: Value::Container { glimpse, is_open, .. },
            ..
        }) = tree.window(2).nth(1)
        else {
            panic!("{tree:?}");
        };
        assert!(!is_open);
        assert_eq!(glimpse, ["7"; GLIMPSE]);
    }

    #[test]
    fn a_huge_document_is_cut_and_a_broken_one_is_none() {
        let huge = format!("[{}0]", "0,".repeat(MAX_VALUES + 10));
        let mut tree = Tree::read(huge.as_bytes()).unwrap();
        tree.toggle();
        tree.toggle();
        assert!(tree.is_cut());
        assert_eq!(tree.len(), MAX_VALUES);
        for broken in ["", "{", "[1,]", "{} {}", "nul", &"[".repeat(100_000)] {
            assert_eq!(Tree::read(broken.as_bytes()), None);
        }
    }
}
