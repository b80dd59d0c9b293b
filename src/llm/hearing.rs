//! Listening to an answer while it is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_openai::error::OpenAIError;
use futures::{Stream, StreamExt as _};
use serde_json::Value as Json;
use tokio::time::timeout;

use super::answer::Draft;
use super::refusal::told;
use super::retry::Failed;
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// Who is told each piece of a text.
pub(super) type Heard<'h> = &'h (dyn for<'t> Fn(&'t str) + Send + Sync);

/// How long a server that has begun to answer may be silent. Before it begins, only the question's own time counts: a
/// model may think first.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// How long what an answer cost is waited for when all of it was told.
const LAST_WORD: Duration = Duration::from_secs(2);

/// One who listens, if anybody does, and how much was told.
pub(super) struct Hearing<'h> {
    heard: Option<Heard<'h>>,
    /// In bytes of the answer's text.
    told: AtomicUsize,
}

impl<'h> Hearing<'h> {
    pub(super) fn new(heard: Option<Heard<'h>>) -> Self {
        Self { heard, told: AtomicUsize::new(0) }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.heard.is_some()
    }

    /// Tells what of `text` was not told yet.
    pub(super) fn rest(&self, text: &str) {
        let Some(heard) = self.heard else { return };
        let told = self.told.fetch_max(text.len(), Ordering::Relaxed);
        if let Some(new) = text.get(told..).filter(|new| !new.is_empty()) {
            heard(new);
        }
    }

    /// Puts an answer together from `events`, read by `piece`, and tells it on. `answer` is the tool whose call is the
    /// answer; `broken` says what happened where the events stop before their end. Once something was told, there is no
    /// other try: the next answer may begin differently.
    pub(super) async fn listen(
        &self,
        mut events: impl Stream<Item = Result<Json, OpenAIError>> + Unpin,
        piece: fn(&mut Draft, &Json) -> Result<()>,
        answer: Option<&str>,
        key: Option<&Secret>,
        broken: impl Fn() -> Failed,
    ) -> Result<Draft, Failed> {
        let mut draft = Draft::default();
        draft.usage.calls = 1;
        let outcome = loop {
            let next = match (draft.ended, draft.text.is_empty() && !draft.has_calls()) {
                (true, _) => timeout(LAST_WORD, events.next()).await,
                (false, true) => Ok(events.next().await),
                (false, false) => timeout(LONGEST_SILENCE, events.next()).await,
            };
            match next {
                Ok(Some(Ok(event))) => {
                    if let Some(failed) = told(&event, key) {
                        break Err(failed);
                    }
                    if let Err(error) = piece(&mut draft, &event) {
                        break Err(Failed::for_good(error));
                    }
                    self.rest(draft.heard(answer));
                }
                _ if draft.ended => break Ok(()),
                Ok(_) => break Err(broken()),
                Err(_elapsed) => {
                    let text = format!("the model fell silent for {} seconds", LONGEST_SILENCE.as_secs());
                    break Err(Failed::for_now(Error::new(Code::ModelTimeout, text)));
                }
            }
        };
        let has_told = self.told.load(Ordering::Relaxed) > 0;
        outcome.map(|()| draft).map_err(|failed| Failed { again: failed.again && !has_told, ..failed })
    }
}

#[cfg(test)]
mod tests {
    use async_openai::error::OpenAIError;
    use futures::{FutureExt as _, StreamExt as _, stream};
    use serde_json::{Value as Json, json};
    use tokio::time::{Instant, advance};

    use super::{Draft, Hearing, LONGEST_SILENCE};
    use crate::error::{Code, Error};
    use crate::llm::chat;
    use crate::llm::retry::Failed;

    fn piece(text: &str) -> Json {
        json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
    }

    /// Listens to `pieces`, after which nothing comes any more.
    async fn listen(pieces: Vec<Json>) -> Result<Draft, Failed> {
        let broken = || Failed::for_now(Error::new(Code::ModelUnreachable, "broken"));
        let events = stream::iter(pieces.into_iter().map(Ok::<_, OpenAIError>)).chain(stream::pending());
        Hearing::new(Some(&|_: &str| ())).listen(events, chat::piece, None, None, broken).await
    }

    #[tokio::test(start_paused = true)]
    async fn silence_after_the_first_word_ends_and_is_not_tried_again() {
        let begin = Instant::now();
        let failed = listen(vec![piece("There ")]).await.unwrap_err();
        assert_eq!((failed.error.code(), failed.again), (Code::ModelTimeout, false));
        assert!(begin.elapsed() >= LONGEST_SILENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_model_may_think_before_its_first_word() {
        let mut thinking = Box::pin(listen(vec![piece("")]));
        assert!(thinking.as_mut().now_or_never().is_none());
        advance(LONGEST_SILENCE * 3).await;
        assert!(thinking.now_or_never().is_none());
    }
}
