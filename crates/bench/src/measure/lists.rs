//! What operators and the console ask the conductor for, each many times.

use crate::args::Args;
use crate::figure::{Figure, Times};
use crate::wire::Wire;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The budget of each (DESIGN, section 6).
const BUDGET_MS: f64 = 50.0;

/// How often each is asked, after once that does not count; less often if it takes this long altogether.
const TIMES: usize = 20;
const ENOUGH: Duration = Duration::from_secs(2);

/// How the observations are called in which something was made, before their number.
pub(super) const WORKED: &str = "worked-";

/// What is asked, with `{cursor}`, `{ended}` and `{run}` still open.
const ROUTES: [&str; 34] = [
    "/observations",
    "/observations?limit=1000",
    "/observations?cursor={cursor}",
    "/observations?state=failed",
    "/observations?state=done",
    "/observations?state=received",
    "/observations?state=running",
    "/observations?state=requested",
    "/observations?state=held",
    "/observations?state=cancelled",
    "/observations?state=stale",
    "/observations?state=retracted",
    "/observations?state=quarantined",
    "/observations?state=waiting",
    "/observations?state=not_expected",
    "/observations?product=WORKED",
    "/observations?product=WORKED&state=failed",
    "/observations?product=PAIR",
    "/observations?q=worked-7",
    "/observations?q=nothing-is-called-so",
    "/observations?since={ended}",
    "/observations/worked-7",
    "/observations/worked-7/products/WORKED",
    "/observations/worked-7/timeline",
    "/runs",
    "/runs?state=failed",
    "/runs?state=succeeded",
    "/runs?state=running",
    "/runs?provider=worker",
    "/runs?provider=pair",
    "/runs/{run}",
    "/providers",
    "/alerts",
    "/report",
];

/// The slowest of some lists, by its worst time.
pub(super) fn slowest(lists: Vec<Figure>) -> Option<Figure> {
    let worst = |figure: &Figure| figure.worst.unwrap_or(figure.value);
    lists
        .into_iter()
        .max_by(|a, b| worst(a).total_cmp(&worst(b)))
        .map(|slowest| Figure {
            what: format!("{}, the slowest list", slowest.what),
            ..slowest
        })
}

/// One figure for each list: the middle and the worst of its times.
pub(super) async fn measure(args: &Args, about: &str, conductor: SocketAddr) -> Result<Vec<Figure>> {
    let mut wire = Wire::connect(conductor).await?;
    let page = ask(&mut wire, "/observations").await?;
    let runs = ask(&mut wire, "/runs?state=succeeded&limit=1").await?;
    let filled = |route: &str| -> Result<String> {
        let text = |value: &Value, at: &str| -> Result<String> {
            let found = value.pointer(at).and_then(Value::as_str);
            Ok(found
                .with_context(|| format!("the conductor lists no {at}"))?
                .to_owned())
        };
        Ok(if route.contains("{cursor}") {
            route.replace("{cursor}", &text(&page, "/next")?)
        } else if route.contains("{run}") {
            route.replace("{run}", &text(&runs, "/items/0/run_id")?)
        } else if route.contains("{ended}") {
            route.replace("{ended}", &text(&page, "/items/0/updated_at")?)
        } else {
            route.to_owned()
        })
    };
    let mut figures = Vec::new();
    for route in ROUTES {
        let path = filled(route)?;
        ask(&mut wire, &path).await?;
        let mut times = Times::default();
        let end = Instant::now() + ENOUGH;
        for _ in 0..args.scaled(TIMES) {
            let began = Instant::now();
            wire.get(&path).await?;
            times.push(began.elapsed());
            if Instant::now() > end {
                break;
            }
        }
        figures.push(Figure::of_times(format!("{about}: GET {route}"), &mut times).below(BUDGET_MS));
    }
    Ok(figures)
}

async fn ask(wire: &mut Wire, path: &str) -> Result<Value> {
    let (status, body) = wire.get(path).await?;
    let body: Value = serde_json::from_slice(&body).with_context(|| format!("GET {path}"))?;
    ensure!(status == 200, "GET {path} was answered {status}: {body}");
    Ok(body)
}
