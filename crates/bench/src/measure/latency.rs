//! How soon the next POST follows: from an arrival on `data.vhf`, and from an import into the SDB.

use super::arrivals::{Arrivals, POST_WITHIN};
use super::floor::{ALONE_P50, PACED_P50, PACED_P99, PER_SECOND};
use crate::args::Args;
use crate::figure::{Figure, Times};
use crate::orchestra::Orchestra;
use crate::sink::{Hit, Sink};
use crate::wire::Wire;
use anyhow::{Context as _, Result, ensure};
use domain::{Announcement, ObsId};
use messaging::Bus;
use serde_json::json;
use stage::CONDUCTOR;
use std::time::Instant;

/// Arrivals that are measured, and those before them that are not.
const ARRIVALS: usize = 1000;
const WARM_UP: usize = 100;

/// Products that are made from each other, and how many observations go through them, one after the other.
const CHAIN: usize = 20;
const CHAINED: usize = 25;

pub(super) async fn measure(args: &Args, floors: &[Figure]) -> Result<Vec<Figure>> {
    let mut sink = Sink::start().await?;
    let overrides = ["first", "chain"].map(|provider| format!("{provider}={}", sink.url(provider)));
    let mut orchestra = Orchestra::prepare(args, &graph(), |cast| {
        let flags = overrides
            .iter()
            .flat_map(|value| ["--provider-url".to_owned(), value.clone()]);
        cast.with_args(CONDUCTOR, flags)
    })?;
    orchestra.start_all().await?;
    let bus = orchestra.bus(1).await?;

    let mut chained = chain(args, &orchestra, &bus, &mut sink).await?;
    let arrivals = |label| -> Result<Arrivals<'_>> {
        Ok(Arrivals {
            bus: &bus,
            source: "vhf".parse()?,
            product: "Arrival".parse()?,
            label,
        })
    };
    arrivals("warm")?
        .paced(&mut sink, args.scaled(WARM_UP), PER_SECOND)
        .await?;
    let mut arrived = arrivals("paced")?
        .paced(&mut sink, args.scaled(ARRIVALS), PER_SECOND)
        .await?;
    orchestra.check_alive()?;
    drop(bus);
    orchestra.stop_all().await;

    let what = |what: &str, percent| format!("{what}, p{percent}");
    let (arrival, next, hop) = (
        "arrival on data.vhf to POST received, 100 arrivals/s",
        "201 of an import to the next POST received, one observation",
        "import sent to the next POST received, one observation",
    );
    Ok(vec![
        Figure::new(what(arrival, 50), arrived.percentile_ms(50), "ms")
            .below(1.5)
            .beside(floors, PACED_P50),
        Figure::new(what(arrival, 99), arrived.percentile_ms(99), "ms")
            .below(10.0)
            .beside(floors, PACED_P99),
        Figure::new(what(next, 50), chained.after_201.percentile_ms(50), "ms")
            .below(2.0)
            .beside(floors, ALONE_P50),
        Figure::new(what(next, 99), chained.after_201.percentile_ms(99), "ms"),
        Figure::new(what(hop, 50), chained.whole_hop.percentile_ms(50), "ms"),
        Figure::new(what(hop, 99), chained.whole_hop.percentile_ms(99), "ms"),
    ])
}

/// `Arrival` -> `FIRST`, and `Start` -> `C01` -> `C02` ..., all by the sink, which never ends a `FIRST`.
fn graph() -> String {
    let product = |input: &str, provider: &str| json!({ "m_input": [input], "provider": provider, "url": "http://127.0.0.1:1/pipeline", "timeout": "1h" });
    let mut products = serde_json::Map::new();
    products.insert("FIRST".to_owned(), product("Arrival", "first"));
    for at in 1..=CHAIN {
        let input = if at == 1 { "Start".to_owned() } else { link(at - 1) };
        products.insert(link(at), product(&input, "chain"));
    }
    json!({ "inputs": ["Arrival", "Start"], "products": products }).to_string()
}

fn link(at: usize) -> String {
    format!("C{at:02}")
}

/// What a chain shows.
#[derive(Debug, Default)]
struct Chained {
    /// From the receipt of the 201, which is the least after it was sent.
    after_201: Times,
    /// From before the import was sent.
    whole_hop: Times,
}

/// Sends observations through the chain, one after the other.
async fn chain(args: &Args, orchestra: &Orchestra, bus: &Bus, sink: &mut Sink) -> Result<Chained> {
    let mut chained = Chained::default();
    let mut sdb = Wire::connect(orchestra.sdb()).await?;
    let observations = args.scaled(CHAINED);
    // The first observation warms up, and is not counted.
    for at in 0..=observations {
        let mut times = Chained::default();
        let obs_id: ObsId = format!("chain-{at}").parse()?;
        let start = Announcement::of("Start".parse()?, obs_id.clone());
        bus.announce(&"vhf".parse()?, &start, &format!("vhf-{obs_id}"))
            .await?;
        let mut hit = sink.next(POST_WITHIN).await.context("the chain did not start")?;
        for step in 1..CHAIN {
            expect(&hit, &obs_id, step)?;
            let sent = Instant::now();
            import(&mut sdb, &hit).await?;
            let imported = Instant::now();
            hit = sink
                .next(POST_WITHIN)
                .await
                .with_context(|| format!("after {} of {obs_id}", link(step)))?;
            // The POST can be here before the 201 is read.
            times.after_201.push(hit.at.saturating_duration_since(imported));
            times.whole_hop.push(hit.at.duration_since(sent));
        }
        expect(&hit, &obs_id, CHAIN)?;
        import(&mut sdb, &hit).await?;
        if at > 0 {
            chained.after_201.append(times.after_201);
            chained.whole_hop.append(times.whole_hop);
        }
    }
    Ok(chained)
}

fn expect(hit: &Hit, obs_id: &ObsId, step: usize) -> Result<()> {
    let (product, wanted) = (hit.request.product.as_str(), link(step));
    ensure!(
        hit.request.obs_id == *obs_id && product == wanted,
        "a POST for {product} of {} where {wanted} of {obs_id} was due",
        hit.request.obs_id
    );
    Ok(())
}

/// Imports the product that a POST asks for, as a pipeline does.
async fn import(sdb: &mut Wire, hit: &Hit) -> Result<()> {
    let request = &hit.request;
    let provenance = json!({
        "run_id": hit.run_id, "attempt": request.attempt, "provider": "chain", "inputs": request.inputs,
    });
    let path = format!("/products/{}/{}", request.obs_id, request.product);
    let (status, answer) = sdb
        .post(&path, &format!("x-provenance: {provenance}\r\n"), b"{}")
        .await?;
    ensure!(
        status == 201,
        "the SDB answered {status}: {}",
        String::from_utf8_lossy(&answer)
    );
    Ok(())
}
