//! Texts and times as long as the room that there is for them.

use super::glyphs::{Glyphs, Sign};
use jiff::{SignedDuration, Timestamp};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The text in exactly so many columns: cut with a sign, or filled with blanks.
pub fn fit(text: &str, width: usize, glyphs: Glyphs) -> String {
    let text = glyphs.text(text);
    let is = text.width();
    if is <= width {
        return format!("{text}{:1$}", "", width - is);
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let mut cut = String::with_capacity(text.len());
    let mut used = 0;
    for letter in text.chars() {
        let columns = letter.width().unwrap_or(0);
        if used + columns > room {
            break;
        }
        used += columns;
        cut.push(letter);
    }
    cut.push_str(glyphs.sign(Sign::Ellipsis));
    format!("{cut}{:1$}", "", room - used)
}

/// The text in so many columns, its end if it does not fit: of an id the end says most.
pub fn fit_end(text: &str, width: usize, glyphs: Glyphs) -> String {
    let text = glyphs.text(text);
    if text.width() <= width {
        return fit(&text, width, glyphs);
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let mut from = text.len();
    let mut used = 0;
    for (at, letter) in text.char_indices().rev() {
        used += letter.width().unwrap_or(0);
        if used > room {
            break;
        }
        from = at;
    }
    fit(
        &format!("{}{}", glyphs.sign(Sign::Ellipsis), &text[from..]),
        width,
        glyphs,
    )
}

/// How long something takes, in at most 6 columns: `00:08`, `12:41`, `1h02m`, `3d04h`.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    if hours == 0 {
        format!("{minutes:02}:{:02}", seconds % 60)
    } else if days == 0 {
        format!("{hours}h{:02}m", minutes % 60)
    } else {
        format!("{days}d{:02}h", hours % 24)
    }
}

/// How old something is, in at most 5 columns: `0.3s`, `12s`, `5m`, `2h`, `3d`. Tenths only for what may be alive.
pub fn age(duration: SignedDuration) -> String {
    let seconds = duration.as_secs_f64().max(0.0);
    match duration.as_secs().max(0) {
        0..10 => format!("{seconds:.1}s"),
        whole @ 10..100 => format!("{whole}s"),
        whole @ 100..6000 => format!("{}m", whole / 60),
        whole @ 6000..172_800 => format!("{}h", whole / 3600),
        whole => format!("{}d", whole / 86400),
    }
}

/// A time of day in UTC.
pub fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::glyphs::Charset;
    use super::*;

    const UTF8: Charset = Charset::Utf8;

    #[test]
    fn a_text_fills_its_room_and_no_more() {
        for (text, width, shown) in [
            ("QPO_ECL", 9, "QPO_ECL  "),
            ("QPO_ECL", 7, "QPO_ECL"),
            ("QPO_ECL", 4, "QPO…"),
            ("QPO_ECL", 1, "…"),
            ("QPO_ECL", 0, ""),
            ("日本語", 4, "日… "),
        ] {
            assert_eq!(fit(text, width, Glyphs::new(UTF8)), shown);
        }
        assert_eq!(fit("QPO_ECL", 4, Glyphs::new(Charset::Ascii)), "QPO~");
        assert_eq!(fit_end("sb26022501", 5, Glyphs::new(UTF8)), "…2501");
        assert_eq!(fit_end("42", 5, Glyphs::new(UTF8)), "42   ");
    }

    #[test]
    fn durations_are_short() {
        let seconds = SignedDuration::from_secs;
        for (duration, shown) in [
            (8, "00:08"),
            (3599, "59:59"),
            (3720, "1h02m"),
            (273_600, "3d04h"),
            (-3, "00:00"),
        ] {
            assert_eq!(span(seconds(duration)), shown);
        }
        for (duration, shown) in [(12, "12s"), (100, "1m"), (7200, "2h"), (259_200, "3d")] {
            assert_eq!(age(seconds(duration)), shown);
        }
        assert_eq!(age(SignedDuration::from_millis(340)), "0.3s");
    }
}
