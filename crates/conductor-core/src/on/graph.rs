//! The graph is another one than before.

use crate::observation::Turn;
use crate::{Run, Trigger};
use domain::ProductName;
use product_graph::Recipe;

impl Turn<'_> {
    /// Everything is looked at again. What is with a provider goes on there, whoever makes it by now; what only
    /// waits for one begins anew, or not at all.
    pub(crate) fn on_graph_changed(&mut self) {
        let known = self.observation.entries.keys();
        let gone: Vec<ProductName> = known
            .filter(|product| self.recipe(product).is_none())
            .cloned()
            .collect();
        for product in gone {
            self.drop_open_run(&product);
            self.settle(&product, Some(&Trigger::GraphChanged));
        }
        for id in self.graph.products() {
            let product = self.graph.name(id).clone();
            if let Some(recipe) = self.graph.recipe(id) {
                self.change_queues(&product, recipe);
            }
            self.settle(&product, Some(&Trigger::GraphChanged));
        }
    }

    /// A run that waits for another provider than makes the product now is replaced; an operator's request
    /// passes on.
    fn change_queues(&mut self, product: &ProductName, recipe: &Recipe) {
        let open = self.observation.run(product).filter(|run| !run.state.is_ended());
        let elsewhere = |run: &Run| run.provider != recipe.provider && !run.state.holds_slot();
        if open.is_some_and(elsewhere) {
            self.replace_run(product, recipe, Some(&Trigger::GraphChanged));
        }
    }
}
