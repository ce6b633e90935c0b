//! Texts that repeat, each kept once for as long as a row holds it.

use std::collections::HashMap;
use std::sync::Arc;

/// A text, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextId(u32);

impl TextId {
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// The texts, with how many rows hold each.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    ids: HashMap<Arc<str>, u32>,
    slots: Vec<Option<(Arc<str>, u32)>>,
    free: Vec<u32>,
}

impl Texts {
    /// Holds a text once more.
    pub(super) fn hold(&mut self, text: Option<&str>) -> TextId {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return TextId::NONE;
        };
        if let Some(id) = self.ids.get(text) {
            if let Some((_, holders)) = &mut self.slots[*id as usize] {
                *holders += 1;
            }
            return TextId(*id);
        }
        let text: Arc<str> = text.into();
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).expect("fewer texts than rows, and rows fit the memory")
        });
        self.slots[id as usize] = Some((Arc::clone(&text), 1));
        self.ids.insert(text, id);
        TextId(id)
    }

    /// Holds it once less; who holds it last lets it go.
    pub(super) fn release(&mut self, id: TextId) {
        let Some(slot) = self.slots.get_mut(id.0 as usize) else {
            return;
        };
        let Some((text, holders)) = slot else { return };
        *holders -= 1;
        if *holders == 0 {
            self.ids.remove(text);
            *slot = None;
            self.free.push(id.0);
        }
    }

    /// Holds another text in its place, and says whether it is another.
    pub(super) fn replace(&mut self, id: &mut TextId, text: Option<&str>) -> bool {
        let before = *id;
        *id = self.hold(text);
        self.release(before);
        *id != before
    }

    pub(super) fn get(&self, id: TextId) -> Option<&str> {
        let (text, _) = self.slots.get(id.0 as usize)?.as_ref()?;
        Some(text)
    }

    /// A text, for who keeps it longer than its row does.
    pub(super) fn shared(&self, id: TextId) -> Option<Arc<str>> {
        let (text, _) = self.slots.get(id.0 as usize)?.as_ref()?;
        Some(Arc::clone(text))
    }

    /// How many are held.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_lives_as_long_as_somebody_holds_it() {
        let mut texts = Texts::default();
        let (a, b) = (texts.hold(Some("awaits X")), texts.hold(Some("awaits X")));
        assert_eq!((a, texts.len()), (b, 1));
        texts.release(a);
        assert_eq!(texts.get(b), Some("awaits X"));
        texts.release(b);
        assert_eq!((texts.get(b), texts.len()), (None, 0));
        let other = texts.hold(Some("held by ada"));
        assert_eq!(other, a, "its place is taken again");
        texts.release(TextId::NONE);
        assert_eq!(texts.hold(None), TextId::NONE);
    }

    #[test]
    fn a_text_replaced_by_itself_stays() {
        let mut texts = Texts::default();
        let mut id = texts.hold(Some("one"));
        assert!(!texts.replace(&mut id, Some("one")));
        assert_eq!((texts.get(id), texts.len()), (Some("one"), 1));
        assert!(texts.replace(&mut id, None));
        assert_eq!((texts.get(id), texts.len()), (None, 0));
    }
}
