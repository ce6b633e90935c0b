//! The form for a product that is made by hand: which, of what, with which parameters, and by whom it is asked for.
//!
//! What is typed is judged at each key, and nothing can be sent while anything is wrong. After sending it stays open
//! and shows what was answered.

mod choice;
mod param;
mod press;

pub use choice::Choice;
pub use param::Param;
pub use press::Pressed;

use super::Picker;
use crate::link::Act;
use crate::model::{ActId, Answer, CellId, Graph, Model, Node, Outcome, Question};
use api::conductor::ManualRequest;
use api::pipeline::ProcessingRequest;
use domain::{JsonObject, ObsId, ProductName, ProviderName};
use serde_json::Value;
use tui_input::Input;
use url::Url;

/// A product by hand, as far as it is filled in.
#[derive(Debug, Clone)]
pub struct Form {
    /// Who makes it: a line over the providers of the graph. It narrows the products; left empty, anybody.
    pub provider: Picker,
    /// Which product: a line over those of the graph.
    pub product: Picker,
    /// Of which observation.
    pub obs_id: Input,
    /// Who is asked.
    pub through: Through,
    /// Where the pipeline is, if it is asked itself.
    pub url: Input,
    /// Whether it is made also if it is done, or without inputs.
    pub force: bool,
    /// With which parameters.
    pub params: Params,
    /// Why, for the audit trail.
    pub note: Input,
    /// What gets the keys.
    pub slot: Slot,
    /// What came of it.
    pub sent: Sent,
    /// Who asks, for the pipeline's own record.
    operator: String,
    /// Whether the provider is the product's, and not somebody's choice: then it follows the product.
    is_filled: bool,
    /// Which product the url and the parameters are of.
    known: Option<ProductName>,
}

/// Who is asked to make the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// The conductor, which watches over it.
    Conductor,
    /// Its pipeline: the conductor finds out by itself, and need not be there.
    Pipeline,
}

/// The parameters.
#[derive(Debug, Clone)]
pub enum Params {
    /// As the pipeline's schema names them.
    Typed(Vec<Param>),
    /// A JSON object: nobody says which there are.
    Json(Input),
}

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Who makes it.
    Provider,
    /// The product.
    Product,
    /// The observation.
    ObsId,
    /// Who is asked.
    Through,
    /// Where the pipeline is.
    Url,
    /// Whether to force it.
    Force,
    /// One of the parameters.
    Param(usize),
    /// The note.
    Note,
}

/// What came of the form.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// Nothing is sent.
    Not,
    /// It is handed over, and is not numbered yet.
    Handed,
    /// It is under way.
    UnderWay(ActId),
    /// This was answered.
    Answered(Box<Outcome>),
}

impl Form {
    /// A form about a cell, as far as one is known.
    pub fn new(
        product: Option<ProductName>,
        obs_id: Option<ObsId>,
        through: Through,
        operator: &str,
    ) -> Self {
        let text = |text: Option<String>| Input::from(text.unwrap_or_default());
        let slot = match (&product, &obs_id) {
            (None, _) => Slot::Product,
            (Some(_), None) => Slot::ObsId,
            (Some(_), Some(_)) => Slot::Param(0),
        };
        Self {
            provider: Picker::default(),
            product: Picker {
                line: text(product.map(|product| product.to_string())),
                picked: 0,
            },
            obs_id: text(obs_id.map(|obs_id| obs_id.to_string())),
            through,
            url: Input::default(),
            force: false,
            params: Params::Json(Input::default()),
            note: Input::default(),
            slot,
            sent: Sent::Not,
            operator: operator.to_owned(),
            is_filled: true,
            known: None,
        }
    }

    /// The cell that is meant, once both are right.
    pub fn cell(&self, graph: Option<&Graph>) -> Option<CellId> {
        Some(CellId {
            product: self.product(graph).ok()?,
            obs_id: self.obs_id().ok()?,
        })
    }

    /// What its pipeline should be asked: which parameters it takes.
    pub fn question(&self) -> Option<Question> {
        // While it is typed it names all kinds of hosts.
        let is_typed = self.slot == Slot::Url;
        let url = self.url().ok().filter(|_| !is_typed)?;
        Some(Question::Offers(url.to_string()))
    }

    /// Who makes it; nobody in particular if nothing is typed.
    ///
    /// # Errors
    /// What would be right; of somebody who does not make the product, who does.
    pub fn provider(&self, graph: Option<&Graph>) -> Result<Option<ProviderName>, String> {
        let provider: ProviderName = match self.provider.line.value().trim() {
            "" => return Ok(None),
            text => text.parse().map_err(|error| format!("{error}"))?,
        };
        let Some(graph) = graph else {
            return Ok(Some(provider));
        };
        let is_known = |node: &Node| node.provider.as_ref() == Some(&provider);
        if !graph.nodes().iter().any(is_known) {
            return Err("the graph has no such provider; Enter takes the picked one".to_owned());
        }
        let product = self.product(Some(graph)).ok();
        let maker = product.as_ref().and_then(|product| graph.provider(product));
        match (product.as_ref(), maker) {
            (Some(product), Some(maker)) if *maker != provider => {
                Err(format!("{product} is made by {maker}; Enter clears it"))
            }
            (Some(_) | None, Some(_) | None) => Ok(Some(provider)),
        }
    }

    /// The product.
    ///
    /// # Errors
    /// What would be right.
    pub fn product(&self, graph: Option<&Graph>) -> Result<ProductName, String> {
        let text = self.product.line.value().trim();
        let product: ProductName = match text {
            "" => return Err("which product?".to_owned()),
            text => text.parse().map_err(|error| format!("{error}"))?,
        };
        match graph {
            Some(graph) if graph.provider(&product).is_none() => {
                Err("the graph makes no such product; Enter takes the picked one".to_owned())
            }
            Some(_) | None => Ok(product),
        }
    }

    /// The observation.
    ///
    /// # Errors
    /// What would be right.
    pub fn obs_id(&self) -> Result<ObsId, String> {
        match self.obs_id.value().trim() {
            "" => Err("which observation?".to_owned()),
            text => text.parse().map_err(|error| format!("{error}")),
        }
    }

    /// Where the pipeline is.
    ///
    /// # Errors
    /// What would be right.
    pub fn url(&self) -> Result<Url, String> {
        let url: Option<Url> = self.url.value().trim().parse().ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| "such as http://127.0.0.1:5000/qpo_ecl_pipeline".to_owned())
    }

    /// The parameters.
    ///
    /// # Errors
    /// The first field that is wrong, and what would be right.
    pub fn params(&self) -> Result<JsonObject, (Slot, String)> {
        match &self.params {
            Params::Json(line) if line.value().trim().is_empty() => Ok(JsonObject::new()),
            Params::Json(line) => serde_json::from_str(line.value())
                .map_err(|error| (Slot::Param(0), format!("no JSON object: {error}"))),
            Params::Typed(params) => {
                let mut object = JsonObject::new();
                for (index, param) in params.iter().enumerate() {
                    match param.value() {
                        Ok(Some(value)) => drop(object.insert(param.name.clone(), value)),
                        Ok(None) => {}
                        Err(why) => return Err((Slot::Param(index), why)),
                    }
                }
                Ok(object)
            }
        }
    }

    /// Why a field is wrong.
    pub fn wrong(&self, slot: Slot, graph: Option<&Graph>) -> Option<String> {
        match slot {
            Slot::Provider => self.provider(graph).err(),
            Slot::Product => self.product(graph).err(),
            Slot::ObsId => self.obs_id().err(),
            Slot::Url => self.url().err(),
            Slot::Param(index) => match &self.params {
                Params::Typed(params) => params.get(index)?.value().err(),
                Params::Json(_) => self.params().err().map(|(_, why)| why),
            },
            Slot::Through | Slot::Force | Slot::Note => None,
        }
    }

    /// The fields, from top to bottom.
    pub fn slots(&self) -> Vec<Slot> {
        let params = match &self.params {
            Params::Typed(params) => params.len(),
            Params::Json(_) => 1,
        };
        let mut slots = vec![Slot::Provider, Slot::Product, Slot::ObsId, Slot::Through];
        match self.through {
            Through::Conductor => slots.push(Slot::Force),
            Through::Pipeline => slots.push(Slot::Url),
        }
        slots.extend((0..params).map(Slot::Param));
        if self.through == Through::Conductor {
            slots.push(Slot::Note);
        }
        slots
    }

    /// What would be sent.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn act(&self, graph: Option<&Graph>) -> Result<Act, Slot> {
        let wrong = |slot: &Slot| self.wrong(*slot, graph).is_some();
        if let Some(slot) = self.slots().into_iter().find(wrong) {
            return Err(slot);
        }
        let product = self.product(graph).map_err(|_| Slot::Product)?;
        let obs_id = self.obs_id().map_err(|_| Slot::ObsId)?;
        let params = self.params().map_err(|(slot, _)| slot)?;
        let note = self.note.value().trim();
        Ok(match self.through {
            Through::Conductor => Act::Process(ManualRequest {
                product,
                obs_id,
                force: self.force,
                params,
                note: (!note.is_empty()).then(|| note.to_owned()),
            }),
            Through::Pipeline => Act::Straight {
                url: self.url().map_err(|_| Slot::Url)?,
                request: ProcessingRequest {
                    params: (!params.is_empty()).then_some(params),
                    trigger: Some(format!("manual by {}", self.operator)),
                    ..ProcessingRequest::of(product, obs_id)
                },
            },
        })
    }

    /// Takes in what is known of the product: where it is made, and which parameters its pipeline takes.
    pub(super) fn learn(&mut self, model: &Model) {
        let product = self.product(model.graph()).ok();
        if product != self.known {
            let node = product.as_ref().and_then(|product| model.graph()?.node(product));
            if self.is_filled || self.provider.line.value().trim().is_empty() {
                let provider = node.and_then(|node| node.provider.as_ref());
                self.provider.line = provider.map(ToString::to_string).unwrap_or_default().into();
                self.is_filled = true;
            }
            if let Some(url) = node.and_then(|node| node.url.clone()) {
                self.url = Input::from(url);
            }
            self.params = Params::Json(Input::default());
            self.known = product;
        }
        let is_untouched = matches!(&self.params, Params::Json(line) if line.value().trim().is_empty());
        if let (Some(schema), true) = (self.schema(model), is_untouched) {
            let params = Param::all(&schema);
            if !params.is_empty() {
                self.params = Params::Typed(params);
            }
        }
        if !self.slots().contains(&self.slot) {
            self.slot = Slot::ObsId;
        }
    }

    /// What the pipeline publishes of the product's parameters.
    fn schema(&self, model: &Model) -> Option<Value> {
        let (_, answer) = model.details().answer(&self.question()?)?;
        let Answer::Offers(_, offers) = answer else {
            return None;
        };
        let offer = offers
            .iter()
            .find(|offer| Some(&offer.product) == self.known.as_ref())?;
        offer.params_schema.clone()
    }

    /// Notes that it is under way.
    pub(super) fn numbered(&mut self, id: &ActId) {
        if self.sent == Sent::Handed {
            self.sent = Sent::UnderWay(id.clone());
        }
    }

    /// Takes in what came of it, if it is about this form.
    pub(super) fn answered(&mut self, outcome: &Outcome) -> bool {
        let is_ours = self.sent == Sent::UnderWay(outcome.act.clone());
        if is_ours {
            self.sent = Sent::Answered(Box::new(outcome.clone()));
        }
        is_ours
    }
}
