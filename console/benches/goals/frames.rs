//! How long a frame takes, without a terminal.

use crate::args::Args;
use anyhow::{Context as _, Result};
use api::conductor::{GraphView, ObservationView};
use bench::crowd;
use bench::figure::{Figure, Times};
use console::app::{App, Settings};
use console::keys::Keymap;
use console::model::{Cause, Graph, Layers, Snapshot, Update};
use console::ui::glyphs::Charset;
use console::ui::theme::{Background, Depth};
use console::ui::{self, Look};
use crossterm::event::{KeyCode, KeyEvent};
use domain::Activity;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// As many as the console keeps.
const OBSERVATIONS: usize = 2000;
const PRODUCTS: usize = 60;
/// News before each frame: those of a thirtieth of a second at 5000 a second.
const NEWS: usize = 167;
const FRAMES: usize = 1000;
/// The largest graph that anybody has thought of.
const LARGE: usize = 100;
/// Of a hundred cells these stand out; the others are done.
const STATES: [&str; 5] = ["failed", "running", "queued", "waiting", "requested"];

pub(crate) fn measure(args: &Args) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (size, budget) in [((80, 24), None), ((120, 36), Some(4.0)), ((200, 60), Some(10.0))] {
        let mut night = Night::new(size)?;
        let mut frames = Times::default();
        let mut news = Times::default();
        for _ in 0..args.scaled(FRAMES) {
            news.push(night.hears()?);
            frames.push(night.draws()?);
        }
        let (width, height) = size;
        let what =
            format!("a frame of {width}x{height} of {OBSERVATIONS} x {PRODUCTS} cells, {NEWS} of them new");
        let p99 = Figure::new(format!("{what}, p99"), frames.percentile_ms(99), "ms");
        figures.push(Figure::new(
            format!("{what}, p50"),
            frames.percentile_ms(50),
            "ms",
        ));
        figures.push(match budget {
            Some(budget) => p99.below(budget),
            None => p99,
        });
        figures.push(Figure::new(
            format!("{NEWS} events taken in before it, p99"),
            news.percentile_ms(99),
            "ms",
        ));
    }
    figures.push(layout()?);
    Ok(figures)
}

/// Where the nodes of a large graph stand.
fn layout() -> Result<Figure> {
    let graph = Graph::new(&graph_of(LARGE)?);
    let mut times = Times::default();
    for _ in 0..20 {
        let began = Instant::now();
        std::hint::black_box(Layers::new(&graph));
        times.push(began.elapsed());
    }
    Ok(Figure::new(
        format!("placing the nodes of a graph of {LARGE}, at worst"),
        times.percentile_ms(100),
        "ms",
    )
    .below(20.0))
}

/// A screen with all that it keeps.
struct Night {
    app: App,
    terminal: Terminal<TestBackend>,
    now: Timestamp,
    said: usize,
}

impl Night {
    fn new((width, height): (u16, u16)) -> Result<Self> {
        let now: Timestamp = "2026-11-24T04:00:00Z".parse()?;
        let settings = Settings {
            look: Look::new(Depth::True, Background::Dark, Charset::Utf8),
            keymap: Keymap::default(),
            readonly: false,
            mouse: false,
            operator: "ada".to_owned(),
        };
        let mut app = App::new(settings, now, Size::new(width, height));
        let mut parts = vec![
            Snapshot::Begin(Cause::Start),
            Snapshot::Graph(Box::new(graph_of(PRODUCTS)?)),
        ];
        for at in 0..OBSERVATIONS {
            parts.push(Snapshot::Observation(Box::new(observation(at, now)?)));
        }
        parts.push(Snapshot::End);
        for part in parts {
            let _ = app.hear(now, Update::Snapshot(part));
        }
        let terminal = Terminal::new(TestBackend::new(width, height))?;
        Ok(Self {
            app,
            terminal,
            now,
            said: 0,
        })
    }

    /// Takes news in, and gives how long that took.
    fn hears(&mut self) -> Result<Duration> {
        self.now += SignedDuration::from_millis(33);
        let news: Vec<Activity> = (0..NEWS)
            .map(|at| word(self.said + at, self.now))
            .collect::<Result<_>>()?;
        self.said += NEWS;
        let began = Instant::now();
        for said in news {
            let _ = self.app.hear(self.now, Update::Activity(Box::new(said)));
        }
        Ok(began.elapsed())
    }

    /// A key, and the frame after it; gives how long both took.
    fn draws(&mut self) -> Result<Duration> {
        let key = if self.said / NEWS % 40 < 20 { 'j' } else { 'k' };
        let began = Instant::now();
        let _ = self.app.press(KeyEvent::from(KeyCode::Char(key)));
        self.app.settle(self.now);
        let app = &self.app;
        self.terminal.draw(|frame| ui::draw(frame, app))?;
        Ok(began.elapsed())
    }
}

/// Three inputs, and levels of products that are made of those of the level before.
fn graph_of(nodes: usize) -> Result<GraphView> {
    let name = |at: usize| {
        if at < 3 {
            format!("Input{at}")
        } else {
            format!("PRODUCT_{at:03}")
        }
    };
    let products = (3..nodes).map(|at| {
        let level = (at - 3) / 12 + 1;
        let inputs = [name(at.saturating_sub(9)), name(at / 2), name(at % 3)];
        json!({"product": name(at), "m_input": inputs, "o_input": [], "provider": format!("maker{}", at % 9),
            "url": "http://maker", "group": format!("maker{}", at % 9), "level": level,
            "expected": {"p50_ms": 10_000, "p95_ms": 20_000}})
    });
    let products: Vec<Value> = products.collect();
    let inputs: Vec<String> = (0..3).map(name).collect();
    serde_json::from_value(
        json!({"sha256": "00".repeat(32), "loaded_at": "2026-11-24T00:00:00Z", "document": {},
        "inputs": inputs, "products": products}),
    )
    .context("a graph as the conductor tells it")
}

fn observation(at: usize, now: Timestamp) -> Result<ObservationView> {
    let state = |product: usize| state((at * 7 + product * 13) % 100);
    let cells = (3..PRODUCTS).map(|product| {
        json!({"product": format!("PRODUCT_{product:03}"), "rev": 1, "state": state(product), "since": now,
            "reason": (state(product) == "failed").then_some("scratch-full: no space left")})
    });
    let cells: Vec<Value> = cells.collect();
    serde_json::from_value(
        json!({"obs_id": crowd::obs_id(at)?, "rev": 1, "counts": {}, "worst": null,
        "burst_id": null, "cells": cells}),
    )
    .context("an observation as the conductor tells it")
}

fn state(number: usize) -> &'static str {
    STATES.get(number).copied().unwrap_or("done")
}

/// A cell in another state than before.
fn word(number: usize, now: Timestamp) -> Result<Activity> {
    let (obs_id, product) = (number * 31 % OBSERVATIONS, 3 + number % (PRODUCTS - 3));
    let state = ["running", "done"][number / 7 % 2];
    let said = json!({"kind": "cell", "service": "conductor", "rev": 2 + number, "obs_id": crowd::obs_id(obs_id)?,
        "product": format!("PRODUCT_{product:03}"), "state": state, "since": now});
    serde_json::from_value(said).context("a change as the conductor tells it")
}
