//! An action, carried out.

use super::{Action, App, Effect, verbs};

/// Carries an action out and says what the world must do about it.
#[must_use = "an effect that is dropped is a key that does nothing"]
pub fn update(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Help => verbs::help::act(app),
        Action::Palette => verbs::palette::act(app),
        Action::Quit => vec![Effect::Quit],
        Action::Back => verbs::back::act(app),
        Action::Stop => vec![Effect::Stop],
        Action::Repaint => vec![Effect::Repaint],
        Action::Arm => verbs::arm::arm(app),
        Action::Disarm => verbs::arm::disarm(app),
        Action::Mouse => verbs::mouse::act(app),
        Action::Copy => verbs::copy::act(app),
        Action::Zoom => verbs::zoom::act(app),
        Action::Freeze => verbs::freeze::act(app),
        Action::Problems => verbs::problems::only(app),
        Action::NextProblem => verbs::problems::next(app),
        Action::PreviousProblem => verbs::problems::previous(app),
        Action::Changed => verbs::changed::act(app),
        Action::Filter => verbs::filter::act(app),
        Action::Find => verbs::find::act(app),
        Action::Move(motion) => verbs::motion::act(app, motion),
        Action::Mark => verbs::mark::mark(app),
        Action::MarkRange => verbs::mark::range(app),
        Action::Unmark => verbs::mark::unmark(app),
        Action::Focus(place) => verbs::focus::act(app, place),
        Action::Pane(number) => verbs::focus::pane(app, number.into()),
        Action::NextPane => verbs::focus::next(app),
        Action::PreviousPane => verbs::focus::previous(app),
        Action::Open => verbs::open::act(app),
        Action::Why => verbs::why::act(app),
        Action::AllLines => verbs::lines::act(app),
        Action::Product => verbs::product::act(app),
        Action::Older => verbs::versions::older(app),
        Action::Newer => verbs::versions::newer(app),
        Action::Record => verbs::product::record(app),
        Action::Sort(order) => verbs::sort::sort(app, order),
        Action::Resort => verbs::sort::resort(app),
        Action::Follow => verbs::follow::act(app),
        Action::Retry(scope) => verbs::retry::act(app, scope),
        Action::Operate(verb) => verbs::operate::act(app, verb),
        Action::Steer(steer) => verbs::steer::act(app, steer),
        Action::Trigger => verbs::trigger::act(app),
        Action::Note => verbs::note::act(app),
        Action::Acknowledge => verbs::acknowledge::act(app),
    }
}
