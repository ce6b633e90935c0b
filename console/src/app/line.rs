//! One line that is typed.

use tui_input::{Input, InputRequest};

/// More than this nobody types, and nobody pastes on purpose.
const MAX_TYPED: usize = 500;

/// Puts a pasted text into the line, without what would break it.
pub(super) fn insert(line: &mut Input, text: &str) {
    let room = MAX_TYPED.saturating_sub(line.value().chars().count());
    let printable = text.chars().filter(|letter| !letter.is_control());
    for letter in printable.take(room) {
        line.handle(InputRequest::InsertChar(letter));
    }
}
