//! Tells what a player did: commands, cells and explanations as the lines of a scenario.

use crate::play::Player;
use conductor_core::{Blocker, Cell, Command, Verdict};
use domain::{InputRef, ProductName, ProviderName, RunId};
use jiff::Timestamp;

impl Player {
    /// How often each product was made, and how its cell is now.
    pub(crate) fn count(&mut self) {
        let tell = |(product, runs): (&ProductName, &Vec<RunId>)| {
            let state = self.observation.outlook(&self.graph, product).0;
            let plural = if runs.len() == 1 { "" } else { "s" };
            format!("{product}: {} run{plural}, {state}", runs.len())
        };
        let told: Vec<String> = self.runs.iter().map(tell).collect();
        self.log.extend(told);
    }

    pub(crate) fn line(&mut self, command: &Command) -> String {
        match command {
            Command::Enqueue(want) => format!("queue {}", self.number(&want.product, &want.run_id)),
            Command::Withdraw { run_id, .. } => format!("withdraw {}", self.met(run_id)),
            Command::Release { run_id, .. } => format!("release {}", self.met(run_id)),
            Command::Occupy { run_id, .. } => {
                let of = |cell: &&Cell| cell.run_id.as_ref() == Some(run_id);
                let product = self.observation.cells().find(of).map(|cell| cell.product.clone());
                let run = self.number(&product.expect("only a run has a slot"), run_id);
                format!("{run} has a slot")
            }
            Command::Busy { provider, until, .. } => format!("{provider} is busy until {}", clock(*until)),
            Command::Post(order) => {
                let run = self.number(&order.product, &order.run_id);
                let mut line = format!(
                    "POST {run} attempt {} from {}",
                    order.attempt,
                    inputs(&order.inputs)
                );
                if !order.missing.is_empty() {
                    line.extend([" without ", &list(&order.missing)]);
                }
                format!("{line} ({})", order.trigger)
            }
            Command::Ask {
                provider,
                product,
                asked,
                run_id,
                attempt,
            } => {
                let run = self.number(product, run_id);
                format!(
                    "ask {provider} about {run} attempt {attempt}{}",
                    alias(asked, run_id)
                )
            }
            Command::Cancel {
                provider,
                product,
                asked,
                run_id,
                attempt,
            } => {
                let run = self.number(product, run_id);
                format!(
                    "tell {provider} to cancel {run} attempt {attempt}{}",
                    alias(asked, run_id)
                )
            }
            Command::AskSdb { product, run_id } => format!("ask sdb for {}", self.number(product, run_id)),
            Command::Retract {
                product,
                version,
                reason,
            } => format!("tell sdb to retract {product} v{version}: {reason}"),
            Command::Remark { product, text } => format!("remark on {product}: {text}"),
        }
    }

    pub(crate) fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Start => "it begins".to_owned(),
            Verdict::Open(run_id) => format!("{} is open", self.met(run_id)),
            Verdict::Made(Some(run_id)) => format!("made, last by {}", self.met(run_id)),
            Verdict::Made(None) => "made, by no run".to_owned(),
            Verdict::Missing(inputs) => format!("{} missing", list(inputs)),
            Verdict::Unknown => "nothing makes it".to_owned(),
        }
    }

    pub(crate) fn why(&mut self, product: &ProductName) {
        let providers = |name: &ProviderName| Some(self.providers.get(name)?.view(self.now));
        let why = self
            .observation
            .explain(&self.graph, product, providers, self.now);
        self.log.push(format!("because {}", told(&why.text)));
        let mut open: Vec<(usize, &Blocker)> =
            why.blockers.iter().rev().map(|blocker| (1, blocker)).collect();
        while let Some((depth, blocker)) = open.pop() {
            open.extend(blocker.blockers.iter().rev().map(|below| (depth + 1, below)));
            let what = blocker
                .what
                .parse()
                .map_or_else(|_| blocker.what.clone(), |run_id| self.met(&run_id));
            let until = blocker.until.map(|until| format!(", until {}", clock(until)));
            let until = until.unwrap_or_default();
            let detail = told(&blocker.detail);
            self.log.push(format!(
                "{:indent$}{:?} {what}: {detail}{until}",
                "",
                blocker.kind,
                indent = 2 * depth
            ));
        }
        let next = why.next.map(|next| match next.at {
            Some(at) => format!("next: {}, at {}", next.what, clock(at)),
            None => format!("next: {}", next.what),
        });
        self.log
            .push(next.unwrap_or_else(|| "next: nothing by itself".to_owned()));
    }

    /// The cells of which there is something else to say than before.
    pub(crate) fn cells_that_changed(&mut self) -> Vec<String> {
        let known = self.graph.ids().map(|id| self.graph.name(id).clone());
        let mut products: Vec<ProductName> = known
            .chain(self.observation.cells().map(|cell| cell.product.clone()))
            .collect();
        products.sort();
        products.dedup();
        let mut changed = Vec::new();
        for product in products {
            let (state, reason) = self.observation.outlook(&self.graph, &product);
            let said = match reason {
                Some(reason) => format!("{product} is {state}: {}", told(&reason.to_string())),
                None => format!("{product} is {state}"),
            };
            if self.said.insert(product, said.clone()).as_ref() != Some(&said) {
                changed.push(said);
            }
        }
        changed
    }

    /// `X run 2`.
    fn number(&mut self, product: &ProductName, run_id: &RunId) -> String {
        let runs = self.runs.entry(product.clone()).or_default();
        let known = runs.iter().position(|known| known == run_id);
        let index = known.unwrap_or_else(|| {
            runs.push(run_id.clone());
            runs.len() - 1
        });
        format!("{product} run {}", index + 1)
    }

    /// A run that was met before.
    pub(crate) fn met(&self, run_id: &RunId) -> String {
        let of = |(product, runs): (&ProductName, &Vec<RunId>)| {
            let index = runs.iter().position(|known| known == run_id)?;
            Some(format!("{product} run {}", index + 1))
        };
        self.runs
            .iter()
            .find_map(of)
            .unwrap_or_else(|| run_id.to_string())
    }
}

/// ` as ID`, if its provider has another id for the run.
fn alias(asked: &RunId, run_id: &RunId) -> String {
    if asked == run_id {
        String::new()
    } else {
        format!(" as {asked}")
    }
}

/// A sentence, with its times as the scenario counts them.
fn told(text: &str) -> String {
    let word = |word: &str| {
        let plain = word.trim_end_matches([',', ';']);
        match plain.parse::<Timestamp>() {
            Ok(at) => format!("{}{}", clock(at), &word[plain.len()..]),
            Err(_) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn list(names: &[ProductName]) -> String {
    names
        .iter()
        .map(ProductName::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

/// `A.1 B.2`: names and revisions.
fn inputs(inputs: &[InputRef]) -> String {
    let shown = |input: &InputRef| match input.revision {
        Some(revision) => format!("{}.{revision}", input.product),
        None => input.product.to_string(),
    };
    match inputs {
        [] => "nothing".to_owned(),
        inputs => inputs.iter().map(shown).collect::<Vec<_>>().join(" "),
    }
}

/// `+5s`, `+4.512s`: since the beginning.
pub(crate) fn clock(at: Timestamp) -> String {
    let milliseconds = at.as_millisecond();
    match milliseconds % 1000 {
        0 => format!("+{}s", milliseconds / 1000),
        rest => format!("+{}.{rest:03}s", milliseconds / 1000),
    }
}
