//! OSC 52: the terminal copies, also through ssh.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Terminals forget longer sequences; xterm's limit after base64.
const MAX_SEQUENCE: usize = 74_994;

/// How many bytes can be copied.
pub const MAX_COPIED: usize = MAX_SEQUENCE / 4 * 3;

/// The sequence that copies a text, if it is not too long.
pub fn copied(text: &str) -> Option<String> {
    (text.len() <= MAX_COPIED).then(|| format!("\x1b]52;c;{}\x07", STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_copied_by_the_terminal_unless_it_is_too_long() {
        assert_eq!(copied("42").unwrap(), "\x1b]52;c;NDI=\x07");
        assert!(copied(&"x".repeat(MAX_COPIED)).unwrap().len() <= MAX_SEQUENCE + 8);
        assert_eq!(copied(&"x".repeat(MAX_COPIED + 1)), None);
    }
}
