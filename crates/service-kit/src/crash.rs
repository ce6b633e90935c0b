//! Named crash points: places between two durable effects where a test lets the process die.
//!
//! Random kills miss microsecond windows; a point hits them every time. `ORCHESTRA_CRASH_AT=after-commit`
//! aborts at the first passage, `after-commit:3` at the third.

#[cfg(debug_assertions)]
use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

/// Names the variable that arms a point.
pub const VARIABLE: &str = "ORCHESTRA_CRASH_AT";

/// Aborts the process here if [`VARIABLE`] names this point; free in builds without debug assertions.
#[inline]
pub fn point(name: &'static str) {
    #[cfg(debug_assertions)]
    if let Some(armed) = ARMED.get_or_init(Armed::from_env)
        && armed.name == name
        && armed.passages.fetch_add(1, Ordering::SeqCst) + 1 == armed.at
    {
        tracing::error!(point = name, "crashing, as {VARIABLE} asks");
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

#[cfg(debug_assertions)]
struct Armed {
    name: String,
    at: u64,
    passages: AtomicU64,
}

#[cfg(debug_assertions)]
impl Armed {
    fn from_env() -> Option<Self> {
        let wanted = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty())?;
        let (name, at) = match wanted.rsplit_once(':') {
            Some((name, count)) => (name.to_owned(), count.parse().ok()?),
            None => (wanted, 1),
        };
        Some(Self {
            name,
            at,
            passages: AtomicU64::new(0),
        })
    }
}
