//! Questions of many askers, put together.
//!
//! The first asker opens a batch and gives others a moment to join it; then one call answers them
//! all. What is asked while a call is under way goes into the next one.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// How long a batch stays open for others.
const LINGER: Duration = Duration::from_millis(2);
/// How many questions go into one call.
const QUESTIONS_MAX: usize = 128;

/// A place where questions are put together. A question is told from another by its key; of two with
/// one key both get the answer to the second.
pub(crate) struct Batch<K, Q, A> {
    waiting: Arc<Mutex<Vec<Waiting<K, Q, A>>>>,
}

struct Waiting<K, Q, A> {
    key: K,
    question: Q,
    answer: oneshot::Sender<A>,
}

impl<K, Q, A> Default for Batch<K, Q, A> {
    fn default() -> Self {
        Self { waiting: Arc::default() }
    }
}

impl<K, Q, A> Batch<K, Q, A>
where
    K: Ord + Clone + Send + 'static,
    Q: Send + 'static,
    A: Clone + Send + 'static,
{
    /// Asks, together with others. `call` answers many questions at once; one that it leaves out, or
    /// that is left open because everything ends, has no answer.
    pub(crate) async fn ask<F, Answers>(&self, key: K, question: Q, call: F) -> Option<A>
    where
        F: Fn(BTreeMap<K, Q>) -> Answers + Send + 'static,
        Answers: Future<Output = BTreeMap<K, A>> + Send,
    {
        let (sender, receiver) = oneshot::channel();
        let is_first = {
            let mut waiting = lock(&self.waiting);
            waiting.push(Waiting { key, question, answer: sender });
            waiting.len() == 1
        };
        if is_first {
            // A task of its own: that the first asker goes away is no harm to the others.
            let waiting = Arc::clone(&self.waiting);
            tokio::spawn(async move {
                tokio::time::sleep(LINGER).await;
                let all = std::mem::take(&mut *lock(&waiting));
                answer(all, call).await;
            });
        }
        receiver.await.ok()
    }
}

async fn answer<K, Q, A, F, Answers>(mut all: Vec<Waiting<K, Q, A>>, call: F)
where
    K: Ord + Clone,
    A: Clone,
    F: Fn(BTreeMap<K, Q>) -> Answers,
    Answers: Future<Output = BTreeMap<K, A>>,
{
    while !all.is_empty() {
        let rest = all.split_off(all.len().min(QUESTIONS_MAX));
        let mut questions = BTreeMap::new();
        let mut askers = Vec::new();
        for waiting in std::mem::replace(&mut all, rest) {
            askers.push((waiting.key.clone(), waiting.answer));
            questions.insert(waiting.key, waiting.question);
        }
        let answers = call(questions).await;
        for (key, asker) in askers {
            if let Some(answer) = answers.get(&key) {
                // One that has gone away wants no answer.
                drop(asker.send(answer.clone()));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn doubled(calls: &AtomicUsize, questions: BTreeMap<u32, ()>) -> BTreeMap<u32, u32> {
        calls.fetch_add(1, Ordering::Relaxed);
        questions.into_keys().filter(|key| *key != 13).map(|key| (key, key * 2)).collect()
    }

    async fn ask(batch: &Batch<u32, (), u32>, calls: &Arc<AtomicUsize>, key: u32) -> Option<u32> {
        let calls = Arc::clone(calls);
        batch.ask(key, (), move |questions| std::future::ready(doubled(&calls, questions))).await
    }

    #[tokio::test]
    async fn what_is_asked_at_once_is_one_call() {
        let (batch, calls) = (Arc::new(Batch::default()), Arc::new(AtomicUsize::new(0)));
        let mut askers = tokio::task::JoinSet::new();
        for key in 0..100 {
            let (batch, calls) = (Arc::clone(&batch), Arc::clone(&calls));
            askers.spawn(async move { (key, ask(&batch, &calls, key).await) });
        }
        for (key, answer) in askers.join_all().await {
            assert_eq!(answer, (key != 13).then_some(key * 2));
        }
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_long_queue_is_several_calls() {
        let (batch, calls) = (Arc::new(Batch::default()), Arc::new(AtomicUsize::new(0)));
        let mut askers = tokio::task::JoinSet::new();
        for key in 100..400 {
            let (batch, calls) = (Arc::clone(&batch), Arc::clone(&calls));
            askers.spawn(async move { ask(&batch, &calls, key).await });
        }
        assert!(askers.join_all().await.iter().all(Option::is_some));
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn the_others_are_answered_when_the_first_goes_away() {
        let (batch, calls) = (Arc::new(Batch::default()), Arc::new(AtomicUsize::new(0)));
        let first = tokio::spawn({
            let (batch, calls) = (Arc::clone(&batch), Arc::clone(&calls));
            async move { ask(&batch, &calls, 1).await }
        });
        tokio::task::yield_now().await;
        let second = ask(&batch, &calls, 2);
        first.abort();
        assert_eq!(second.await, Some(4));
    }
}
