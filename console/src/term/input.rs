//! Keys, pasted text, clicks, and that the terminal is gone.

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseEvent};
use futures_util::{FutureExt as _, StreamExt as _};

/// What came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down, or repeats.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// A click or the wheel.
    Mouse(MouseEvent),
    /// Something on the screen must be drawn anew: it was resized, or it got the focus.
    Redraw,
    /// There is nobody any more.
    Closed,
}

/// The input of the terminal, in order.
#[derive(Debug, Default)]
pub struct Inputs(EventStream);

impl Inputs {
    /// Waits for the next.
    pub async fn next(&mut self) -> Input {
        loop {
            let event = self.0.next().await;
            if let Some(input) = understood(event) {
                return input;
            }
        }
    }

    /// What is there already: a held key comes faster than frames are drawn.
    pub fn ready(&mut self) -> Option<Input> {
        while let Some(event) = self.0.next().now_or_never() {
            if let Some(input) = understood(event) {
                return Some(input);
            }
        }
        None
    }
}

fn understood(event: Option<std::io::Result<Event>>) -> Option<Input> {
    match event {
        None | Some(Err(_)) => Some(Input::Closed),
        Some(Ok(Event::Key(key))) => (key.kind != KeyEventKind::Release).then_some(Input::Key(key)),
        Some(Ok(Event::Paste(text))) => Some(Input::Paste(text)),
        Some(Ok(Event::Mouse(mouse))) => Some(Input::Mouse(mouse)),
        Some(Ok(Event::Resize(..) | Event::FocusGained)) => Some(Input::Redraw),
        Some(Ok(Event::FocusLost)) => None,
    }
}
