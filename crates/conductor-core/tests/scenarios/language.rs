//! The language of the scenarios: a file becomes settings and events, or an error with its line.

use crate::recipes;
use crate::words::{self, Doing, SdbAnswer, Word};
use conductor_core::Verb;
use domain::{ProductName, RunId};
use product_graph::ProductGraph;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Stands before what is expected.
pub(crate) const INDENT: &str = "    ";

/// What an event can be, for whoever wrote one that is none.
const EVENTS: &str = "an event is one of
  A arrives | A v3 arrives | A arrives again | A is absent | A is retracted | A v3 is retracted
  X is stored | X is stored by hand | X run 1 is stored | Y is stored beside X
  X answered accepted | accepted as ID | busy 7s | refused | faulty | unreachable | stale-attempt
  X reported alive | running | succeeded | failed | failed-for-good | cancelled | unknown | unreachable | not-offered
  X run 1 attempt 1 answered .. | X run 1 attempt 1 reported ..
  p accepted X as ID | p works on X as ID | p works on X as ID attempt 2 | X is stored as ID
  sdb has no X | sdb is silent about X | sdb heard of X v1
  ops requests X | ops forces X | ops retries X | ops cancels X | ops holds X | ops releases X | ops approves X
  ops ends grace of X | ops extends grace of X by 5s | ops raises X to 7; each may end with a note: `: shift 2`
  graph X <- A; Y <- X | restart | why X | count runs
and may have a time before it, `+5s`, or be only that";

pub(crate) struct Scenario {
    pub(crate) graph: ProductGraph,
    /// How many runs a provider takes at a time.
    pub(crate) limits: BTreeMap<String, u32>,
    /// How long runs take, if they bring their products by themselves.
    pub(crate) takes: Option<Duration>,
    pub(crate) lines: Vec<Line>,
}

pub(crate) enum Line {
    /// A comment, a setting, or nothing: kept as it is.
    Text(String),
    Event {
        text: String,
        at: Option<Duration>,
        act: Act,
    },
    Expected(String),
}

/// What happens.
pub(crate) enum Act {
    /// Only time passes.
    Nothing,
    Arrive {
        product: ProductName,
        version: Option<u64>,
    },
    ArriveAgain(ProductName),
    Absent(ProductName),
    Retract {
        product: ProductName,
        version: Option<u64>,
    },
    Store {
        product: ProductName,
        run: Option<usize>,
    },
    StoreByHand(ProductName),
    /// The latest run of `of` brought this product as well.
    StoreBeside {
        product: ProductName,
        of: ProductName,
    },
    /// The provider answers a POST, or speaks of a run.
    Speak {
        product: ProductName,
        of: Option<(usize, u32)>,
        word: Word,
    },
    /// The provider says by itself that it has a run.
    Overhear {
        product: ProductName,
        run_id: RunId,
        attempt: u32,
        at_work: bool,
    },
    /// The product of a run of which only its provider's id is known.
    StoreAs {
        product: ProductName,
        run_id: RunId,
    },
    /// The SDB answers.
    Sdb {
        product: ProductName,
        answer: SdbAnswer,
    },
    Request {
        product: ProductName,
        force: bool,
    },
    Operate {
        product: ProductName,
        verb: Verb,
        note: Option<String>,
    },
    Graph(ProductGraph),
    Restart,
    /// Somebody counts the runs of each product.
    Count,
    /// Somebody asks why a cell is as it is.
    Why(ProductName),
}

impl Scenario {
    /// Reads a file. An error begins with the number of its line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (graph, names) = Self::graphs(text)?;
        let mut scenario = Self {
            graph,
            limits: BTreeMap::new(),
            takes: None,
            lines: Vec::new(),
        };
        let mut begun = false;
        for (number, text) in text.lines().enumerate() {
            let line = scenario.line(text, &mut begun, &names);
            scenario
                .lines
                .push(line.map_err(|error| format!("{}: {error}", number + 1))?);
        }
        if !begun {
            return Err("1: nothing happens: there is no line that starts with `>`".into());
        }
        Ok(scenario)
    }

    /// What is written under the event of that line.
    pub(crate) fn expected_after(&self, event: usize) -> Vec<String> {
        let mut expected = Vec::new();
        for line in &self.lines[event + 1..] {
            match line {
                Line::Expected(text) => expected.push(text.clone()),
                Line::Text(_) => {}
                Line::Event { .. } => break,
            }
        }
        expected
    }

    /// The graph that the file starts with, and the names in all its graphs.
    fn graphs(text: &str) -> Result<(ProductGraph, BTreeSet<String>), String> {
        let numbered = || text.lines().enumerate().map(|(number, line)| (number + 1, line));
        let recipes: Vec<(usize, &str)> = numbered()
            .filter_map(|(number, line)| Some((number, line.strip_prefix("graph ")?)))
            .collect();
        let first = recipes
            .first()
            .ok_or("1: there is no graph: write `graph X <- A`")?
            .0;
        let lines: Vec<&str> = recipes.iter().map(|(_, line)| *line).collect();
        // A recipe that cannot be read is reported at its own line, the others at the first.
        for (number, line) in &recipes {
            recipes::graph(&[line]).map_err(|error| format!("{number}: {error}"))?;
        }
        let (graph, mut names) = recipes::graph(&lines).map_err(|error| format!("{first}: {error}"))?;
        for (number, line) in numbered() {
            if let Some((_, later)) = line.split_once("graph ").filter(|_| line.starts_with('>')) {
                let lines: Vec<&str> = later.split(';').collect();
                names.extend(
                    recipes::graph(&lines)
                        .map_err(|error| format!("{number}: {error}"))?
                        .1,
                );
            }
        }
        Ok((graph, names))
    }

    fn line(&mut self, text: &str, begun: &mut bool, names: &BTreeSet<String>) -> Result<Line, String> {
        let kept = Line::Text(text.to_owned());
        if let Some(event) = text.strip_prefix('>') {
            *begun = true;
            let (at, act) = event_of(event, names)?;
            return Ok(Line::Event {
                text: text.to_owned(),
                at,
                act,
            });
        }
        if text.trim().is_empty() || text.starts_with('#') {
            return Ok(kept);
        }
        if *begun {
            return Ok(Line::Expected(
                text.strip_prefix(INDENT).unwrap_or(text).to_owned(),
            ));
        }
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["graph", ..] => Ok(kept),
            ["limit", provider, limit] => {
                let limit = limit.parse().map_err(|_| format!("`{limit}` is no number"))?;
                self.limits.insert(provider.to_owned(), limit);
                Ok(kept)
            }
            ["runs", "take", time] => {
                self.takes = Some(duration(time)?);
                Ok(kept)
            }
            _ => Err(format!(
                "`{text}` is no setting: before the first event there are `graph X <- A`, `limit p 1`, `runs take 5s` and comments (`#`)"
            )),
        }
    }
}

fn event_of(text: &str, names: &BTreeSet<String>) -> Result<(Option<Duration>, Act), String> {
    let (told, note) = match text.split_once(": ") {
        Some((told, note)) => (told, Some(note)),
        None => (text, None),
    };
    let mut words: Vec<&str> = told.split_whitespace().collect();
    let at = match words.first().and_then(|word| word.strip_prefix('+')) {
        Some(at) => Some(duration(at)?),
        None => None,
    };
    if at.is_some() {
        words.remove(0);
    }
    let wrong = || format!("`{}` is no event; {EVENTS}", text.trim());
    let product = |name: &str| -> Result<ProductName, String> {
        if names.contains(name) {
            name.parse().map_err(|error| format!("{error}"))
        } else {
            let event = text.trim();
            Err(format!(
                "no graph of this file knows `{name}`: is `{event}` an event? {EVENTS}"
            ))
        }
    };
    let act = match words[..] {
        [] if at.is_some() => Act::Nothing,
        ["restart"] => Act::Restart,
        ["count", "runs"] => Act::Count,
        ["why", name] => Act::Why(product(name)?),
        ["graph", ..] => {
            let lines = text.split_once("graph ").ok_or_else(wrong)?.1;
            Act::Graph(recipes::graph(&lines.split(';').collect::<Vec<_>>())?.0)
        }
        ["ops", ref told @ ..] => {
            let (name, doing) = words::of_operator(told).ok_or_else(wrong)?;
            let product = product(name)?;
            match doing {
                Doing::Request { force } => Act::Request { product, force },
                Doing::Operate(verb) => Act::Operate {
                    product,
                    verb,
                    note: note.map(str::to_owned),
                },
            }
        }
        ["p", ref told @ ..] => {
            let (name, run_id, attempt, at_work) = words::overheard(told).ok_or_else(wrong)?;
            Act::Overhear {
                product: product(name)?,
                run_id,
                attempt,
                at_work,
            }
        }
        ["sdb", ref told @ ..] => {
            let (name, answer) = words::of_sdb(told).ok_or_else(wrong)?;
            Act::Sdb {
                product: product(name)?,
                answer,
            }
        }
        [name, "is", "stored", "beside", of] => Act::StoreBeside {
            product: product(name)?,
            of: product(of)?,
        },
        [name, ref told @ ..] => {
            let act = of_product(product(name), told)?;
            act.ok_or_else(wrong)?
        }
        [] => return Err(wrong()),
    };
    if note.is_some() && !matches!(act, Act::Operate { .. }) {
        return Err("only what an operator does to a cell has a note".to_owned());
    }
    Ok((at, act))
}

/// What happens to a product, or to a run of it; none if that is no event.
fn of_product(product: Result<ProductName, String>, words: &[&str]) -> Result<Option<Act>, String> {
    Ok(Some(match *words {
        ["arrives"] => Act::Arrive {
            product: product?,
            version: None,
        },
        ["arrives", "again"] => Act::ArriveAgain(product?),
        [version, "arrives"] => Act::Arrive {
            product: product?,
            version: Some(number(version, "v")?),
        },
        ["is", "absent"] => Act::Absent(product?),
        ["is", "retracted"] => Act::Retract {
            product: product?,
            version: None,
        },
        [version, "is", "retracted"] => Act::Retract {
            product: product?,
            version: Some(number(version, "v")?),
        },
        ["is", "stored"] => Act::Store {
            product: product?,
            run: None,
        },
        ["is", "stored", "by", "hand"] => Act::StoreByHand(product?),
        ["is", "stored", "as", id] => Act::StoreAs {
            product: product?,
            run_id: id.parse().map_err(|error| format!("{error}"))?,
        },
        ["run", run, "is", "stored"] => Act::Store {
            product: product?,
            run: Some(number(run, "")?),
        },
        ["run", run, "attempt", attempt, ref word @ ..] => {
            let of = Some((number(run, "")?, number(attempt, "")?));
            return speak(product, of, word);
        }
        ref word => return speak(product, None, word),
    }))
}

fn speak(
    product: Result<ProductName, String>,
    of: Option<(usize, u32)>,
    word: &[&str],
) -> Result<Option<Act>, String> {
    let Some(word) = words::of_provider(word) else {
        return Ok(None);
    };
    let product = product?;
    Ok(Some(Act::Speak { product, of, word }))
}

fn number<N: std::str::FromStr>(text: &str, prefix: &str) -> Result<N, String> {
    let digits = text.strip_prefix(prefix).and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| format!("`{text}` is no number; write `{prefix}1`"))
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time; write `500ms`, `5s` or `10m`");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(count)),
        "s" => Ok(Duration::from_secs(count)),
        "m" => Ok(Duration::from_secs(60 * count)),
        _ => Err(wrong()),
    }
}
