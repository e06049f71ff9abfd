//! Answers of checks become a state, or the wish for a restart.

use crate::driver::Running;
use crate::probe::{ProbeError, Target, probe};
use domain::service::{Check, Probe, Runtime, Workload};
use domain::status::ReplicaState;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Before the first question, and between questions after the start, when a moment counts.
const FIRST: Duration = Duration::from_millis(50);
const SOON: Duration = Duration::from_millis(250);
/// The same where a question costs a process.
const SOON_EXEC: Duration = Duration::from_secs(1);

/// What follows from an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// And, where it is not ready, why.
    Is(ReplicaState, Option<String>),
    /// It has to be started again.
    Restart(String),
}

type Answer = Result<(), ProbeError>;

pub struct Health {
    state: ReplicaState,
    began: Instant,
    target: Arc<Target>,
    /// Until it has passed.
    startup: Option<Question>,
    readiness: Question,
    liveness: Option<Question>,
}

/// A check with the answer that is on its way.
struct Question {
    check: Check,
    failures: u32,
    successes: u32,
    answer: Pin<Box<dyn Future<Output = Answer> + Send>>,
}

impl Question {
    fn new(check: &Check) -> Self {
        let answer = Box::pin(std::future::pending());
        Self { check: check.clone(), failures: 0, successes: 0, answer }
    }

    fn ask(&mut self, target: &Arc<Target>, pause: Duration) {
        let (target, method) = (Arc::clone(target), self.check.method.clone());
        let timeout = seconds(self.check.pace.timeout_seconds.max(1));
        self.answer = Box::pin(async move {
            tokio::time::sleep(pause).await;
            probe(&method, &target, timeout).await
        });
    }

    fn period(&self) -> Duration {
        seconds(self.check.pace.period_seconds.max(1))
    }

    /// However long its period is.
    fn soon(&self) -> Duration {
        if matches!(self.check.method, Probe::Exec { .. }) { SOON_EXEC } else { SOON }
    }

    fn count(&mut self, answer: &Answer) {
        match answer {
            Ok(()) => (self.successes, self.failures) = (self.successes.saturating_add(1), 0),
            Err(_) => (self.successes, self.failures) = (0, self.failures.saturating_add(1)),
        }
    }

    fn passed(&self) -> bool {
        self.successes >= self.check.pace.successes.max(1)
    }

    fn failed(&self) -> bool {
        self.failures >= self.check.pace.failures.max(1)
    }
}

impl Health {
    /// Of a replica that has just been started, or of an adopted one that was ready when it was seen last.
    pub fn new(workload: &Workload, address: SocketAddr, running: Arc<dyn Running>, ready: bool) -> Self {
        let age = running.started_at().and_then(|at| (crate::spec::now() - at).to_std().ok()).unwrap_or_default();
        let external = matches!(workload.runtime, Runtime::External { .. });
        let mut health = Self {
            state: if ready { ReplicaState::Ready } else { ReplicaState::Starting },
            began: Instant::now().checked_sub(age).unwrap_or_else(Instant::now),
            target: Arc::new(Target { address, running, external }),
            startup: workload.startup.as_ref().filter(|_| !ready).map(Question::new),
            readiness: Question::new(&workload.readiness),
            liveness: workload.liveness.as_ref().map(Question::new),
        };
        // Thousands that run elsewhere are not asked in the same moment.
        let spread = Duration::from_millis(if external { u64::from(address.port()) % 997 } else { 0 });
        match &mut health.startup {
            Some(startup) => {
                let pause = delay(startup, age);
                startup.ask(&health.target, pause + spread);
            }
            None => health.ask_all(age, spread),
        }
        health
    }

    /// The startup check is behind it.
    fn ask_all(&mut self, age: Duration, spread: Duration) {
        for question in [Some(&mut self.readiness), self.liveness.as_mut()].into_iter().flatten() {
            let pause = delay(question, age);
            question.ask(&self.target, pause + spread);
        }
    }

    /// Waits for an answer and says what follows from it. Nothing is lost where this is dropped and called again.
    pub async fn next(&mut self) -> Verdict {
        loop {
            if let Some(startup) = &mut self.startup {
                let answer = (&mut startup.answer).await;
                return self.starting(answer);
            }
            tokio::select! {
                answer = &mut self.readiness.answer => return self.readiness(answer),
                answer = of(&mut self.liveness) => {
                    if let Some(verdict) = self.liveness(answer) {
                        return verdict;
                    }
                }
            }
        }
    }

    fn starting(&mut self, answer: Answer) -> Verdict {
        let Some(startup) = &mut self.startup else { return Verdict::Is(self.state, None) };
        startup.count(&answer);
        if startup.passed() {
            self.startup = None;
            self.ask_all(self.began.elapsed(), Duration::ZERO);
            return Verdict::Is(self.state, None);
        }
        let pause = startup.period().min(SOON_EXEC);
        startup.ask(&self.target, pause);
        let Err(error) = answer else { return Verdict::Is(self.state, None) };
        let pace = startup.check.pace;
        let patience = seconds(pace.initial_delay_seconds) + startup.period() * pace.failures.max(1);
        if self.began.elapsed() >= patience {
            return Verdict::Restart(format!("has not started within {} s: {error}", patience.as_secs()));
        }
        Verdict::Is(self.state, Some(error.to_string()))
    }

    fn readiness(&mut self, answer: Answer) -> Verdict {
        self.readiness.count(&answer);
        let mut detail = None;
        match answer {
            Ok(()) if self.readiness.passed() => self.state = ReplicaState::Ready,
            Ok(()) => {}
            Err(_) if self.state == ReplicaState::Ready && !self.readiness.failed() => {}
            Err(error) => {
                if self.state == ReplicaState::Ready {
                    self.state = ReplicaState::Unready;
                }
                detail = Some(error.to_string());
            }
        }
        let pause = match self.state {
            ReplicaState::Starting => self.readiness.soon().min(self.readiness.period()),
            _ => self.readiness.period(),
        };
        self.readiness.ask(&self.target, pause);
        Verdict::Is(self.state, detail)
    }

    fn liveness(&mut self, answer: Answer) -> Option<Verdict> {
        let liveness = self.liveness.as_mut()?;
        liveness.count(&answer);
        let pause = liveness.period();
        liveness.ask(&self.target, pause);
        let error = answer.err().filter(|_| liveness.failed())?;
        let times = liveness.failures;
        Some(Verdict::Restart(format!("failed its liveness check {times} times in a row: {error}")))
    }
}

async fn of(question: &mut Option<Question>) -> Answer {
    match question {
        Some(question) => (&mut question.answer).await,
        None => std::future::pending().await,
    }
}

/// What is left of the delay that was asked for.
fn delay(question: &Question, age: Duration) -> Duration {
    seconds(question.check.pace.initial_delay_seconds).saturating_sub(age).max(FIRST)
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

#[cfg(test)]
mod tests;
