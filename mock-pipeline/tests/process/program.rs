//! A running `orchestra-mock-pipeline`, and what its clients know of it.

use crate::scene::SOON;
use api::pipeline::{ProcessingRequest, ProcessingRun};
use domain::ProcessingState;
use reqwest::{Client, Response, StatusCode, header::HeaderMap};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use testkit::eventually_some;

/// The provider that most tests ask.
pub(crate) const PROVIDER: &str = "qpo_ecl_pipeline";

pub(crate) struct Mock {
    child: Child,
    pub(crate) base: String,
    pub(crate) client: Client,
}

/// What a request was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null where it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Self {
            status,
            headers,
            body,
        }
    }

    /// The status and the stable code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (
            self.status.as_u16(),
            self.body["code"].as_str().unwrap_or_default(),
        )
    }

    /// The seconds of `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let seconds = self.headers.get("retry-after")?;
        Some(seconds.to_str().unwrap().parse().unwrap())
    }
}

impl Mock {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(command: &mut Command, ready: &std::path::Path) -> Self {
        // Left by the one before, if there was one.
        std::fs::remove_file(ready).ok();
        let mut child = command
            .arg("--ready-file")
            .arg(ready)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let said = eventually_some(SOON, async || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the program ended with {status}");
            }
            std::fs::read(ready).ok()
        })
        .await;
        let said: Value = serde_json::from_slice(&said).unwrap();
        let base = format!("http://{}", said["listen"].as_str().unwrap());
        Self {
            child,
            base,
            client: Client::new(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{PROVIDER}{path}", self.base)
    }

    /// Posts to any provider.
    pub(crate) async fn post_to(&self, provider: &str, request: &ProcessingRequest) -> Answer {
        let url = format!("{}/{provider}/processing", self.base);
        Answer::of(self.client.post(url).json(request).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, request: &ProcessingRequest) -> Answer {
        self.post_to(PROVIDER, request).await
    }

    /// Posts what must be taken.
    pub(crate) async fn begin(&self, request: &ProcessingRequest) {
        let answer = self.post(request).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.base);
        Answer::of(self.client.get(url).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.base);
        Answer::of(self.client.delete(url).send().await.unwrap()).await
    }

    /// The run as its provider tells it; `None` if it does not know it.
    pub(crate) async fn run_of(&self, provider: &str, run_id: &str) -> Option<ProcessingRun> {
        let answer = self.get(&format!("/{provider}/processing/{run_id}")).await;
        if answer.problem() == (404, "unknown-run") {
            return None;
        }
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        Some(serde_json::from_value(answer.body).unwrap())
    }

    pub(crate) async fn run(&self, run_id: &str) -> Option<ProcessingRun> {
        self.run_of(PROVIDER, run_id).await
    }

    /// The run once it has ended.
    pub(crate) async fn ended(&self, run_id: &str) -> ProcessingRun {
        eventually_some(SOON, async || {
            self.run(run_id).await.filter(|run| run.state.is_ended())
        })
        .await
    }

    /// The run once it is at work.
    pub(crate) async fn at_work(&self, run_id: &str) -> ProcessingRun {
        eventually_some(SOON, async || {
            let run = self.run(run_id).await;
            run.filter(|run| run.state == ProcessingState::Running)
        })
        .await
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn exit(&mut self) -> ExitStatus {
        eventually_some(SOON, async || self.child.try_wait().unwrap()).await
    }

    /// Kills it as `kill -9` does.
    pub(crate) async fn kill(mut self) {
        self.signal(Signal::KILL);
        self.exit().await;
    }

    /// Stops it in order.
    pub(crate) async fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = self.exit().await;
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // Both fail only if it has already ended.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs the program to its end, without a server of any kind.
pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orchestra-mock-pipeline"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}
