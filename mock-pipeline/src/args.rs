//! The command line.

use crate::{fate::Fate, misbehaviour::MisbehaviourOf};
use clap::Parser;
use domain::{ProductName, ProviderName};
use pipeline_bricks::HostArgs;
use service_kit::ServiceArgs;
use std::{path::PathBuf, str::FromStr, time::Duration};

/// The heading of the arguments that only a mock has.
const MOCK: &str = "Mock";

/// Makes any product of any provider, in one to five seconds, failing with a probability.
///
/// Serves every provider under /{provider}/processing. Delays and failures are hashes of seed, observation,
/// product, run and attempt: the same request meets the same fate, also after a restart, and a retry another.
#[derive(Debug, Clone, Parser)]
#[command(name = "orchestra-mock-pipeline", version)]
pub struct Args {
    /// Of every service.
    #[command(flatten)]
    pub service: ServiceArgs<5000>,
    /// Of every pipeline.
    #[command(flatten)]
    pub host: HostArgs,
    /// A product graph, whose providers and products are announced; those providers make nothing else
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_GRAPH", value_name = "PATH")]
    pub graph: Option<PathBuf>,
    /// A provider to announce, and what it makes (anything, if that is left out); several with ; between
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_PROVIDER", value_delimiter = ';', value_name = "NAME[=PRODUCT,..]")]
    pub provider: Vec<Announced>,
    /// The shortest run
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_MIN_DELAY", default_value = "1s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub min_delay: Duration,
    /// The longest run; never less than the shortest
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_MAX_DELAY", default_value = "5s", value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub max_delay: Duration,
    /// Which part of the attempts fails, 0 to 1
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_FAILURE_RATE", default_value_t = 0.2, value_parser = rate, value_name = "RATE")]
    pub failure_rate: f64,
    /// Another seed gives other delays and failures
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_SEED", default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Lets a product (or *, all) misbehave, in attempts up to N if given; several with , between
    ///
    /// KIND is hang, crash, import-twice, no-import, permanent, panic, refuse-404, refuse-422, refuse-429, refuse-500
    /// or refuse-503 (also called refuse).
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_MISBEHAVE", value_delimiter = ',', value_name = "PRODUCT=KIND[:N]")]
    pub misbehave: Vec<MisbehaviourOf>,
    /// Be the least pipeline there can be: answer the POST with a bare 202, import, and offer nothing else
    #[arg(long, help_heading = MOCK, env = "ORCHESTRA_LEAST", conflicts_with = "misbehave")]
    pub least: bool,
}

/// A provider to announce; `None` makes anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its name.
    pub provider: ProviderName,
    /// What it makes.
    pub products: Option<Vec<ProductName>>,
}

impl FromStr for Announced {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, products) = match text.split_once('=') {
            Some((name, products)) => (name, Some(products)),
            None => (text, None),
        };
        let provider = name.parse().map_err(|error| format!("{name:?}: {error}"))?;
        let parse = |product: &str| {
            product
                .trim()
                .parse()
                .map_err(|error| format!("{product:?}: {error}"))
        };
        let products = products
            .map(|list| list.split(',').map(parse).collect())
            .transpose()?;
        Ok(Self { provider, products })
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=1.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("a rate is 0 to 1".to_owned())
    }
}

impl Args {
    /// The fate that the arguments describe.
    pub fn fate(&self) -> Fate {
        Fate {
            seed: self.seed,
            failure_rate: self.failure_rate,
            shortest: self.min_delay,
            longest: self.max_delay.max(self.min_delay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn providers_are_announced_with_and_without_products() {
        let one: Announced = "p=A, B".parse().unwrap();
        assert_eq!(one.products.unwrap().len(), 2);
        assert_eq!("p".parse::<Announced>().unwrap().products, None);
        assert!("p=".parse::<Announced>().is_err());
        assert!(Args::try_parse_from(["mock", "--failure-rate", "1.2"]).is_err());
    }

    #[test]
    fn several_come_in_one_text_as_variables_of_the_environment_have_it() {
        let args = Args::parse_from([
            "mock",
            "--provider",
            "p=A,B;q",
            "--misbehave",
            "A=hang:1,*=refuse",
        ]);
        assert_eq!((args.provider.len(), args.misbehave.len()), (2, 2));
    }

    #[test]
    fn the_least_pipeline_behaves() {
        assert!(Args::try_parse_from(["mock", "--least", "--misbehave", "A=hang"]).is_err());
    }
}
