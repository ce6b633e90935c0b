//! Import by a multipart form (RFC 7578): the bytes as `file`, streamed, and what is said of them as other
//! parts, which may be larger than headers.

use super::{
    App,
    body::{Received, Receiving, Source},
    problems,
};
use axum::body::{Body, Bytes};
use futures_util::{Stream, stream};
use multer::{Field, Multipart};
use service_kit::Problem;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The type of a form.
const FORM: &str = "multipart/form-data";

/// The longest text of a part that names something, in bytes; no name is half as long.
const MAX_NAME_BYTES: usize = 512;

/// The longest text of any other part, in bytes. `meta` and `provenance` have a limit of their own below it,
/// with a better message.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// How much may be read before it belongs to a part, in bytes: the headers of a part are some hundred.
const MAX_AHEAD_BYTES: u64 = 1024 * 1024;

/// What a form says.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) file: Option<File>,
    pub(super) product: Option<String>,
    pub(super) obs_id: Option<String>,
    pub(super) burst_id: Option<String>,
    pub(super) meta: Option<String>,
    pub(super) provenance: Option<String>,
}

/// The part that is the product.
#[derive(Debug)]
pub(super) struct File {
    pub(super) content_type: Option<String>,
    pub(super) received: Received,
}

/// Whether a body of this type is a form.
pub(super) fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

impl Form {
    /// Receives a form of at most `--max-body` bytes. Parts of other names are passed over.
    pub(super) async fn receive(app: &App, content_type: &str, body: Body) -> Result<Self, Problem> {
        let boundary = multer::parse_boundary(content_type).map_err(unreadable)?;
        let ahead = Arc::new(AtomicU64::new(0));
        let source = Source::new(body, app.max_body);
        let mut parts = Multipart::new(chunks(source, Arc::clone(&ahead)), boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            let mut part = Part {
                field: part,
                ahead: &ahead,
            };
            match part.field.name().unwrap_or_default() {
                "file" => set("file", &mut form.file, part.file(app).await?)?,
                "product" => set("product", &mut form.product, part.text(MAX_NAME_BYTES).await?)?,
                "obs_id" => set("obs_id", &mut form.obs_id, part.text(MAX_NAME_BYTES).await?)?,
                "burst_id" => set("burst_id", &mut form.burst_id, part.text(MAX_NAME_BYTES).await?)?,
                "meta" => set("meta", &mut form.meta, part.text(MAX_TEXT_BYTES).await?)?,
                "provenance" => set(
                    "provenance",
                    &mut form.provenance,
                    part.text(MAX_TEXT_BYTES).await?,
                )?,
                _ => while part.next().await?.is_some() {},
            }
        }
        Ok(form)
    }
}

/// A part, of which is counted what is taken.
struct Part<'a> {
    field: Field<'static>,
    ahead: &'a AtomicU64,
}

impl Part<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let chunk = self.field.chunk().await.map_err(unreadable)?;
        if let Some(chunk) = &chunk {
            let taken = chunk.len() as u64;
            // What separates parts is counted as read and never taken; at a part's bytes it is behind us.
            let ahead = self.ahead.load(Ordering::Relaxed);
            self.ahead.store(ahead.saturating_sub(taken), Ordering::Relaxed);
        }
        Ok(chunk)
    }

    async fn file(mut self, app: &App) -> Result<File, Problem> {
        let content_type = self.field.content_type().map(ToString::to_string);
        let mut receiving = Receiving::default();
        while let Some(chunk) = self.next().await? {
            receiving = receiving.add(app, &chunk).await?;
        }
        Ok(File {
            content_type,
            received: receiving.end(),
        })
    }

    async fn text(mut self, max_bytes: usize) -> Result<String, Problem> {
        let mut text = Vec::new();
        while let Some(chunk) = self.next().await? {
            text.extend_from_slice(&chunk);
            if text.len() > max_bytes {
                let detail = format!("a part that is not `file` takes at most {max_bytes} bytes here");
                return Err(problems::invalid_form(detail));
            }
        }
        String::from_utf8(text).map_err(|_| problems::invalid_form("a part that is not `file` is UTF-8"))
    }
}

fn set<T>(name: &str, place: &mut Option<T>, value: T) -> Result<(), Problem> {
    if place.replace(value).is_some() {
        return Err(problems::invalid_form(format!("the part {name} comes twice")));
    }
    Ok(())
}

/// The body for the parser, which takes all that is ready: so it is given one chunk at a time, and not more
/// than it can find a part in.
fn chunks(source: Source, ahead: Arc<AtomicU64>) -> impl Stream<Item = Result<Bytes, Broken>> + Send {
    stream::try_unfold((source, ahead), async |(mut source, ahead)| {
        tokio::task::yield_now().await;
        let Some(chunk) = source.next().await.map_err(Broken)? else {
            return Ok(None);
        };
        if ahead.fetch_add(chunk.len() as u64, Ordering::Relaxed) > MAX_AHEAD_BYTES {
            let detail = format!("{MAX_AHEAD_BYTES} bytes came that are in no part");
            return Err(Broken(problems::invalid_form(detail)));
        }
        Ok(Some((chunk, (source, ahead))))
    })
}

/// Why the body did not come, on its way through the parser.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come")]
struct Broken(Problem);

fn unreadable(error: multer::Error) -> Problem {
    let multer::Error::StreamReadFailed(cause) = error else {
        return problems::invalid_form(error.to_string());
    };
    match cause.downcast::<Broken>() {
        Ok(broken) => broken.0,
        Err(cause) => problems::invalid_form(cause.to_string()),
    }
}
