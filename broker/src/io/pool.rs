//! A fixed number of threads for work that may wait for a disk.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// The threads and the work that waits for them.
///
/// Work is done in the order it comes as threads get free. The queue has no limit of its own: each
/// piece belongs to a request, a connection or a log that waits for it, and those are limited.
pub struct Pool {
    name: &'static str,
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    work: VecDeque<Work>,
    is_closed: bool,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system has no more threads to give.
    pub fn start(name: &'static str, threads: usize) -> std::io::Result<Pool> {
        let shared = Arc::new(Shared::default());
        let pool = Pool { name, shared, threads: Mutex::default() };
        for index in 0..threads {
            let shared = pool.shared.clone();
            let builder = std::thread::Builder::new().name(format!("{name}-{index}"));
            pool.threads().push(builder.spawn(move || shared.work())?);
        }
        Ok(pool)
    }

    /// Puts work behind what waits. After [`stop`](Pool::stop) it is dropped.
    pub fn submit(&self, work: impl FnOnce() + Send + 'static) {
        let mut queue = self.shared.queue();
        if !queue.is_closed {
            queue.work.push_back(Box::new(work));
            drop(queue);
            self.shared.changed.notify_one();
        }
    }

    /// Puts work behind what waits and gives what will tell its outcome.
    pub fn call<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        tracing::trace!(pool = self.name, what, "work is handed over");
        self.submit(move || {
            // Nobody waits for it when its connection is gone.
            let _ = sender.send(work());
        });
        receiver
    }

    /// How much work waits for a thread.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.queue().work.len()
    }

    /// Does what waits and ends the threads.
    pub fn stop(&self) {
        self.shared.queue().is_closed = true;
        self.shared.changed.notify_all();
        let threads = std::mem::take(&mut *self.threads());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!(pool = self.name, "a thread of the pool has panicked");
            }
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    /// Lets the threads end once the work is done, without waiting for them: the last owner may be
    /// one of them.
    fn drop(&mut self) {
        self.shared.queue().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pool({})", self.name)
    }
}

impl Shared {
    fn work(&self) {
        while let Some(work) = self.next() {
            work();
        }
    }

    fn next(&self) -> Option<Work> {
        let mut queue = self.queue();
        loop {
            if let Some(work) = queue.work.pop_front() {
                return Some(work);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_tells_its_outcome() {
        let pool = Pool::start("test", 2).unwrap();
        let sum = pool.call("sum", || 1 + 2);
        assert_eq!(sum.await, Ok(3));
        pool.stop();
    }

    #[test]
    fn what_waits_is_done_before_the_threads_end() {
        let pool = Pool::start("test", 1).unwrap();
        let done = Arc::new(Mutex::new(Vec::new()));
        for number in 0..100 {
            let done = done.clone();
            pool.submit(move || done.lock().unwrap().push(number));
        }
        pool.stop();
        assert_eq!(*done.lock().unwrap(), (0..100).collect::<Vec<_>>());
        pool.submit(|| panic!("a stopped pool takes no work"));
        assert_eq!(pool.waiting(), 0);
    }
}
