//! Answers that HTTP/2 clients do not take. The library asks for no more of an answer than its stream's window lets out,
//! and would wait for ever: with the request's place in every limit.

use super::Control;
use crate::limit::Shaped;
use crate::upstream::AnswerBody;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Those of a connection.
#[derive(Default)]
pub struct Offers(RefCell<Slab<Rc<Offer>>>);

struct Offer {
    /// `None`: it waited too long.
    body: RefCell<Option<Shaped>>,
    /// Since when there is something that nobody asks for; `None`: it waits for more to come.
    since: Cell<Option<Instant>>,
    /// Of the stream's own task.
    waker: RefCell<Option<Waker>>,
}

impl Offers {
    /// Each is to look at what was told to its connection.
    pub fn wake(&self) {
        for (_, offer) in &*self.0.borrow() {
            if let Some(waker) = &*offer.waker.borrow() {
                waker.wake_by_ref();
            }
        }
    }

    /// Ends what waited longer: its record is written, and its places are others'.
    pub fn end(&self, now: Instant, patience: Duration) {
        let is_late =
            |offer: &Offer| offer.since.get().is_some_and(|since| now.saturating_duration_since(since) > patience);
        let late: Vec<Rc<Offer>> =
            self.0.borrow().iter().filter(|(_, offer)| is_late(offer)).map(|(_, offer)| offer.clone()).collect();
        for offer in late {
            offer.since.set(None);
            offer.body.take();
        }
    }
}

/// An answer's body as the library gets it.
pub struct Offered {
    offer: Rc<Offer>,
    number: usize,
    control: Rc<Control>,
}

#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error(transparent)]
    Broken(#[from] <AnswerBody as Body>::Error),
    #[error("the client took nothing of it for too long")]
    NotTaken,
}

impl Offered {
    pub fn new(body: Shaped, control: &Rc<Control>) -> Self {
        let since = Cell::new(Some(control.now()));
        let offer = Rc::new(Offer { body: RefCell::new(Some(body)), since, waker: RefCell::default() });
        let number = control.offers.0.borrow_mut().insert(offer.clone());
        Self { offer, number, control: control.clone() }
    }
}

impl Drop for Offered {
    fn drop(&mut self) {
        self.control.offers.0.borrow_mut().try_remove(self.number);
    }
}

impl Body for Offered {
    type Data = Bytes;
    type Error = NotSent;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut body = self.offer.body.borrow_mut();
        let Some(body) = body.as_mut() else { return Poll::Ready(Some(Err(NotSent::NotTaken))) };
        let polled = Pin::new(body).poll_frame(cx);
        if polled.is_pending() {
            let mut waker = self.offer.waker.borrow_mut();
            match &mut *waker {
                Some(waker) => waker.clone_from(cx.waker()),
                None => *waker = Some(cx.waker().clone()),
            }
        }
        let has_more = matches!(polled, Poll::Ready(Some(Ok(_))));
        self.offer.since.set(has_more.then(|| self.control.now()));
        polled.map_err(NotSent::from)
    }

    fn is_end_stream(&self) -> bool {
        self.offer.body.borrow().as_ref().is_some_and(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.offer.body.borrow().as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::{Clock, Drain};
    use std::future::poll_fn;

    fn control() -> (Rc<Clock>, Rc<Control>) {
        let clock = Rc::new(Clock::default());
        (clock.clone(), Rc::new(Control::new(1, clock, Drain::default())))
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_ends() {
        let (clock, control) = control();
        let mut offered = Offered::new(Shaped::new(AnswerBody::none(), None), &control);
        clock.put_forward(Duration::from_secs(599));
        control.check_time();
        assert!(offered.offer.body.borrow().is_some());
        clock.put_forward(Duration::from_secs(2));
        control.check_time();
        assert!(offered.offer.body.borrow().is_none());
        let next = poll_fn(|cx| Pin::new(&mut offered).poll_frame(cx)).await;
        assert!(matches!(next, Some(Err(NotSent::NotTaken))));
        drop(offered);
        assert!(control.offers.0.borrow().is_empty());
    }

    #[tokio::test]
    async fn one_that_is_taken_may_last() {
        let (clock, control) = control();
        let mut offered = Offered::new(Shaped::new(AnswerBody::none(), None), &control);
        // Its end was asked for: what comes behind it is not the client's to take.
        assert!(poll_fn(|cx| Pin::new(&mut offered).poll_frame(cx)).await.is_none());
        clock.put_forward(Duration::from_secs(1200));
        control.check_time();
        assert!(offered.offer.body.borrow().is_some());
    }
}
