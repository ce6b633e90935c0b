//! `product`: what was made, drawn or downloaded.

mod download;
mod printed;

use crate::args::{Product, ScreenArgs};
use crate::model::MAX_BODY;
use crate::output::Output;
use crate::session::Session;
use crate::term::Abilities;
use crate::ui::Look;
use crate::ui::product::ProductView;
use crate::ui::theme::Depth;
use anyhow::bail;
use api::sdb::ProductRecord;
use api::{ApiError, PageQuery, SdbClient, codes};
use domain::{ObsId, ProductName, Version};
use std::path::Path;
use std::process::ExitCode;

/// What an SDB answers at most at once.
const PAGE: u32 = 1000;

pub(super) async fn run(
    session: &Session,
    verb: &Product,
    screen: &ScreenArgs,
    output: &mut Output,
) -> anyhow::Result<ExitCode> {
    let is_stdout = verb.output.as_deref() == Some(Path::new("-"));
    if is_stdout && (output.json || verb.view) {
        bail!("--output - leaves no room on standard output for --json or --view");
    }
    let sdb = session.sdb();
    let record = record(session, &sdb, verb).await?;
    if let Some(file) = &verb.output {
        let download = sdb
            .export(&record.obs_id, &record.product, Some(record.version))
            .await;
        let download = download.map_err(|error| session.explain_sdb(error))?;
        if is_stdout {
            download::to_output(download, &record, output)
                .await
                .map_err(|error| error.or_explained(|error| session.explain_sdb(error)))?;
            return Ok(ExitCode::SUCCESS);
        }
        download::to_file(download, &record, file)
            .await
            .map_err(|error| error.or_explained(|error| session.explain_sdb(error)))?;
    }
    if output.json {
        output.document(&record)?;
    } else if let Some(file) = &verb.output {
        let ProductRecord {
            product,
            obs_id,
            version,
            size,
            ..
        } = &record;
        output.text(format!(
            "{product} of {obs_id}, version {version}: {size} bytes to {}",
            file.display()
        ))?;
    }
    if verb.view || (verb.output.is_none() && !output.json) {
        let bytes = head(&sdb, &record)
            .await
            .map_err(|error| session.explain_sdb(error))?;
        printed::print(&ProductView::new(record, &bytes), look(screen, output), output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// As the screen would look on this terminal; without colours where none are wanted.
fn look(screen: &ScreenArgs, output: &Output) -> Look {
    let abilities = Abilities::of(&|name| std::env::var(name).ok());
    let depth = if output.screen().colour {
        abilities.depth
    } else {
        Depth::Mono
    };
    screen.look(Abilities { depth, ..abilities })
}

/// The record of the version that is meant.
async fn record(session: &Session, sdb: &SdbClient, verb: &Product) -> anyhow::Result<ProductRecord> {
    let Product {
        obs_id,
        product,
        version,
        ..
    } = verb;
    let mut page = PageQuery {
        limit: Some(PAGE),
        cursor: None,
    };
    let mut withdrawn = None;
    loop {
        let versions = match sdb.versions(obs_id, product, &page).await {
            Ok(versions) => versions,
            Err(error) if is_unknown(&error) => bail!(
                "the SDB has no {product} of {obs_id}; `orchestra-console show {obs_id} {product}` says why"
            ),
            Err(error) => return Err(session.explain_sdb(error)),
        };
        for record in versions.items {
            let is_meant = version.is_none_or(|version| version == record.version);
            match &record.retracted {
                None if is_meant => return Ok(record),
                Some(_) if is_meant => withdrawn = withdrawn.or(Some(record)),
                None | Some(_) => {}
            }
        }
        let Some(next) = versions.next else { break };
        page.cursor = Some(next);
    }
    match withdrawn {
        Some(record) => bail!(retracted(&record)),
        None => bail!(missing(obs_id, product, *version)),
    }
}

fn is_unknown(error: &ApiError) -> bool {
    [
        codes::UNKNOWN_PRODUCT,
        codes::UNKNOWN_OBSERVATION,
        codes::UNKNOWN_VERSION,
    ]
    .iter()
    .any(|code| error.is_code(code))
}

fn retracted(record: &ProductRecord) -> String {
    let (version, product, obs_id) = (record.version, &record.product, &record.obs_id);
    let reason = record
        .retracted
        .as_ref()
        .map_or_else(String::new, |retracted| format!(": {}", retracted.reason));
    format!("version {version} of {product} of {obs_id} was withdrawn{reason}")
}

fn missing(obs_id: &ObsId, product: &ProductName, version: Option<Version>) -> String {
    let version = version.map_or_else(String::new, |version| format!("version {version} of "));
    format!("the SDB has no {version}{product} of {obs_id}")
}

/// As many bytes as are drawn.
async fn head(sdb: &SdbClient, record: &ProductRecord) -> Result<Vec<u8>, ApiError> {
    let mut download = sdb
        .export(&record.obs_id, &record.product, Some(record.version))
        .await?;
    let mut bytes = Vec::new();
    while bytes.len() < MAX_BODY
        && let Some(chunk) = download.chunk().await?
    {
        bytes.extend_from_slice(&chunk[..chunk.len().min(MAX_BODY - bytes.len())]);
    }
    Ok(bytes)
}
