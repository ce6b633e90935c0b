//! Reads a JSON document into the list of its values.

use super::{Node, NodeValue};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// How many values are kept; of a larger document the first.
pub(super) const MAX_VALUES: usize = 200_000;

/// An object of more values than this is folded at first.
const MAX_OPEN: u32 = 24;
/// And a list: its first values stand beside it.
const MAX_OPEN_LIST: u32 = 8;

/// The values, and the texts that they are written with.
#[derive(Default)]
pub(super) struct Grown {
    pub(super) nodes: Vec<Node>,
    pub(super) texts: String,
    /// Whether the document has more.
    pub(super) is_cut: bool,
}

/// Reads a document, the whole of the bytes.
pub(super) fn grow(bytes: &[u8]) -> Result<Grown, serde_json::Error> {
    let mut grown = Grown::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let root = Grow {
        into: &mut grown,
        depth: 0,
        key: 0..0,
    };
    root.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(grown)
}

impl Grown {
    fn keep(&mut self, text: fmt::Arguments<'_>) -> Range<u32> {
        let start = index(self.texts.len());
        // Writing to a String cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.texts, text);
        start..index(self.texts.len())
    }

    fn is_full(&mut self) -> bool {
        self.is_cut |= self.nodes.len() >= MAX_VALUES;
        self.is_cut
    }
}

/// What is read is limited to some megabytes, whose places fit.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Reads the next value into the list.
struct Grow<'t> {
    into: &'t mut Grown,
    depth: u16,
    key: Range<u32>,
}

impl Grow<'_> {
    fn scalar(self, text: fmt::Arguments<'_>) {
        let value = NodeValue::Scalar(self.into.keep(text));
        self.into.nodes.push(Node {
            depth: self.depth,
            key: self.key,
            value,
        });
    }

    /// Begins a container; what `close` needs to end it.
    fn open(&mut self) -> usize {
        let number = self.into.nodes.len();
        self.into.nodes.push(Node {
            depth: self.depth,
            key: self.key.clone(),
            value: NodeValue::Scalar(0..0),
        });
        number
    }

    fn close(self, number: usize, is_list: bool, items: u32) {
        let end = index(self.into.nodes.len());
        let most = if is_list { MAX_OPEN_LIST } else { MAX_OPEN };
        let is_open = number == 0 || (items <= most && end - index(number) <= 2 * MAX_OPEN);
        if let Some(node) = self.into.nodes.get_mut(number) {
            node.value = NodeValue::Container {
                is_list,
                items,
                end,
                is_open,
            };
        }
    }
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Grow<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.scalar(format_args!("{value}"));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.scalar(format_args!("{value}"));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.scalar(format_args!("{value}"));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        // As JSON writes it: 1e300 has an exponent.
        self.scalar(format_args!("{value:?}"));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.scalar(format_args!("{value:?}"));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.scalar(format_args!("null"));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let number = self.open();
        let mut items = 0;
        loop {
            let is_last = if self.into.is_full() {
                list.next_element::<IgnoredAny>()?.is_none()
            } else {
                let item = Grow {
                    into: self.into,
                    depth: self.depth + 1,
                    key: 0..0,
                };
                list.next_element_seed(item)?.is_none()
            };
            if is_last {
                break;
            }
            items += 1;
        }
        self.close(number, true, items);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        let number = self.open();
        let mut items = 0;
        while let Some(name) = object.next_key::<String>()? {
            items += 1;
            if self.into.is_full() {
                let IgnoredAny = object.next_value()?;
                continue;
            }
            let key = self.into.keep(format_args!("{name}"));
            object.next_value_seed(Grow {
                into: self.into,
                depth: self.depth + 1,
                key,
            })?;
        }
        self.close(number, false, items);
        Ok(())
    }
}
