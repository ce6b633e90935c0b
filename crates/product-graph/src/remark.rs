//! What is odd about a graph that loads all the same.

use crate::{BACKOFF_CAP, ProductGraph};

impl ProductGraph {
    /// What its author may not have meant, one sentence each: an input that nothing uses, a provider that
    /// makes nothing, products of one provider at different URLs, a backoff above the cap.
    pub fn remarks(&self) -> Vec<String> {
        let unused = self
            .inputs()
            .filter(|id| self.dependants(*id).is_empty())
            .map(|id| format!("input {} is used by no product", self.name(id)));
        let idle = self
            .providers()
            .iter()
            .filter(|(_, spec)| spec.products.is_empty())
            .map(|(name, _)| format!("provider {name} makes no product"));
        let recipes = || {
            self.products()
                .filter_map(|id| self.recipe(id).map(|recipe| (id, recipe)))
        };
        let elsewhere = recipes().filter_map(|(id, recipe)| {
            let of_provider = self.provider(&recipe.provider)?.url.as_ref()?;
            (*of_provider != recipe.url).then(|| {
                let (name, provider) = (self.name(id), &recipe.provider);
                format!(
                    "{name} is made at {}, but its provider {provider} is at {of_provider}",
                    recipe.url
                )
            })
        });
        let cut = recipes()
            .filter(|(_, recipe)| recipe.backoff > BACKOFF_CAP)
            .map(|(id, recipe)| {
                let asked = humantime::format_duration(recipe.backoff);
                let cap = humantime::format_duration(BACKOFF_CAP);
                format!("the backoff of {} is cut from {asked} to {cap}", self.name(id))
            });
        unused.chain(idle).chain(elsewhere).chain(cut).collect()
    }
}
