//! The workers of one gateway, and how they become more or fewer without a connection of theirs noticing.

use super::Groups;
use super::scaling::Scaling;
use super::thread::{Handle, LEFT, Own, Shared, ToWorker, spawn};
use crate::listener::{Reserved, Seat};
use crate::record::{OwnThreads, Ring};
use domain::id::GatewayId;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Packs of records that may wait in a group, of 32 KiB; collected four times a second.
const RING: usize = 64;

struct Member {
    /// Among those of the group; free again when its thread has ended.
    index: usize,
    handle: Handle,
}

impl Member {
    fn tell(&self, told: ToWorker) {
        let _ = self.handle.sender.send(told);
    }

    fn has_left(&self) -> bool {
        self.handle.load.load(Relaxed) >= LEFT
    }

    /// Whether it stays after all: it has connections, and is kept from ending before it reads the message.
    fn calls_back(&self) -> bool {
        let stays = |load: usize| (1..LEFT).contains(&load).then_some(load + 1);
        let stays = self.handle.load.fetch_update(Relaxed, Relaxed, stays).is_ok();
        if stays {
            self.tell(ToWorker::Stay);
        }
        stays
    }
}

pub(super) struct Group {
    id: GatewayId,
    /// Take new connections.
    members: Vec<Member>,
    /// Take none any more; each ends with its last one, however long that stays.
    leaving: Vec<Member>,
    ring: Ring,
    threads: Arc<OwnThreads>,
    load: Scaling,
}

impl Group {
    pub fn new(id: &GatewayId, shared: &Shared) -> Self {
        let (ring, threads) = (shared.rings.add(RING), shared.stats.threads(id));
        Self { id: id.clone(), members: Vec::new(), leaving: Vec::new(), ring, threads, load: Scaling::default() }
    }

    /// Nobody takes new connections.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How many take new connections.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// How many there should be by what they have used lately; called about once a second.
    pub fn fitting(&mut self, now: Instant) -> usize {
        self.load.fitting(now, self.threads.cpu_us.load(Relaxed), self.size())
    }

    /// A place at the least busy.
    pub fn seat(&self) -> Option<Reserved> {
        let least = self.members.iter().min_by_key(|member| member.handle.load.load(Relaxed))?;
        Some(Seat::reserve(least.handle.sender.clone(), least.handle.load.clone()))
    }

    /// So many take new connections from now on, or as many as threads can be started. Connections stay where they
    /// are: moved to a new worker, they would have to be broken off.
    pub fn resize(&mut self, wanted: usize, shared: &Shared, groups: &Arc<Groups>) {
        self.leaving.retain(|member| !member.has_left());
        while self.members.len() > wanted {
            let Some(member) = self.members.pop() else { break };
            member.tell(ToWorker::Leave);
            self.leaving.push(member);
        }
        while self.members.len() < wanted {
            let back = self.leaving.iter().position(Member::calls_back).map(|at| self.leaving.swap_remove(at));
            let started = back.map_or_else(|| self.start(shared, groups), Ok);
            match started {
                Ok(member) => self.members.push(member),
                Err(error) => {
                    tracing::error!(gateway = %self.id, %error, "fewer threads of its own than it should have");
                    break;
                }
            }
        }
        self.threads.workers.store(u16::try_from(self.members.len()).unwrap_or(u16::MAX), Relaxed);
    }

    fn start(&self, shared: &Shared, groups: &Arc<Groups>) -> Result<Member, crate::error::EngineError> {
        let taken = |index: &usize| self.all().any(|member| member.index == *index);
        let index = (0..=self.members.len() + self.leaving.len()).find(|index| !taken(index)).unwrap_or(0);
        let own = Own { index, ring: self.ring.clone(), threads: self.threads.clone(), of: Some(self.id.clone()) };
        Ok(Member { index, handle: spawn(own, shared, groups)? })
    }

    fn all(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().chain(&self.leaving)
    }

    pub fn close_door(&self, door: u64) {
        self.all().for_each(|member| member.tell(ToWorker::CloseDoor(door)));
    }

    /// Tells all to end, and returns what resolves when each has.
    pub fn stop(self, deadline: Instant) -> Vec<oneshot::Receiver<()>> {
        self.threads.workers.store(0, Relaxed);
        self.all().for_each(|member| member.tell(ToWorker::Stop(deadline)));
        self.members.into_iter().chain(self.leaving).map(|member| member.handle.ended).collect()
    }
}
