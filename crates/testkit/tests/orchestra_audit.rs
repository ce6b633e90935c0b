//! Everything goes wrong at once, drawn from a seed, and then the books are compared: what was announced, the
//! ledger, the SDB, what the pipelines were put to do, what the operator remembers.
//!
//! `ORCHESTRA_SEED` is the seed of the first round (1), `ORCHESTRA_CYCLES` how many rounds there are, each with the
//! next seed and an orchestra of its own. A round that fails names its seed: with it and one cycle it is played again.

#![expect(clippy::print_stdout, reason = "what a round came to is a figure to look at")]

use api::conductor::{ObservationQuery, ProviderRequest, Selector, Touched};
use api::sdb::ProductRecord;
use api::vhf::ReplayRequest;
use api::{ApiError, ConductorClient, Http, Import, PageQuery};
use domain::{CellState, ObsId, ProductName, ProviderName};
use stage::{CONDUCTOR, MOCK_PIPELINE, NATS};
use std::time::Duration;
use testkit::{
    Audit, Deed, Orchestra, OrchestraOptions, Promise, Step, eventually, eventually_some, schedule,
    write_graph,
};

/// Alone it is seconds; a word that is lost is asked about after half a minute, and a hanging run takes as long.
const DEADLINE: Duration = Duration::from_secs(150);
/// Observations whose alerts are imported, withdrawn, cancelled and held.
const OBSERVATIONS: u64 = 4;
/// The input that is imported.
const ALERT: &str = "EclTmVhfAlert";
/// How the pipelines misbehave.
const MISBEHAVE: &str = "ORCHESTRA_MISBEHAVE";

#[tokio::test]
async fn the_books_agree_whatever_went_wrong() {
    let seed = number("ORCHESTRA_SEED").unwrap_or(1);
    for seed in seed..seed + number("ORCHESTRA_CYCLES").unwrap_or(3) {
        println!("ORCHESTRA_SEED={seed}");
        Round::begin(seed).await.play().await;
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|error| panic!("{variable}={text:?}: {error}")),
    )
}

struct Round {
    seed: u64,
    orchestra: Orchestra,
    promise: Promise,
    operator: ConductorClient,
    deeds: Vec<Deed>,
    imports: usize,
    /// The product of which a pipeline stores two versions for one run.
    stored_twice: Option<&'static str>,
    paused: Vec<ProviderName>,
    _folder: tempfile::TempDir,
}

impl Round {
    async fn begin(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let graph = folder.path().join("graph.json");
        write_graph(&graph, |_, product| {
            product.insert("attempts".to_owned(), 20.into());
            product.insert("backoff".to_owned(), "50ms".into());
            product.insert("timeout".to_owned(), "10s".into());
        });
        let of_seed = seed.to_string();
        let pipelines = ["--min-delay", "1ms", "--max-delay", "60ms", "--seed", &of_seed];
        let logs = [
            "--log",
            "info,async_nats=warn,pipeline_bricks=debug",
            "--log-format",
            "json",
        ];
        let options = OrchestraOptions::default().graph(&graph);
        let options = options.args(MOCK_PIPELINE, pipelines).args(MOCK_PIPELINE, logs);
        let orchestra = options.start().await;
        let operator = Http::new().acting_as("ada").expect("a name of an operator");
        Self {
            seed,
            promise: Promise::of(&graph, &[]),
            operator: ConductorClient::new(operator, orchestra.url(CONDUCTOR)),
            orchestra,
            deeds: Vec::new(),
            imports: 0,
            stored_twice: None,
            paused: Vec::new(),
            _folder: folder,
        }
    }

    async fn play(mut self) {
        for (pause, step) in schedule(self.seed, OBSERVATIONS) {
            // When something dies is part of the schedule; nothing is said about how far the others are by then.
            tokio::time::sleep(pause).await;
            println!("{step:?}");
            self.take(step).await;
        }
        self.mend().await;
        let deeds = std::mem::take(&mut self.deeds);
        let audit = Audit::taken(&self.orchestra, &self.promise, deeds, DEADLINE).await;
        let audit = audit.unwrap_or_else(|why| panic!("ORCHESTRA_SEED={}: {why}", self.seed));
        let audit = audit.with_stored_twice(self.stored_twice);
        println!("{}", audit.summary());
        let faults = audit.faults(&self.promise).join("\n");
        assert!(
            faults.is_empty(),
            "ORCHESTRA_SEED={}: the books disagree:\n{faults}",
            self.seed
        );
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Kill(program) => self.die(&[program]).await,
            Step::KillTwo(one, other) => self.die(&[one, other]).await,
            Step::Leave(program, away) => {
                self.orchestra.kill(program).await;
                tokio::time::sleep(away).await;
                self.orchestra.restart(program).await;
            }
            Step::WipeNats => {
                self.orchestra.kill(NATS).await;
                let store = self.orchestra.folder().join(NATS).join("jetstream");
                std::fs::remove_dir_all(&store).expect("the server has a store");
                self.orchestra.restart(NATS).await;
            }
            Step::Burst(place) => self.replay(place).await,
            Step::Alert(n) => self.import(n).await,
            Step::Withdraw(n) => self.withdraw(n).await,
            Step::Cancel(n) => {
                let (note, selector) = self.selector("cancel", n, None);
                let answer = self.operator.cancel(&selector).await;
                self.did("cancel", note, answer);
            }
            Step::Hold(n) => {
                let (note, selector) = self.selector("hold", n, None);
                let answer = self.operator.hold(&selector).await;
                self.did("hold", note, answer);
            }
            Step::RetryAndKill(n) => {
                let (note, selector) = self.selector("retry", n, Some(CellState::Cancelled));
                let (answer, ()) =
                    tokio::join!(self.operator.retry(&selector), self.orchestra.kill(CONDUCTOR));
                self.did("retry", note, answer);
                self.orchestra.restart(CONDUCTOR).await;
            }
            Step::Pause(n) => {
                let page = PageQuery {
                    limit: Some(1000),
                    cursor: None,
                };
                let providers = self.operator.providers(&page).await;
                let mut providers = providers.map_or_else(|_| Vec::new(), |page| page.items);
                if let Some(n) = n.checked_rem(providers.len() as u64) {
                    let place = usize::try_from(n).expect("a small number");
                    let provider = providers.swap_remove(place).provider;
                    self.steer("pause", &provider).await;
                    self.paused.push(provider);
                }
            }
            Step::Misbehave(how) => {
                if let Some((product, "import-twice:1")) = how.split_once('=') {
                    self.stored_twice = Some(product);
                }
                self.orchestra.set_env(MOCK_PIPELINE, MISBEHAVE, Some(how));
                self.die(&[MOCK_PIPELINE]).await;
            }
        }
    }

    async fn die(&self, programs: &[&str]) {
        for program in programs {
            self.orchestra.kill(program).await;
        }
        // The server first: a conductor is not ready before it has read what the stream holds.
        let (servers, others): (Vec<&str>, Vec<&str>) =
            programs.iter().partition(|program| **program == NATS);
        for program in servers.into_iter().chain(others) {
            self.orchestra.restart(program).await;
        }
    }

    async fn replay(&self, place: u64) {
        let page = PageQuery {
            limit: Some(1000),
            cursor: None,
        };
        let vhf = self.orchestra.vhf();
        let bursts = vhf.bursts(&page).await.expect("the source has bursts").items;
        let place = place % bursts.len() as u64;
        let burst = &bursts[usize::try_from(place).expect("a small number")];
        let request = ReplayRequest {
            burst: Some(burst.burst_id.clone()),
            speed: Some(20_000.0),
            ..ReplayRequest::default()
        };
        vhf.replay(&request).await.expect("the source takes up a replay");
    }

    /// Imports a next version; a repeat of an import that was not answered brings no second one.
    async fn import(&mut self, n: u64) {
        self.imports += 1;
        let import = Import {
            idempotency_key: Some(format!("import-{}", self.imports)),
            ..Import::default()
        };
        let bytes = format!("alert {}", self.imports).into_bytes();
        let sdb = self.orchestra.sdb();
        eventually(DEADLINE, async || {
            sdb.import(&obs(n), &alert(), bytes.clone().into(), &import)
                .await
                .is_ok()
        })
        .await;
    }

    /// Withdraws the last alert, if there is one that is not withdrawn.
    async fn withdraw(&self, n: u64) {
        let sdb = self.orchestra.sdb();
        let versions = eventually_some(DEADLINE, async || {
            match sdb.versions(&obs(n), &alert(), &PageQuery::default()).await {
                Ok(versions) => Some(versions.items),
                Err(ApiError::Problem(problem)) if problem.status == 404 => Some(Vec::new()),
                Err(_) => None,
            }
        })
        .await;
        let Some(ProductRecord {
            version,
            retracted: None,
            ..
        }) = versions.first()
        else {
            return;
        };
        sdb.retract(&obs(n), &alert(), Some(*version), "not a burst")
            .await
            .expect("the last version can be withdrawn");
    }

    /// The operator gives each act a note of its own.
    fn selector(&self, verb: &str, n: u64, state: Option<CellState>) -> (String, Selector) {
        self.selector_of(verb, obs(n), state)
    }

    fn selector_of(&self, verb: &str, obs_id: ObsId, state: Option<CellState>) -> (String, Selector) {
        let note = format!("{verb} no. {}", self.deeds.len() + 1);
        let selector = Selector {
            obs_id: Some(obs_id),
            state,
            note: Some(note.clone()),
            ..Selector::default()
        };
        (note, selector)
    }

    /// Pauses or resumes a provider.
    async fn steer(&mut self, verb: &str, provider: &ProviderName) {
        let note = format!("{verb} no. {}", self.deeds.len() + 1);
        let request = ProviderRequest {
            note: Some(note.clone()),
        };
        let answer = match verb {
            "pause" => self.operator.pause(provider, &request).await,
            _ => self.operator.resume(provider, &request).await,
        };
        self.deeds.push(Deed {
            verb: verb.to_owned(),
            note,
            touched: answer.is_ok().then_some(1),
        });
    }

    /// Resumes whoever may be paused.
    async fn resume_all(&mut self) {
        for provider in std::mem::take(&mut self.paused) {
            eventually(DEADLINE, async || {
                self.operator.providers(&PageQuery::default()).await.is_ok()
            })
            .await;
            self.steer("resume", &provider).await;
        }
    }

    fn did(&mut self, verb: &str, note: String, answer: Result<Touched, ApiError>) {
        let touched = match answer {
            Ok(touched) => Some(touched.items.len()),
            // An observation that the conductor has not met yet has nothing to touch.
            Err(ApiError::Problem(problem)) if problem.status == 404 => Some(0),
            Err(_) => None,
        };
        self.deeds.push(Deed {
            verb: verb.to_owned(),
            note,
            touched,
        });
    }

    /// The pipelines behave again, and the operator releases and tries again what waits for him, until nothing does.
    async fn mend(&mut self) {
        self.orchestra.set_env(MOCK_PIPELINE, MISBEHAVE, None);
        self.die(&[MOCK_PIPELINE]).await;
        self.resume_all().await;
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            let query = ObservationQuery {
                limit: Some(1000),
                ..ObservationQuery::default()
            };
            let items = self
                .operator
                .observations(&query)
                .await
                .map_or_else(|_| None, |page| Some(page.items));
            let (mut waits, mut works) = (items.is_none(), false);
            for item in items.unwrap_or_default() {
                let count = |state: CellState| item.counts.get(&state).copied().unwrap_or(0);
                works |= item
                    .counts
                    .iter()
                    .any(|(state, cells)| state.is_active() && *cells > 0);
                for state in [CellState::Held, CellState::Cancelled, CellState::Failed] {
                    if count(state) == 0 {
                        continue;
                    }
                    waits = true;
                    let verb = if state == CellState::Held {
                        "release"
                    } else {
                        "retry"
                    };
                    let (note, selector) = self.selector_of(verb, item.obs_id.clone(), Some(state));
                    let answer = match verb {
                        "release" => self.operator.release(&selector).await,
                        _ => self.operator.retry(&selector).await,
                    };
                    self.did(verb, note, answer);
                }
            }
            if !waits && !works {
                return;
            }
            assert!(
                tokio::time::Instant::now() < end,
                "ORCHESTRA_SEED={}: something still waits for the operator",
                self.seed
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn obs(n: u64) -> ObsId {
    format!("audited-{n}").parse().expect("a valid observation")
}

fn alert() -> ProductName {
    ALERT.parse().expect("a product of the graph has a valid name")
}
