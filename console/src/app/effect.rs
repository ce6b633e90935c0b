//! What the loop must do after an action.

use crate::link::Act;

/// One thing that the world must do about an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop the process, until the shell continues it.
    Stop,
    /// Draw everything anew.
    Repaint,
    /// Copy a text.
    Copy(String),
    /// Take clicks, or leave them to the terminal.
    Mouse(bool),
    /// Send an act.
    Send(Box<Act>),
}
