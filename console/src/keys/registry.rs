//! The table itself.

use super::{Danger, Entry, Group, Place, Where};
use crate::app::{Action, Motion, Order, Scope, Verb};
use crate::link::Steer;

const ANY: Where = Where::Anywhere;
const MATRIX: Where = Where::In(&[Place::Matrix]);
/// Where an order can be held back.
const SORTED: Where = Where::In(&[
    Place::Matrix,
    Place::Running,
    Place::Failures,
    Place::Services,
    Place::Providers,
    Place::Runs,
    Place::Alerts,
]);
const EVENTS: Where = Where::In(&[Place::Events, Place::History]);
const TEXT: Where = Where::In(&[Place::Report, Place::Product]);
const STORED: Where = Where::In(&[Place::Product]);
const GRAPH: Where = Where::In(&[Place::Graph]);
/// Where there are rows to choose from.
const ROWS: Where = Where::In(&[
    Place::Matrix,
    Place::Running,
    Place::Failures,
    Place::Services,
    Place::Events,
    Place::History,
    Place::Providers,
    Place::Runs,
    Place::Alerts,
]);
/// Where every row, or every sign of it, is a cell.
const CELL_ROWS: Where = Where::In(&[Place::Matrix, Place::Running]);
/// Where the cursor is on a cell, so that there is something to act upon.
const CELLS: Where = Where::In(&[
    Place::Matrix,
    Place::Running,
    Place::Failures,
    Place::Graph,
    Place::Detail,
    Place::Timeline,
    Place::History,
    Place::Runs,
    Place::Product,
]);
/// What somebody can have seen: why a cell failed, or an alert.
const SEEN: Where = Where::In(&[
    Place::Matrix,
    Place::Running,
    Place::Failures,
    Place::Graph,
    Place::Detail,
    Place::Timeline,
    Place::History,
    Place::Runs,
    Place::Product,
    Place::Alerts,
]);

/// Where there is a provider, or a cell that one makes.
const PROVIDERS: Where = Where::In(&[
    Place::Providers,
    Place::Services,
    Place::Matrix,
    Place::Running,
    Place::Failures,
    Place::Graph,
    Place::Detail,
    Place::Timeline,
    Place::History,
    Place::Runs,
    Place::Product,
]);

/// What a prefix begins, for the footer and for the title of the box that lists what can follow.
pub const PREFIXES: &[(&str, &str)] = &[
    ("R", "retry all.."),
    ("P", "provider.."),
    ("e", "grace.."),
    ("g", "go to.."),
    ("s", "sort by.."),
];

/// Everything that can be done, in the order of the help. The footer takes the first that hold, so what a shift
/// needs most stands first in each group.
#[rustfmt::skip] // a table is read as one
pub const REGISTRY: &[Entry] = &[
    // Act
    act("retry", &["r"], CELLS, "retry", "Try the failed cell under the cursor again, or the marked ones", Scope::Focused),
    act("retry-observation", &["R o"], CELLS, "of the observation", "Try all failed cells of the observation again", Scope::Observation),
    act("retry-provider", &["R p"], CELLS, "of the provider", "Try all failed cells of the provider again", Scope::Provider),
    act("retry-fingerprint", &["R f"], CELLS, "of this failure", "Try all cells again that failed for the same cause", Scope::Fingerprint),
    cells("cancel", &["K"], Danger::Harms, ("cancel", "Give the cell under the cursor up, or the marked ones"), Verb::Cancel),
    cells("hold", &["H"], Danger::Harms, ("hold", "Hold it, or release it where it is held"), Verb::Hold),
    cells("approve", &["A"], Danger::Harms, ("approve", "Let what awaits approval begin"), Verb::Approve),
    cells("boost", &["b"], Danger::Acts, ("boost", "Let it, and what must be made for it, go before others"), Verb::Boost),
    cells("end-grace", &["e e"], Danger::Acts, ("end it", "Begin without the optional inputs that are not there"), Verb::EndGrace),
    cells("extend-grace", &["e x"], Danger::Acts, ("5 minutes more", "Wait for its optional inputs for 5 minutes more"), Verb::ExtendGrace),
    acts("acknowledge", &["a"], SEEN, Danger::Acts, ("acknowledge", "Somebody has seen why it failed, or an alert"), Action::Acknowledge),
    acts("note", &["m"], ANY, Danger::Acts, ("note", "Leave a note about what is under the cursor"), Action::Note),
    acts("pause", &["P p"], PROVIDERS, Danger::Harms, ("pause", "Send the provider nothing more"), Action::Steer(Steer::Pause)),
    acts("drain", &["P d"], PROVIDERS, Danger::Harms, ("drain", "Let the provider finish what it has, and send nothing new"), Action::Steer(Steer::Drain)),
    acts("resume", &["P r"], PROVIDERS, Danger::Acts, ("resume", "Send the provider again what waits for it"), Action::Steer(Steer::Resume)),
    acts("trigger", &["t"], ANY, Danger::Acts, ("trigger", "Have a product made by hand, with parameters, or straight by its pipeline"), Action::Trigger),
    // Go
    go("find", &["o"], ANY, "find", "Go to an observation by any part of its obs_id or burst_id", Action::Find),
    go("next-problem", &["n"], ANY, "next problem", "To the next cell with a problem", Action::NextProblem),
    go("previous-problem", &["N"], ANY, "previous problem", "To the previous cell with a problem", Action::PreviousProblem),
    go("open", &["Enter"], ANY, "open", "Open what is under the cursor", Action::Open),
    go("why", &["w"], ANY, "why", "Why the cell under the cursor is as it is", Action::Why),
    go("next-pane", &["Tab"], ANY, "pane", "To the next pane", Action::NextPane),
    go("previous-pane", &["S-Tab"], ANY, "previous pane", "To the previous pane", Action::PreviousPane),
    go("observations", &["g o"], ANY, "observations", "To the observations", Action::Focus(Place::Matrix)),
    go("running", &["g r"], ANY, "running", "To what runs", Action::Focus(Place::Running)),
    go("failures", &["g f"], ANY, "failures", "To what failed", Action::Focus(Place::Failures)),
    go("services", &["g s"], ANY, "services", "To the services", Action::Focus(Place::Services)),
    go("events", &["g e"], ANY, "events", "To the events", Action::Focus(Place::Events)),
    go("graph", &["g d"], ANY, "graph", "To the graph of the observation", Action::Focus(Place::Graph)),
    go("detail", &["g i"], ANY, "detail", "To all that is known of the cell", Action::Focus(Place::Detail)),
    go("timeline", &["g t"], ANY, "timeline", "To where the time of the observation went", Action::Focus(Place::Timeline)),
    go("history", &["g h"], ANY, "history", "To what was said of the observation", Action::Focus(Place::History)),
    go("alerts", &["g a"], ANY, "alerts", "To what calls for a human, and who has seen it", Action::Focus(Place::Alerts)),
    go("providers", &["g p"], ANY, "providers", "To who makes products: how busy, how fast, who paused them", Action::Focus(Place::Providers)),
    go("runs", &["g l"], ANY, "ledger", "To the ledger of runs, the newest first", Action::Focus(Place::Runs)),
    go("report", &["g R"], ANY, "report", "To the hand-over of the shift", Action::Focus(Place::Report)),
    go("product", &["p", "v"], CELLS, "product", "Look at the stored product: curve, spectrum, map, JSON or bytes", Action::Product),
    go("back", &["Esc", "q"], ANY, "back", "Close one layer: a box, a filter, a view, the marks, the held order", Action::Back),
    go("pane-1", &["1"], ANY, "first pane", "To the first pane of this view", Action::Pane(1)),
    go("pane-2", &["2"], ANY, "second pane", "To the second pane of this view", Action::Pane(2)),
    go("pane-3", &["3"], ANY, "third pane", "To the third pane of this view", Action::Pane(3)),
    go("pane-4", &["4"], ANY, "fourth pane", "To the fourth pane of this view", Action::Pane(4)),
    go("pane-5", &["5"], ANY, "fifth pane", "To the fifth pane of this view", Action::Pane(5)),
    // Show
    show("filter", &["/"], ROWS, "filter", "Show only what contains a text; !text turns it around, state:failed asks a column", Action::Filter),
    show("problems", &["x"], MATRIX, "problems", "Show only what has a problem", Action::Problems),
    show("changed", &["="], MATRIX, "changed", "Show only what changed since the last look", Action::Changed),
    show("all-lines", &["F"], GRAPH, "all lines", "Draw all lines of the graph, or only those of the product", Action::AllLines),
    show("zoom", &["z"], ANY, "zoom", "One pane over the whole screen", Action::Zoom),
    show("freeze", &["Z"], ANY, "freeze", "Hold the screen still; what happens is still counted", Action::Freeze),
    show("follow", &["f"], EVENTS, "follow", "Show new events as they come, or hold the list still", Action::Follow),
    show("older", &["["], TEXT, "older", "An older version; of the report, a longer time", Action::Older),
    show("newer", &["]"], TEXT, "newer", "A newer version; of the report, a shorter time", Action::Newer),
    show("record", &["d"], STORED, "record", "What the SDB says of the product, beside it or instead of it", Action::Record),
    show("resort", &["."], SORTED, "take new order", "Sort now, where the order was held back", Action::Resort),
    show("sort-attention", &["s a"], MATRIX, "attention", "Who wants attention most stands first", Action::Sort(Order::Attention)),
    show("sort-newest", &["s n"], MATRIX, "newest", "Who changed last stands first", Action::Sort(Order::Newest)),
    show("sort-id", &["s i"], MATRIX, "id", "Sort by id", Action::Sort(Order::Id)),
    show("sort-open", &["s o"], MATRIX, "open work", "Who has most to do stands first", Action::Sort(Order::Open)),
    show("mark", &["Space"], CELLS, "mark", "Mark the cell under the cursor, or unmark it", Action::Mark),
    show("mark-range", &["C-Space", "V"], CELL_ROWS, "mark range", "Mark all from the cell that was marked last to the one under the cursor", Action::MarkRange),
    show("unmark", &["C-\\"], CELLS, "unmark all", "Unmark all cells", Action::Unmark),
    // Move
    step("down", &["j", "Down"], "One row down", Motion::Down),
    step("up", &["k", "Up"], "One row up", Motion::Up),
    step("left", &["h", "Left"], "Left, to the previous product", Motion::Left),
    step("right", &["l", "Right"], "Right, to the next product", Motion::Right),
    step("half-down", &["C-d", "PageDown"], "Half a page down", Motion::HalfDown),
    step("half-up", &["C-u", "PageUp"], "Half a page up", Motion::HalfUp),
    step("first", &["g g", "Home"], "To the first", Motion::First),
    step("last", &["G", "End"], "To the last", Motion::Last),
    // Console
    console("help", &[], &["?", "F1"], "help", "What the keys do", Action::Help),
    console("palette", &[], &[":"], "command", "Find an action by its name and run it", Action::Palette),
    console("arm", &["rw"], &["C-r"], "arm", "Allow for 10 minutes what can hurt", Action::Arm),
    console("disarm", &["ro"], &["C-o"], "disarm", "Forbid it again", Action::Disarm),
    console("copy", &[], &["c"], "copy", "Copy the id under the cursor, or the report (OSC 52)", Action::Copy),
    console("mouse", &[], &["F4"], "mouse", "Take clicks and the wheel, or leave them to the terminal", Action::Mouse),
    console("repaint", &[], &["C-l"], "repaint", "Draw everything anew", Action::Repaint),
    console("stop", &[], &["C-z"], "stop", "Back to the shell, until fg", Action::Stop),
    console("quit", &["q", "quit!"], &["C-c C-c"], "quit", "Leave", Action::Quit),
];

const fn entry(
    (name, keys): (&'static str, &'static [&'static str]),
    at: Where,
    group: Group,
    (short, text): (&'static str, &'static str),
    action: Action,
) -> Entry {
    Entry {
        name,
        aliases: &[],
        keys,
        at,
        group,
        short,
        text,
        danger: Danger::Looks,
        action,
    }
}

const fn act(
    name: &'static str,
    keys: &'static [&'static str],
    at: Where,
    short: &'static str,
    text: &'static str,
    scope: Scope,
) -> Entry {
    Entry {
        danger: Danger::Acts,
        ..entry((name, keys), at, Group::Act, (short, text), Action::Retry(scope))
    }
}

const fn acts(
    name: &'static str,
    keys: &'static [&'static str],
    at: Where,
    danger: Danger,
    words: (&'static str, &'static str),
    action: Action,
) -> Entry {
    Entry {
        danger,
        ..entry((name, keys), at, Group::Act, words, action)
    }
}

const fn cells(
    name: &'static str,
    keys: &'static [&'static str],
    danger: Danger,
    words: (&'static str, &'static str),
    verb: Verb,
) -> Entry {
    acts(name, keys, CELLS, danger, words, Action::Operate(verb))
}

const fn show(
    name: &'static str,
    keys: &'static [&'static str],
    at: Where,
    short: &'static str,
    text: &'static str,
    action: Action,
) -> Entry {
    entry((name, keys), at, Group::Show, (short, text), action)
}

const fn go(
    name: &'static str,
    keys: &'static [&'static str],
    at: Where,
    short: &'static str,
    text: &'static str,
    action: Action,
) -> Entry {
    entry((name, keys), at, Group::Go, (short, text), action)
}

const fn step(
    name: &'static str,
    keys: &'static [&'static str],
    text: &'static str,
    motion: Motion,
) -> Entry {
    entry((name, keys), ANY, Group::Move, (name, text), Action::Move(motion))
}

const fn console(
    name: &'static str,
    aliases: &'static [&'static str],
    keys: &'static [&'static str],
    short: &'static str,
    text: &'static str,
    action: Action,
) -> Entry {
    Entry {
        aliases,
        ..entry((name, keys), ANY, Group::Console, (short, text), action)
    }
}
