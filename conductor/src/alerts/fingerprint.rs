//! What makes two failures, or two alerts, the same.
//!
//! A failure is known by its provider, its error code and its message without what differs from one
//! observation to the next: numbers, ids, paths and times. So a broken calibration is one cause, however many
//! products it spoils.

use domain::{ProcessingError, ProductName, ProviderName, ServiceName};
use sha2::{Digest as _, Sha256};
use smol_str::{SmolStr, format_smolstr};
use std::fmt::Write as _;

/// Characters of a message that count: what differs only behind them is the same.
const MAX_CHARS: usize = 400;

/// Bytes of the hash of a cause: two in a million causes meet with a probability of one in 500 000.
const HASH_BYTES: usize = 6;

/// From so many characters on, digits mixed with `a` to `f` are an id and no word.
const MIN_HEX: usize = 6;

/// Where the lengths of a uuid's parts are.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// The name of what calls for a human: `failure-3f2a90c1d2e4`, `overdue-ECL_NOTICE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Fingerprint(SmolStr);

impl Fingerprint {
    /// Of a run that failed for good.
    pub fn of_failure(provider: &ProviderName, error: &ProcessingError) -> Self {
        let cause = format!("{provider}\n{}\n{}", error.code, normalised(&error.message));
        let mut hash = String::with_capacity(2 * HASH_BYTES);
        for byte in &Sha256::digest(cause)[..HASH_BYTES] {
            write!(hash, "{byte:02x}").expect("a text takes what is written to it");
        }
        Self(format_smolstr!("failure-{hash}"))
    }

    /// Of a product that is late for its users.
    pub fn of_overdue(product: &ProductName) -> Self {
        Self(format_smolstr!("overdue-{product}"))
    }

    /// Of a product that awaits approval.
    pub fn of_approval(product: &ProductName) -> Self {
        Self(format_smolstr!("approval-{product}"))
    }

    /// Of a provider that is gone.
    pub fn of_provider(provider: &ProviderName) -> Self {
        Self(format_smolstr!("provider-{provider}"))
    }

    /// Of a service that says that something is wrong with it.
    pub fn of_service(service: &ServiceName) -> Self {
        Self(format_smolstr!("service-{service}"))
    }

    /// Of a stream that is nearly full.
    pub fn of_stream(stream: &str) -> Self {
        Self(format_smolstr!("stream-{stream}"))
    }

    /// Of the ledger's disk.
    pub fn of_disk() -> Self {
        Self(SmolStr::new_static("disk-ledger"))
    }

    /// Of the canary.
    pub fn of_canary() -> Self {
        Self(SmolStr::new_static("canary"))
    }

    /// Whether it stands for cells, and not for something that is looked at from time to time.
    pub(crate) fn is_of_cells(&self) -> bool {
        let kinds = ["failure-", "overdue-", "approval-"];
        kinds.iter().any(|kind| self.0.starts_with(kind))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As somebody wrote it; whether there is such a one is not known.
impl From<&str> for Fingerprint {
    fn from(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// A message without what differs from one observation to the next.
pub fn normalised(message: &str) -> String {
    let mut text = String::new();
    for part in message.split_inclusive(is_between).take(MAX_CHARS) {
        let word = part.trim_end_matches(is_between);
        let bare = word.trim_end_matches(['.', ':', '!', '?']);
        push_word(&mut text, bare);
        text.push_str(&word[bare.len()..]);
        match &part[word.len()..] {
            space if space.trim().is_empty() => {
                if !space.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            mark => text.push_str(mark),
        }
    }
    text.trim().chars().take(MAX_CHARS).collect()
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || "\"'`()[]{}<>,;=|&".contains(c)
}

fn push_word(text: &mut String, word: &str) {
    if is_path(word) {
        text.push_str("<path>");
    } else if is_time(word) {
        text.push_str("<time>");
    } else if word.parse::<f64>().is_ok_and(f64::is_finite) {
        text.push('#');
    } else {
        for part in word.split_inclusive(['_', ':', '@', '.']) {
            let bare = part.trim_end_matches(['_', ':', '@', '.']);
            if is_id(bare) {
                text.push_str("<id>");
            } else {
                push_without_digits(text, bare);
            }
            text.push_str(&part[bare.len()..]);
        }
    }
}

/// `/var/x`, `./x`, `C:\x`, `http://h/x`, `a/b/c`; not `n/a`.
fn is_path(word: &str) -> bool {
    let rooted = word.len() > 1 && (word.starts_with(['/', '~']) || word.starts_with("./"));
    rooted || word.contains("://") || word.contains(":\\") || word.matches('/').count() > 1
}

/// `2026-02-25`, `2026-02-25T08:52:07Z`, `08:52:07.3`.
fn is_time(word: &str) -> bool {
    let shape: String = word
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape.starts_with("0000-00-00") || shape.starts_with("00:00")
}

/// A uuid, or a hash or address in hexadecimal digits.
fn is_id(word: &str) -> bool {
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    if let Some(digits) = word.strip_prefix("0x") {
        return is_hex(digits);
    }
    let lengths = word.split('-').map(str::len);
    if lengths.eq(UUID) {
        return word.split('-').all(is_hex);
    }
    let has = |wanted: fn(char) -> bool| word.chars().any(wanted);
    word.len() >= MIN_HEX && is_hex(word) && has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_alphabetic())
}

/// Each number is the same, whether it has a point or not.
fn push_without_digits(text: &mut String, word: &str) {
    for c in word.chars() {
        match c {
            _ if !c.is_ascii_digit() => text.push(c),
            _ if text.ends_with('#') => {}
            _ if text.ends_with("#.") => drop(text.pop()),
            _ => text.push('#'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorClass;
    use proptest::prelude::*;

    #[test]
    fn what_differs_from_one_observation_to_the_next_is_left_out() {
        for (message, expected) in [
            ("no dark frame", "no dark frame"),
            ("no dark frame for 42", "no dark frame for #"),
            ("no dark frame for sb26022501.", "no dark frame for sb#."),
            ("took 12.5s, not 10s", "took #s, not #s"),
            ("rms -3.2e-5 over 17 bins", "rms # over # bins"),
            (
                "cannot open /data/42/dark.fits: no such file",
                "cannot open <path>: no such file",
            ),
            ("GET http://sdb:5001/products/42/QPO: 503", "GET <path>: #"),
            (
                "at 2026-02-25T08:52:07.123Z, since 08:52:06",
                "at <time>, since <time>",
            ),
            (
                "run run_1f8b0c5e-9f6e-4d0a-8a52-0d1c5a0f7f11 is lost",
                "run run_<id> is lost",
            ),
            ("object at 0x7f3a2b10", "object at <id>"),
            ("checksum 3fa9c0de1b2c differs", "checksum <id> differs"),
            ("obs_id=42, product='QPO_ECL'", "obs_id=#, product='QPO_ECL'"),
            ("  two\n\n lines\t", "two lines"),
            ("n/a", "n/a"),
            ("the decade faded", "the decade faded"),
        ] {
            assert_eq!(normalised(message), expected, "{message:?}");
        }
    }

    #[test]
    fn provider_code_and_message_make_the_cause() {
        let of = |provider: &str, code: &str, message: &str| {
            let error = ProcessingError {
                class: ErrorClass::Permanent,
                code: code.into(),
                message: message.into(),
            };
            Fingerprint::of_failure(&provider.parse().unwrap(), &error)
        };
        let one = of("qpo", "no-dark", "no dark frame for 42");
        assert_eq!(one, of("qpo", "no-dark", "no dark frame for 43"));
        assert_ne!(one, of("lc", "no-dark", "no dark frame for 42"));
        assert_ne!(one, of("qpo", "no-flat", "no dark frame for 42"));
        assert_ne!(one, of("qpo", "no-dark", "no dark frame of 42"));
        assert_eq!(one.as_str(), "failure-8308fdaaf2f0");
    }

    proptest! {
        #[test]
        fn any_number_is_the_same_as_any_other_wherever_it_stands(
            message in "[g-z ]{0,20}", one in 0..10_000_u32, other in 0..10_000_u32
        ) {
            let with = |number: u32| normalised(&format!("{message} {number}{message}"));
            prop_assert_eq!(with(one), with(other));
        }

        #[test]
        fn no_message_is_too_strange_and_none_stays_long(message in ".{0,600}") {
            prop_assert!(normalised(&message).chars().count() <= MAX_CHARS);
        }
    }
}
