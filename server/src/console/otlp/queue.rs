//! Records that wait for the collector, packed as they came: unpacked they would take ten times the room.

use control::Recorded;
use domain::id::EngineId;
use link::records::Packed;
use link::telemetry::AccessRecord;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Bytes; some 50,000 records. When there are more the oldest go.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Packs that are looked into at once: other tasks have to have their turn.
const MOST_PACKS: usize = 16;

/// One request that somebody wants to see as a span.
#[derive(Clone, Debug)]
pub struct Heard {
    pub engine_id: EngineId,
    pub record: AccessRecord,
}

#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    packs: VecDeque<(EngineId, Packed)>,
    /// Of the packs.
    bytes: usize,
    /// Of the packs, too; not all of them have spans.
    records: u64,
    /// What was unpacked and is too much for one batch; never more than one pack's.
    unpacked: VecDeque<Heard>,
    lost: u64,
}

impl Queue {
    pub fn push(&self, recorded: &Recorded) {
        let mut waiting = self.waiting();
        for pack in recorded.records.packs() {
            waiting.bytes += pack.size();
            waiting.records += pack.count();
            waiting.packs.push_back((recorded.engine_id.clone(), pack.clone()));
        }
        while waiting.bytes > MOST_BYTES {
            waiting.lost += waiting.pop().map_or(0, |(_, pack)| pack.count());
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// The oldest, as far as they have spans; none where none of those that were looked at has one, which need not be
    /// all.
    pub fn take(&self, most: usize) -> Vec<Heard> {
        let mut waiting = self.waiting();
        for _ in 0..MOST_PACKS {
            if waiting.unpacked.len() >= most {
                break;
            }
            let Some((engine_id, pack)) = waiting.pop() else { break };
            let sampled = pack.iter().filter(|record| record.span_id.is_some());
            waiting.unpacked.extend(sampled.map(|record| Heard { engine_id: engine_id.clone(), record }));
        }
        let most = most.min(waiting.unpacked.len());
        waiting.unpacked.drain(..most).collect()
    }

    /// Records, with or without spans.
    pub fn left(&self) -> u64 {
        let waiting = self.waiting();
        waiting.records + waiting.unpacked.len() as u64
    }

    /// Resolves when at least so many wait; for one listener.
    pub async fn until_there_are(&self, records: u64) {
        while self.left() < records {
            self.filled.notified().await;
        }
    }

    /// Records that were given up for newer ones since the start.
    pub fn lost(&self) -> u64 {
        self.waiting().lost
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<(EngineId, Packed)> {
        let popped = self.packs.pop_front();
        if let Some((_, pack)) = &popped {
            self.bytes -= pack.size();
            self.records -= pack.count();
        }
        popped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::otlp::span::tests::packing;
    use link::records::{Packer, Packing, Records};

    fn recorded(span_ids: &[Option<u64>], path: &str) -> Recorded {
        let mut packer = Packer::default();
        span_ids.iter().for_each(|span_id| packer.push(&Packing { span_id: *span_id, path, ..packing() }));
        let mut records = Records::default();
        records.push(packer.take(0));
        Recorded { engine_id: EngineId::from_random([1; domain::id::RANDOM_LEN]), records }
    }

    fn taken(queue: &Queue, most: usize) -> Vec<Option<u64>> {
        queue.take(most).iter().map(|heard| heard.record.span_id).collect()
    }

    #[test]
    fn batches_cut_across_packs_and_leave_out_what_is_no_span() {
        let queue = Queue::default();
        queue.push(&recorded(&[Some(1), None, Some(2), Some(3)], "/"));
        queue.push(&recorded(&[None, Some(4), Some(5)], "/"));
        assert_eq!(taken(&queue, 2), [Some(1), Some(2)]);
        assert_eq!(taken(&queue, 2), [Some(3), Some(4)]);
        assert_eq!(queue.left(), 1);
        assert_eq!(taken(&queue, 2), [Some(5)]);
        queue.push(&recorded(&[None; 3], "/"));
        assert_eq!((taken(&queue, 2).len(), queue.left()), (0, 0));
    }

    #[test]
    fn the_oldest_go_and_are_counted() {
        let queue = Queue::default();
        let path = "x".repeat(1000);
        let pushed = 4_000;
        for number in 0..pushed {
            queue.push(&recorded(&[Some(number + 1); 10], &path));
            assert!(queue.waiting().bytes <= MOST_BYTES);
        }
        let (left, lost) = (queue.left(), queue.lost());
        assert_eq!(left + lost, pushed * 10);
        assert!(left >= 10_000 && lost >= 10_000, "{left} {lost}");
        assert_eq!(taken(&queue, 1), [Some(lost / 10 + 1)], "the oldest that is left");
    }
}
