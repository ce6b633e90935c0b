//! What the process itself costs, read from `/proc` when somebody asks; nothing where there is none.

use std::fmt::Write as _;

/// Ticks per second of the times in `/proc/PID/stat`: `USER_HZ`, 100 on every Linux that Rust supports.
const TICKS_PER_S: f64 = 100.0;

/// Appends resident memory and processor time in Prometheus' own names for them.
pub(crate) fn write_metrics(text: &mut String) {
    if let Some(bytes) = resident_bytes() {
        append(text, "process_resident_memory_bytes", "gauge", &bytes.to_string());
    }
    if let Some(seconds) = cpu_seconds() {
        append(text, "process_cpu_seconds_total", "counter", &seconds.to_string());
    }
}

fn append(text: &mut String, name: &str, kind: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "# TYPE {name} {kind}\n{name} {value}\n\n");
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15, the name is field 2.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_S)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_cost() {
        let started = std::time::Instant::now();
        while cpu_seconds().unwrap() == 0.0 {
            assert!(
                started.elapsed().as_secs() < 10,
                "ten seconds of work cost nothing"
            );
        }
        assert!(resident_bytes().unwrap() > 100_000);
    }
}
