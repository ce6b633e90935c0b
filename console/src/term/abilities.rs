//! What the terminal can show, found out without asking it: a question over ssh takes a round trip, or for ever.

use crate::ui::glyphs::Charset;
use crate::ui::theme::{Background, Depth};

/// What the environment says about the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// How many colours.
    pub depth: Depth,
    /// Light or dark.
    pub background: Background,
    /// Which signs.
    pub charset: Charset,
    /// Whether each byte crosses a network: then frames are fewer.
    pub remote: bool,
}

/// The variables of a process, or of a test.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Abilities {
    /// What the variables say.
    pub fn of(environment: Environment<'_>) -> Self {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let is_set = |name: &str| variable(name).is_some();
        Self {
            depth: depth(&variable),
            background: background(&variable),
            charset: charset(&variable),
            remote: is_set("SSH_CONNECTION") || is_set("SSH_TTY"),
        }
    }
}

fn depth(variable: Environment<'_>) -> Depth {
    if variable("NO_COLOR").is_some() {
        return Depth::Mono;
    }
    let term = variable("TERM").unwrap_or_default();
    let true_colour = |value: String| value == "truecolor" || value == "24bit";
    if term == "dumb" || term.starts_with("vt") || term.is_empty() {
        Depth::Mono
    } else if variable("COLORTERM").is_some_and(true_colour) || term.contains("direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Ansi
    }
}

/// `COLORFGBG` is `15;0` or `0;default;15`: the last is the background, of which 7 and 15 are the light ones.
fn background(variable: Environment<'_>) -> Background {
    let last = variable("COLORFGBG").and_then(|value| value.rsplit(';').next().map(str::to_owned));
    match last.as_deref() {
        Some("7" | "15") => Background::Light,
        _ => Background::Dark,
    }
}

/// The console of the kernel says UTF-8 and has few of the signs.
fn charset(variable: Environment<'_>) -> Charset {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    let is_utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if is_utf8 && variable("TERM").as_deref() != Some("linux") {
        Charset::Utf8
    } else {
        Charset::Ascii
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abilities(variables: &[(&str, &str)]) -> Abilities {
        Abilities::of(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colours_are_as_deep_as_the_terminal_says() {
        for (variables, depth) in [
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..],
                Depth::True,
            ),
            (&[("TERM", "tmux-256color")], Depth::Indexed),
            (&[("TERM", "linux")], Depth::Ansi),
            (&[("TERM", "vt220")], Depth::Mono),
            (&[], Depth::Mono),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], Depth::Mono),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Indexed),
        ] {
            assert_eq!(abilities(variables).depth, depth, "{variables:?}");
        }
    }

    #[test]
    fn signs_are_those_of_the_locale() {
        for (variables, charset) in [
            (&[("LANG", "C.UTF-8"), ("TERM", "xterm")][..], Charset::Utf8),
            (&[("LANG", "en_GB.utf8")], Charset::Utf8),
            (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], Charset::Ascii),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], Charset::Ascii),
            (&[], Charset::Ascii),
        ] {
            assert_eq!(abilities(variables).charset, charset, "{variables:?}");
        }
    }

    #[test]
    fn a_light_background_and_a_network_are_noticed() {
        let here = abilities(&[("COLORFGBG", "15;0")]);
        assert_eq!((here.background, here.remote), (Background::Dark, false));
        let there = abilities(&[("COLORFGBG", "0;default;15"), ("SSH_CONNECTION", "a 1 b 22")]);
        assert_eq!((there.background, there.remote), (Background::Light, true));
    }
}
