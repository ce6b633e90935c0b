//! `F`: all lines of the graph, or only those of the product under the cursor.

use crate::app::{App, Effect};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    if let Some(opened) = app.opened_mut() {
        opened.has_all_lines = !opened.has_all_lines;
    }
    vec![]
}
