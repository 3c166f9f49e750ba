//! Conversations of the sample fair, where somebody asks for them: without applications, as an organiser's list of
//! candidates opens them, and with so many messages said in them. Everything goes the way that real ones go.

use super::SeedError;
use super::people::CANDIDATES;
use crate::secrets;
use crate::store::*;
use futures_util::{StreamExt, TryStreamExt, stream};
use miantan_domain::ids::*;
use miantan_domain::model::{MemberRole, Saying};
use miantan_domain::rules::talk::Author;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::TalkCommand;
use serde::Serialize;

/// Changes handed over at the same moment: as many as the store puts into one commit.
const AT_ONCE: usize = 512;

/// What is said, in turn.
const SAYINGS: [&str; 6] = [
    "您好，我对这个岗位很感兴趣，想了解一下团队目前的技术栈。",
    "你好，看过你的简历了，周四下午三点方便面谈吗？",
    "方便的，请问需要提前准备作品集或者项目材料吗？",
    "带上毕业设计的说明就可以，大约四十分钟，会有两位同事一起。",
    "好的，收到。",
    "面谈前十分钟进入候场区检查摄像头和麦克风就行，到时候见。",
];

/// One conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConversationLine {
    pub id: ConversationId,
    pub employer: EmployerId,
    pub candidate: CandidateId,
}

/// Who may talk with whom.
pub(super) struct Sides {
    fair: Option<FairId>,
    /// Each with its owner.
    employers: Vec<(EmployerId, Talker)>,
    candidates: Vec<CandidateId>,
}

impl Sides {
    /// All employers, and the `main` first of those invited to the main round with all further candidates.
    pub fn of(import: &Import, main: usize) -> Self {
        let employers = import.employers.iter().filter_map(|employer| {
            let owner = employer.members.first()?;
            let talker = Talker {
                person: Person::Member(owner.id),
                party: Party::Employer(employer.id),
                author: Author::Member(MemberRole::Owner),
                name: owner.name.clone(),
            };
            Some((employer.id, talker))
        });
        let invited = import.candidates.iter().take(main);
        let further = import.candidates.iter().skip(CANDIDATES.len());
        Self {
            fair: import.fairs.first().map(|fair| fair.id),
            employers: employers.collect(),
            candidates: invited.chain(further).map(|candidate| candidate.id).collect(),
        }
    }

    /// The two sides of the `n`-th conversation: every candidate has one before anybody has a second, and employers
    /// have equally many. No two are of the same two sides up to [`Self::most`].
    fn pair(&self, n: usize) -> (usize, usize) {
        let (candidate, turn) = (n % self.candidates.len(), n / self.candidates.len());
        (candidate, (candidate + turn) % self.employers.len())
    }

    fn most(&self) -> usize {
        self.employers.len() * self.candidates.len()
    }

    /// Opens so many conversations and says so many things in them, in all.
    pub async fn talk(
        &self,
        stores: &Stores,
        now: WallTime,
        conversations: usize,
        messages: usize,
    ) -> Result<Vec<ConversationLine>, SeedError> {
        let most = self.most();
        if conversations > most || (messages > 0 && conversations == 0) {
            return Err(SeedError::Conversations { most });
        }
        let opened: Vec<ConversationLine> =
            stream::iter((0..conversations).map(|n| self.open(stores, now, n)))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
        // a millisecond for each, so that ids grow as they do in life
        let said = (0..messages).map(|n| {
            let at = now.after(n as i64 - messages as i64);
            Ok(self.say(stores, at, n, opened[n % opened.len()].id, conversations))
        });
        stream::iter(said).try_buffer_unordered(AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
        Ok(opened)
    }

    async fn open(&self, stores: &Stores, now: WallTime, n: usize) -> Result<ConversationLine, SeedError> {
        let (candidate, employer) = self.pair(n);
        let (candidate, employer) = (self.candidates[candidate], self.employers[employer].0);
        let fresh = ConversationId::from_parts(now.0 as u64, &secrets::random());
        let parties = Parties { employer, candidate };
        let open = OpenTalk { fresh, parties, fair: self.fair, at: now };
        let id = stores.talks.open(open).await?;
        // both sides and the fair were put there a moment ago
        let id = id.ok_or_else(|| StoreError::Failed("a conversation's side is not there".into()))?;
        Ok(ConversationLine { id, employer, candidate })
    }

    async fn say(
        &self,
        stores: &Stores,
        at: WallTime,
        n: usize,
        conversation: ConversationId,
        conversations: usize,
    ) -> Result<(), SeedError> {
        let (candidate, employer) = self.pair(n % conversations);
        let turn = n / conversations;
        let by = if turn.is_multiple_of(2) {
            let candidate = self.candidates[candidate];
            Talker {
                person: Person::Candidate(candidate),
                party: Party::Candidate(candidate),
                author: Author::Candidate,
                name: String::new(),
            }
        } else {
            self.employers[employer].1.clone()
        };
        let saying = Saying::Text { text: SAYINGS[turn % SAYINGS.len()].into() };
        let command = TalkCommand::Say { saying };
        let change = TalkChange {
            by,
            id: ChangeId::from_parts(at.0 as u64, &secrets::random()),
            at,
            wish: TalkWish::Command { conversation, command, plan: None },
            guard: Guard::default(),
        };
        let answer = stores.talks.change(change).await?.await.map_err(|_| StoreError::Closed)??;
        answer.map(|_| ()).map_err(|problem| StoreError::Failed(problem.code.as_str().into()).into())
    }
}
