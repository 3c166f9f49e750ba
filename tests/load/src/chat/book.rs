//! What became of every message of a run: when it was to be sent, acknowledged, delivered. Knows no socket.

use miantan_domain::ids::ChangeId;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Microseconds since the beginning and one more; 0: it has not happened.
type Moment = AtomicU32;

/// Messages are numbered; all sockets write into one book, none waits for another.
pub(crate) struct Book {
    began: Instant,
    began_ms: u64,
    /// Tells the messages of this run from those of others.
    mark: [u8; 2],
    drawn: AtomicUsize,
    messages: Vec<Message>,
    /// Frames that nobody caused, twice or in the wrong order; and refusals.
    pub wrong: AtomicUsize,
    pub refused: AtomicUsize,
    /// Sockets that ended.
    pub lost: AtomicUsize,
}

#[derive(Default)]
struct Message {
    sent: Moment,
    acknowledged: Moment,
    delivered: Moment,
}

/// What a run is, when it is over.
pub(crate) struct Times {
    pub sent: usize,
    pub acknowledged: Vec<Duration>,
    pub delivered: Vec<Duration>,
    /// From the beginning to the last delivery.
    pub took: Duration,
}

impl Book {
    /// For so many messages at most. `began_ms` is the wall clock's, in Unix ms.
    pub fn new(most: usize, began_ms: u64, mark: [u8; 2]) -> Self {
        Self {
            began: Instant::now(),
            began_ms,
            mark,
            drawn: AtomicUsize::new(0),
            messages: (0..most).map(|_| Message::default()).collect(),
            wrong: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
        }
    }

    pub const fn began(&self) -> Instant {
        self.began
    }

    fn moment(&self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.began).as_micros();
        u32::try_from(since).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The next number; none when the book is full.
    pub fn draw(&self) -> Option<usize> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        (number < self.messages.len()).then_some(number)
    }

    /// The id of a message: of the time since the beginning like any other, its number in the last bytes.
    pub fn id(&self, number: usize, at: Instant) -> ChangeId {
        let ms = self.began_ms + at.saturating_duration_since(self.began).as_millis() as u64;
        let mut random = [0; 10];
        // the other two have the id's version and variant in them
        (random[1], random[3]) = (self.mark[0], self.mark[1]);
        random[4..].copy_from_slice(&(number as u64).to_be_bytes()[2..]);
        ChangeId::from_parts(ms, &random)
    }

    /// The number of one of our messages.
    pub fn number(&self, id: ChangeId) -> Option<usize> {
        let bytes = id.0.as_bytes();
        let mut number = [0; 8];
        number[2..].copy_from_slice(&bytes[10..]);
        let number = usize::try_from(u64::from_be_bytes(number)).ok()?;
        ([bytes[7], bytes[9]] == self.mark && number < self.messages.len()).then_some(number)
    }

    /// It was to be sent now.
    pub fn sent(&self, number: usize, at: Instant) {
        self.messages[number].sent.store(self.moment(at), Ordering::Relaxed);
    }

    pub fn acknowledged(&self, id: ChangeId, at: Instant) {
        self.happened(id, at, |message| &message.acknowledged);
    }

    pub fn delivered(&self, id: ChangeId, at: Instant) {
        self.happened(id, at, |message| &message.delivered);
    }

    fn happened(&self, id: ChangeId, at: Instant, what: fn(&Message) -> &Moment) {
        let message = self.number(id).map(|number| &self.messages[number]);
        let news = message.is_some_and(|message| {
            message.sent.load(Ordering::Relaxed) > 0
                && what(message).swap(self.moment(at), Ordering::Relaxed) == 0
        });
        if !news {
            self.wrong.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether everything that was sent is acknowledged and delivered.
    pub fn is_settled(&self) -> bool {
        self.messages.iter().all(|message| {
            message.sent.load(Ordering::Relaxed) == 0
                || (message.acknowledged.load(Ordering::Relaxed) > 0
                    && message.delivered.load(Ordering::Relaxed) > 0)
        })
    }

    /// From the beginning to the last acknowledgement of these messages; none when one of them is missing.
    pub fn all_acknowledged(&self, numbers: Range<usize>) -> Option<Duration> {
        let moments = self.messages[numbers].iter().map(|m| m.acknowledged.load(Ordering::Relaxed));
        let last = moments.map(|moment| moment.checked_sub(1)).try_fold(0, |last, at| Some(last.max(at?)))?;
        Some(Duration::from_micros(u64::from(last)))
    }

    pub fn times(&self) -> Times {
        let mut times =
            Times { sent: 0, acknowledged: Vec::new(), delivered: Vec::new(), took: Duration::ZERO };
        for message in &self.messages {
            let sent = message.sent.load(Ordering::Relaxed);
            if sent == 0 {
                continue;
            }
            times.sent += 1;
            let since = |moment: u32| Duration::from_micros(u64::from(moment.saturating_sub(sent)));
            let acknowledged = message.acknowledged.load(Ordering::Relaxed);
            if acknowledged > 0 {
                times.acknowledged.push(since(acknowledged));
            }
            let delivered = message.delivered.load(Ordering::Relaxed);
            if delivered > 0 {
                times.delivered.push(since(delivered));
                times.took = times.took.max(Duration::from_micros(u64::from(delivered - 1)));
            }
        }
        times
    }

    /// Everything that went wrong, with what is missing.
    pub fn errors(&self, times: &Times) -> usize {
        let missing = 2 * times.sent - times.acknowledged.len() - times.delivered.len();
        [&self.wrong, &self.refused, &self.lost].iter().map(|n| n.load(Ordering::Relaxed)).sum::<usize>()
            + missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_message_and_only_in_its_own_run() {
        let book = Book::new(100_000, 1_795_000_000_000, [7, 9]);
        let at = book.began() + Duration::from_secs(3);
        for number in [0, 1, 255, 65_536, 99_999] {
            assert_eq!(book.number(book.id(number, at)), Some(number));
        }
        let other = Book::new(100_000, 1_795_000_000_000, [7, 8]);
        assert_eq!(book.number(other.id(5, at)), None);
        assert_eq!(book.number(Book::new(200_000, 0, [7, 9]).id(150_000, at)), None);
        assert!(book.id(1, at) > book.id(2, book.began()), "ids grow with the time");
    }

    #[test]
    fn what_is_missing_or_comes_twice_is_an_error() {
        let book = Book::new(3, 0, [1, 2]);
        let after = |ms| book.began() + Duration::from_millis(ms);
        let id = |number| book.id(number, book.began());
        assert_eq!([book.draw(), book.draw()], [Some(0), Some(1)]);
        book.sent(0, after(10));
        book.sent(1, after(20));
        book.acknowledged(id(0), after(14));
        book.delivered(id(0), after(15));
        book.delivered(id(1), after(29));
        assert!(!book.is_settled());
        assert_eq!(book.all_acknowledged(0..1), Some(Duration::from_millis(14)));
        assert_eq!(book.all_acknowledged(0..2), None);
        let times = book.times();
        assert_eq!((times.sent, times.took), (2, Duration::from_millis(29)));
        assert_eq!(times.acknowledged, [Duration::from_millis(4)]);
        assert_eq!(times.delivered, [Duration::from_millis(5), Duration::from_millis(9)]);
        assert_eq!(book.errors(&times), 1);
        book.acknowledged(id(1), after(30));
        assert!(book.is_settled());
        assert_eq!(book.errors(&book.times()), 0);
        // again; never sent; another run's
        book.delivered(id(1), after(31));
        book.delivered(id(2), after(31));
        book.acknowledged(Book::new(3, 0, [9, 9]).id(0, after(0)), after(31));
        assert_eq!(book.errors(&book.times()), 3);
        assert_eq!([book.draw(), book.draw()], [Some(2), None]);
    }
}
