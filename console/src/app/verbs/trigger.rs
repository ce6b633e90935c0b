//! `t`: a product by hand, about what is under the cursor.

use crate::app::{App, Effect, Form, Layer, Through};

pub(crate) fn act(app: &mut App) -> Vec<Effect> {
    let cell = app.focused_cell();
    let obs_id = cell.as_ref().map(|cell| cell.obs_id.clone());
    let obs_id = obs_id.or_else(|| app.focused_observation());
    let graph = app.live().graph();
    // Nobody makes an input.
    let is_made = |product: &domain::ProductName| graph.is_none_or(|graph| graph.provider(product).is_some());
    let product = cell.map(|cell| cell.product).filter(is_made);
    let through = if app.cut_off().is_some() {
        Through::Pipeline
    } else {
        Through::Conductor
    };
    let mut form = Form::new(product, obs_id, through, &app.operator);
    form.learn(app.live());
    app.layer = Some(Layer::Form(Box::new(form)));
    vec![]
}
