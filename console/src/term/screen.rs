//! The alternate screen, and the way back from it.

use crossterm::{
    cursor, event, execute, queue,
    style::force_color_output,
    terminal::{
        self, BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    },
};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    layout::{Position, Rect, Size},
};
use std::io::{self, BufWriter, Stdout, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Clicks and the wheel (1000) in coordinates without limit (1006), but no movements: they would be traffic.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Room for a whole first frame, so that it goes out in one piece.
const BUFFER: usize = 64 * 1024;

/// Whether the terminal is ours: there is one terminal, and a panic in any thread must give it back.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours; it is given back when this is dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It is no terminal, or gone.
    pub fn open(mouse: bool) -> io::Result<Self> {
        // crossterm's own NO_COLOR writes a full reset wherever a colour changes and so loses bold and reverse;
        // the theme knows better what is left without colours.
        force_color_output(true);
        let out = BufWriter::with_capacity(BUFFER, io::stdout());
        let mut screen = Self {
            terminal: Terminal::new(CrosstermBackend::new(out))?,
            mouse,
        };
        screen.enter()?;
        Ok(screen)
    }

    /// Draws a frame, which appears at once where the terminal can do that.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if !IS_OURS.load(Ordering::Acquire) {
            return Ok(());
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn forget(&mut self) -> io::Result<()> {
        // Terminal::clear asks the terminal where its cursor is, and one that does not answer would hold us up.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// How large it is.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Fails once the terminal is gone. Its reader does not tell when SIGHUP is ignored or goes elsewhere, so
    /// this writes what no terminal shows.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn probe(&mut self) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Writes a sequence that draws nothing: the bell, a copy.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn say(&mut self, sequence: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        io::Write::flush(out)
    }

    /// Takes clicks, or leaves them to the terminal's own selection.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        let out = self.terminal.backend_mut();
        out.write_all(if mouse { MOUSE_ON } else { MOUSE_OFF })?;
        io::Write::flush(out)
    }

    /// Takes the terminal, also again.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn enter(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        IS_OURS.store(true, Ordering::Release);
        execute!(
            self.terminal.backend_mut(),
            EnterAlternateScreen,
            event::EnableBracketedPaste,
            event::EnableFocusChange,
            cursor::Hide,
        )?;
        if self.mouse {
            self.take_mouse(true)?;
        }
        self.forget()
    }

    /// Gives the terminal back.
    pub fn leave(&mut self) {
        let _ = io::Write::flush(self.terminal.backend_mut());
        restore();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Gives the terminal back, if it is ours. Errors have nowhere to go: it may be gone.
fn restore() {
    if !IS_OURS.swap(false, Ordering::AcqRel) {
        return;
    }
    let mut out = io::stdout();
    let _ = out.write_all(MOUSE_OFF);
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        event::DisableFocusChange,
        event::DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show,
    );
    let _ = terminal::disable_raw_mode();
}

/// From now on a panic is logged, then the terminal is given back, then the panic is printed where it can be read.
pub fn restore_on_panic() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!("{panic}");
        restore();
        print(panic);
    }));
}
