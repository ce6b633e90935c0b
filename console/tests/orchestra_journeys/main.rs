//! What a shift does without a manual: the real binary in a terminal, a real orchestra behind it, and every key
//! counted. With `ORCHESTRA_CAPTURES=DIR` each screen on the way is kept there, as text and as a picture; so
//! `docs/console` was made (`just captures`).

#![expect(clippy::unwrap_used, reason = "a test says by its line what went wrong")]

mod operator;
mod picture;

use api::vhf::ReplayRequest;
use operator::Operator;
use stage::MOCK_PIPELINE;
use testkit::{Orchestra, OrchestraOptions};

/// What a failed product may cost, from the first key to `done`.
const MOST_KEYS: usize = 12;

/// A burst from which most of the graph can be made.
const BURST: &str = "sb26030704";
/// What fails of it, and what cannot be made without that.
const FAILS: &str = "QPO_MXT";

/// A night in which the pipeline of a product cannot make it, whatever is tried.
async fn night() -> Orchestra {
    let swift = [
        "--min-delay",
        "100ms",
        "--max-delay",
        "300ms",
        "--failure-rate",
        "0",
    ];
    let options = OrchestraOptions::default().args(MOCK_PIPELINE, swift).env(
        MOCK_PIPELINE,
        MISBEHAVE,
        &format!("{FAILS}=permanent"),
    );
    let orchestra = options.start().await;
    for burst in ["sb25020701", BURST, "sb26022802"] {
        let replay = ReplayRequest {
            burst: Some(burst.to_owned()),
            all: false,
            speed: Some(100_000.0),
            gap: None,
        };
        orchestra.vhf().replay(&replay).await.unwrap();
    }
    orchestra
}

const MISBEHAVE: &str = "ORCHESTRA_MISBEHAVE";

/// The laboratory mends its pipeline.
async fn mend(orchestra: &Orchestra) {
    orchestra.kill(MOCK_PIPELINE).await;
    orchestra.set_env(MOCK_PIPELINE, MISBEHAVE, None);
    orchestra.restart(MOCK_PIPELINE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_product_of_a_burst_is_found_understood_retried_and_done() {
    let orchestra = night().await;
    let mut operator = Operator::sits_down(&orchestra);
    operator.sees("2 failed");
    operator.sees("▶0 run");
    operator.keeps("overview");
    mend(&orchestra).await;

    operator.presses(&["o", "0", "7", "0", "4"]);
    operator.sees("Find an observation (1)");
    operator.keeps("find");
    operator.presses(&["Enter", "n"]);
    operator.sees("QPO_MXT of sb26030704 failed");
    operator.sees("photons-missing");
    operator.presses(&["r"]);
    operator.sees("Retry QPO_MXT of sb26030704");
    operator.keeps("retry");
    operator.presses(&["y"]);
    operator.sees("QPO_MXT of sb26030704 done");
    operator.keeps("retried");
    assert!(operator.keys() <= MOST_KEYS, "{} keys", operator.keys());
    operator.leaves();
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_product_is_missing_is_told_from_the_matrix_and_from_the_graph() {
    let orchestra = night().await;
    let mut operator = Operator::sits_down(&orchestra);
    operator.sees("2 failed");
    operator.sees("▶0 run");
    operator.presses(&["o", "0", "7", "0", "4", "Enter", "n", "Right", "w"]);
    operator.sees("Why QLC_MXT of sb26030704 is waiting");
    operator.sees("blocked by QPO_MXT");
    operator.keeps("why");
    assert!(operator.keys() <= MOST_KEYS, "{} keys", operator.keys());
    operator.presses(&["Esc"]);
    operator.misses("Why QLC_MXT");
    operator.presses(&["Enter"]);
    operator.sees("Graph sb26030704");
    operator.sees("awaits QPO_MXT");
    operator.misses("the conductor is asked");
    operator.keeps("observation");
    operator.leaves();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_paused_and_resumed() {
    let orchestra = night().await;
    let mut operator = Operator::sits_down(&orchestra);
    operator.sees("2 failed");
    operator.sees("▶0 run");
    // Pausing can hurt: it is armed in the box that asks for it.
    operator.presses(&["n", "P", "p"]);
    operator.sees("Pause mxt_vhf_pipeline");
    operator.presses(&["C-r", "y"]);
    operator.misses("Pause mxt_vhf_pipeline");
    operator.presses(&["g", "s"]);
    operator.sees("PAUSED");
    operator.keeps("paused");
    operator.presses(&["g", "o", "P", "r"]);
    operator.sees("Resume mxt_vhf_pipeline");
    operator.presses(&["y"]);
    operator.misses("Resume mxt_vhf_pipeline");
    operator.presses(&["g", "s"]);
    operator.misses("PAUSED");
    operator.leaves();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_made_by_hand() {
    let orchestra = night().await;
    let mut operator = Operator::sits_down(&orchestra);
    operator.sees("2 failed");
    operator.sees("▶0 run");
    mend(&orchestra).await;
    operator.presses(&["o", "0", "7", "0", "4", "Enter", "n"]);
    operator.sees("QPO_MXT of sb26030704 failed");
    operator.presses(&["t"]);
    operator.sees("C-s");
    operator.keeps("form");
    operator.presses(&["C-s"]);
    operator.sees("run_");
    operator.keeps("asked");
    assert!(operator.keys() <= MOST_KEYS, "{} keys", operator.keys());
    operator.presses(&["Esc"]);
    operator.sees("QPO_MXT of sb26030704 done");
    operator.leaves();
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_runs_report_alerts_and_a_product_are_two_keys_away() {
    let orchestra = night().await;
    let mut operator = Operator::sits_down(&orchestra);
    operator.sees("2 failed");
    operator.sees("▶0 run");
    operator.sees("ALERT");
    operator.presses(&["g", "p"]);
    operator.sees("clears at");
    operator.keeps("providers");
    operator.presses(&["g", "l"]);
    operator.sees("photons-missing");
    operator.keeps("runs");
    operator.presses(&["g", "R"]);
    operator.sees("# Hand-over");
    operator.keeps("report");
    operator.presses(&["g", "a"]);
    operator.sees("not acknowledged");
    operator.sees("mxt_vhf_pipeline failed");
    operator.keeps("alerts");
    operator.presses(&["g", "o", "n", "h", "p"]);
    operator.sees("older or newer");
    operator.sees("dec_deg");
    operator.keeps("product");
    operator.leaves();
}
