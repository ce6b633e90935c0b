//! Which providers are reached. Only news of it goes to the writer: a POST that is plainly answered costs no word.

use crate::inbox::Call;
use api::ApiError;
use domain::ProviderName;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The providers that the last call did not reach.
#[derive(Debug, Default)]
pub(super) struct Reach(Mutex<BTreeSet<ProviderName>>);

impl Reach {
    /// What a call tells of its provider, if that is news: it was not reached, or is so again.
    pub(super) fn news<T>(&self, provider: &ProviderName, answer: &Result<T, ApiError>) -> Option<Call> {
        let reached = match answer {
            Ok(_) | Err(ApiError::Problem(_) | ApiError::Malformed { .. } | ApiError::Interrupted { .. }) => {
                true
            }
            Err(ApiError::Unreachable { .. }) => false,
            // One that took the connection and says nothing is neither, nor is one that was sent nothing.
            Err(ApiError::Timeout { .. } | ApiError::Invalid(_)) => return None,
        };
        let mut unreached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let news = if reached {
            unreached.remove(provider)
        } else {
            unreached.insert(provider.clone());
            true
        };
        let provider = provider.clone();
        news.then_some(Call { provider, reached })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Http, PipelineClient};
    use std::time::Duration;

    #[tokio::test]
    async fn each_failure_is_news_and_the_first_answer_after_it() {
        let nobody = format!("http://127.0.0.1:{}/p", testkit::free_port());
        let nobody: url::Url = nobody.parse().unwrap();
        let client = PipelineClient::new(Http::new());
        let refused = async || client.run(&nobody, &"r".parse().unwrap()).await.map(|_| ());
        let silence = ApiError::Timeout {
            url: nobody.to_string(),
            after: Duration::from_secs(10),
        };
        let reach = Reach::default();
        let provider: ProviderName = "p".parse().unwrap();
        let reached = |answer: Result<(), ApiError>| {
            let news = reach.news(&provider, &answer);
            news.map(|call| call.reached)
        };
        assert_eq!(reached(Ok(())), None);
        assert_eq!(reached(refused().await), Some(false));
        assert_eq!(reached(Err(silence)), None);
        assert_eq!(reached(refused().await), Some(false));
        assert_eq!(reached(Ok(())), Some(true));
        assert_eq!(reached(Ok(())), None);
    }
}
