//! How the other verbs speak with the running stage: a line of JSON each way over a socket in `var/`.

use crate::house::House;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use stage::{Report, Stage};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

/// The longest line in either direction: a status of hundreds of programs.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// How long one who has connected may take to ask.
const ASK_WITHIN: Duration = Duration::from_secs(5);

/// How many may ask at once.
pub(crate) const MAX_CONVERSATIONS: usize = 16;

/// What can be asked of a running stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub(crate) enum Request {
    /// How the programs are.
    Status,
    /// Start one that has died; answered once it is ready.
    Start {
        /// Which.
        program: String,
    },
    /// Stop all; answered before it is done, the lock tells when.
    Stop,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Answer {
    /// To [`Request::Status`].
    Status {
        /// The process of the stage.
        pid: u32,
        /// Its programs, in order.
        programs: Vec<Report>,
    },
    /// To [`Request::Start`] and [`Request::Stop`].
    Done,
    /// It could not.
    Refused {
        /// Why, for a person.
        reason: String,
    },
}

/// Opens the socket, in place of one that a killed stage has left. Only who holds the lock may call this.
pub(crate) fn listen(house: &House) -> anyhow::Result<UnixListener> {
    let path = house.socket();
    std::fs::remove_file(&path).ok();
    UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))
}

/// Answers one connection.
pub(crate) async fn answer(mut socket: UnixStream, stage: &Stage, stop: mpsc::Sender<()>) {
    let answer = match tokio::time::timeout(ASK_WITHIN, read::<Request>(&mut socket)).await {
        Ok(Ok(request)) => perform(request, stage, &stop).await,
        Ok(Err(error)) => Answer::Refused {
            reason: format!("{error:#}"),
        },
        Err(_) => Answer::Refused {
            reason: "no request came".to_owned(),
        },
    };
    // Who does not wait for the answer does not want it.
    write(&mut socket, &answer).await.ok();
}

async fn perform(request: Request, stage: &Stage, stop: &mpsc::Sender<()>) -> Answer {
    match request {
        Request::Status => Answer::Status {
            pid: std::process::id(),
            programs: stage.reports(),
        },
        Request::Start { program } => match stage.start(&program).await {
            Ok(()) => Answer::Done,
            Err(error) => Answer::Refused {
                reason: format!("{:#}", anyhow::Error::new(error)),
            },
        },
        Request::Stop => {
            // A second one finds the first still there.
            stop.try_send(()).ok();
            Answer::Done
        }
    }
}

/// Asks the stage that runs in this checkout.
pub(crate) async fn ask(house: &House, request: &Request) -> anyhow::Result<Answer> {
    let Ok(mut socket) = UnixStream::connect(house.socket()).await else {
        bail!("no orchestra runs in this checkout; `./just up` starts one");
    };
    write(&mut socket, request).await?;
    match read(&mut socket)
        .await
        .context("the stage ended before it answered")?
    {
        Answer::Refused { reason } => bail!(reason),
        answer @ (Answer::Status { .. } | Answer::Done) => Ok(answer),
    }
}

async fn read<T: for<'de> Deserialize<'de>>(socket: &mut UnixStream) -> anyhow::Result<T> {
    let mut line = String::new();
    BufReader::new(socket.take(MAX_LINE_BYTES))
        .read_line(&mut line)
        .await?;
    serde_json::from_str(&line).with_context(|| format!("not understood: {:?}", line.trim()))
}

async fn write(socket: &mut UnixStream, message: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    socket.write_all(&line).await?;
    Ok(())
}
