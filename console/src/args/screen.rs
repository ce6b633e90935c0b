//! How the screen looks and behaves; the verbs do not care.

use crate::keys::{Keymap, RemapError};
use crate::term::Abilities;
use crate::ui::Look;
use crate::ui::glyphs::Charset;
use crate::ui::theme::Depth;
use clap::ValueEnum;
use std::path::PathBuf;

/// Without a verb the screen opens; these are its settings.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Screen (without a command)")]
pub struct ScreenArgs {
    /// Forbid everything but looking
    #[arg(long, env = "ORCHESTRA_READONLY", value_parser = clap::builder::FalseyValueParser::new())]
    pub readonly: bool,
    /// How many colours; auto asks `COLORTERM`, `TERM` and `NO_COLOR`
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "HOW")]
    pub colour: Colour,
    /// Which signs; auto asks the locale
    #[arg(long, value_enum, default_value_t = Signs::Auto, value_name = "WHICH")]
    pub charset: Signs,
    /// Let nothing move but what happens: no clocks by the second
    #[arg(long)]
    pub reduced_motion: bool,
    /// Take clicks and the wheel; the terminal then selects text only with Shift
    #[arg(long)]
    pub mouse: bool,
    /// Which keys.
    #[command(flatten)]
    pub remap: Remap,
    /// Write everything that comes in, for training and for bug reports
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Show a recorded night instead of an orchestra
    #[arg(long, conflicts_with = "record", value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// How many times as fast as it was
    #[arg(long, requires = "replay", default_value_t = 1.0, value_parser = speed, value_name = "FACTOR")]
    pub speed: f64,
    /// Write a log: what goes wrong inside cannot be said on the screen
    #[arg(long, env = "ORCHESTRA_LOG_FILE", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}

/// Where other keys are.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Remap {
    /// Other keys, as a TOML file; else orchestra/keys.toml in the directory of settings, if it is there
    #[arg(long = "keys", env = "ORCHESTRA_KEYS", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// How many colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// As the terminal says.
    Auto,
    /// Any.
    True,
    /// The fixed 256.
    #[value(name = "256")]
    Indexed,
    /// The terminal's sixteen.
    #[value(name = "16")]
    Ansi,
    /// None.
    Mono,
}

/// Which signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Signs {
    /// As the locale says.
    Auto,
    /// Signs, lines and bars.
    Utf8,
    /// Nothing above `~`.
    Ascii,
}

impl ScreenArgs {
    /// How the screen looks on a terminal that can do so much.
    pub fn look(&self, abilities: Abilities) -> Look {
        let depth = match self.colour {
            Colour::Auto => abilities.depth,
            Colour::True => Depth::True,
            Colour::Indexed => Depth::Indexed,
            Colour::Ansi => Depth::Ansi,
            Colour::Mono => Depth::Mono,
        };
        let charset = match self.charset {
            Signs::Auto => abilities.charset,
            Signs::Utf8 => Charset::Utf8,
            Signs::Ascii => Charset::Ascii,
        };
        Look {
            motion: !self.reduced_motion,
            ..Look::new(depth, abilities.background, charset)
        }
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text
        .parse()
        .ok()
        .filter(|speed: &f64| (0.01..=1000.0).contains(speed));
    speed.ok_or_else(|| "a factor from 0.01 to 1000".to_owned())
}

impl Remap {
    /// The keys: those of the named file, else those of the file in the directory of settings, else the usual.
    ///
    /// # Errors
    /// The named file is not there, or either has mistakes.
    pub fn keymap(&self) -> Result<Keymap, RemapError> {
        if let Some(file) = &self.file {
            return Keymap::from_file(file);
        }
        let settings = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
        let usual = settings
            .filter(|directory| directory.is_absolute())
            .or_else(home)
            .map(|directory| directory.join("orchestra/keys.toml"));
        match usual.filter(|file| file.exists()) {
            Some(file) => Keymap::from_file(&file),
            None => Ok(Keymap::default()),
        }
    }
}
