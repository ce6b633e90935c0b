//! What a provider says about itself and its runs.

use crate::{execute::FIRST_WORD, runs::Job, station::Station};
use api::pipeline::ProcessingRun;
use domain::{Activity, ProcessingActivity, ProcessingState, ServiceState, StatusActivity};

impl Station {
    /// Says how the provider is: always, or only if that has changed.
    pub(crate) fn say_status(&self, state: Option<ServiceState>, only_changes: bool) {
        let mut desk = self.desk();
        let (at_work, queued) = desk.runs.load();
        let detail = self.tools.health.detail();
        let state = state.unwrap_or(match (desk.runs.draining, at_work) {
            (true, _) => ServiceState::Draining,
            (false, _) if !detail.is_empty() => ServiceState::Degraded,
            (false, 0) => ServiceState::Ready,
            (false, _) => ServiceState::Busy,
        });
        if only_changes && desk.said == Some(state) {
            return;
        }
        desk.said = Some(state);
        drop(desk);
        let tools = &self.tools;
        tools.voice.say(Activity::Status(StatusActivity {
            service: self.provider.clone().into(),
            instance: tools.instance.clone(),
            at: Some(tools.clock.now()),
            state,
            version: tools.version.clone(),
            started_at: Some(tools.clock.started_at()),
            in_flight: at_work as u64,
            queued: queued as u64,
            detail,
        }));
    }

    /// Says that the job is at work, and how far.
    pub(crate) fn say_running(&self, job: &Job) {
        let said = job.live.said();
        self.tools.voice.say(Activity::Processing(ProcessingActivity {
            progress: said.progress,
            message: said.message,
            ..self.word(job, ProcessingState::Running)
        }));
    }

    /// Says which jobs wait for a worker. One that is at work soon says nothing, since `running` implies it.
    pub(crate) fn say_waiting(&self) {
        let before = self.tools.clock.now() - FIRST_WORD;
        let waiting = self.desk().runs.long_waiting(before);
        for job in waiting {
            let said = self.word(&job, ProcessingState::Accepted);
            self.tools.voice.say(Activity::Processing(said));
        }
    }

    /// Says how a run ended.
    pub(crate) fn say_ended(&self, told: &ProcessingRun) {
        let (Some(product), Some(obs_id)) = (&told.product, &told.obs_id) else {
            return;
        };
        self.tools.voice.say(Activity::Processing(ProcessingActivity {
            service: self.provider.clone().into(),
            instance: self.tools.instance.clone(),
            at: told.ended_at,
            run_id: told.run_id.clone(),
            product: product.clone(),
            obs_id: obs_id.clone(),
            attempt: told.attempt,
            state: told.state,
            progress: None,
            message: None,
            error: told.error.clone(),
            product_version: told.product_version,
        }));
    }

    fn word(&self, job: &Job, state: ProcessingState) -> ProcessingActivity {
        let order = &job.order;
        ProcessingActivity {
            service: self.provider.clone().into(),
            instance: self.tools.instance.clone(),
            at: Some(self.tools.clock.now()),
            run_id: order.run_id.clone(),
            product: order.product.clone(),
            obs_id: order.obs_id.clone(),
            attempt: order.attempt,
            state,
            progress: None,
            message: None,
            error: None,
            product_version: None,
        }
    }
}
