//! `kind: rejected`: what could not be used.

use crate::ServiceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// `kind: rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedActivity {
    /// `conductor`.
    pub service: ServiceName,
    /// Which process of it.
    #[serde(default)]
    pub instance: SmolStr,
    /// When this was said.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Where the message came from.
    pub subject: String,
    /// Why it was not used.
    pub reason: String,
    /// Its first 512 bytes at most.
    pub excerpt: String,
}

impl RejectedActivity {
    /// The most of a refused message that is repeated, in bytes.
    pub const MAX_EXCERPT_BYTES: usize = 512;

    /// The start of a message body as text, cut at a character.
    pub fn excerpt_of(body: &[u8]) -> String {
        let head = &body[..body.len().min(Self::MAX_EXCERPT_BYTES)];
        let text = String::from_utf8_lossy(head);
        let mut end = text.len().min(Self::MAX_EXCERPT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    }
}
