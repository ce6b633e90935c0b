//! A screen that panics at a key: `p` does it where it draws, `t` in another thread. The tests of the terminal start
//! it, since the console itself has no way to.

use console::term::{Screen, restore_on_panic};
use ratatui::Frame;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::thread;

fn main() -> io::Result<()> {
    restore_on_panic();
    let mut screen = Screen::open(true)?;
    let view = |frame: &mut Frame| frame.render_widget("about to panic", frame.area());
    screen.draw(view)?;
    let mut key = [0; 1];
    io::stdin().read_exact(&mut key)?;
    assert!(key == *b"t", "it had to be");
    let panicked = thread::spawn(|| panic!("it had to be")).join();
    io::stdin().lock().read_line(&mut String::new())?;
    // The terminal is somebody else's now.
    screen.draw(view)?;
    if panicked.is_err() {
        writeln!(io::stdout(), "nothing was drawn")?;
    }
    Ok(())
}
