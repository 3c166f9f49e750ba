//! A candidate's own account: applications, interviews, résumé, files, privacy; in a room or not.
//!
//! | file | part |
//! | --- | --- |
//! | `lists` | 我的投递, 我的面试, résumé files: kept on the device, asked for again when something changed |
//! | `apply` | applying, through the outbox (F4) |
//! | `resume` | the online résumé in the editor |
//! | `photo` | photo and résumé files on their way |
//! | `privacy` | profile, policy, consents, export, deletion |
//! | `room` | into the room of an accepted invitation and out of it |

mod apply;
mod lists;
mod photo;
mod privacy;
mod resume;
mod room;

use super::app::App;
use super::event::Event;
use crate::intent::AccountIntent;
use crate::rest::Server;
use crate::store::{FairWrite, Kind, Owner, Write};
use crate::view::{Loadable, MineView, NoticeWhat, OfficeForm, PrivacyView};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::RefusalClass;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use photo::Uploads;
use resume::ResumeEdit;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Heads come in bunches: lists are asked for again once, so long after the first, in ms.
const RELOAD_AFTER_MS: u64 = 300;

/// What belongs to a candidate with an account.
pub struct Mine {
    owner: Arc<Owner>,
    pub name: String,
    pub phone: String,
    pub view: MineView,
    /// Applications that the server has taken; its list may not have them yet.
    accepted: BTreeSet<PositionId>,
    /// Fairs that are followed or not once the outbox is empty.
    pub follows: BTreeMap<FairId, bool>,
    resume: ResumeEdit,
    uploads: Uploads,
    reload_at: Option<Timestamp>,
    /// Number of the form that is under way.
    sending: Option<u64>,
    /// Forms that were done: an answer about this person asked for before the last one is an old one.
    done: u64,
    /// The server has said who this session belongs to, and nothing was asked since that changes it.
    known: bool,
}

/// News of a candidate's account.
pub enum MineNews {
    /// `done`: how many forms were done when it was asked for.
    Me {
        done: u64,
        result: Result<Me, Problem>,
    },
    Applications(Result<Vec<MyApplication>, Problem>),
    Interviews(Result<Vec<InvitationCard>, Problem>),
    Attachments(Result<Vec<AttachmentResume>, Problem>),
    Resume(Result<ResumeDoc, Problem>),
    ResumeSaved(Result<ResumeDoc, Problem>),
    /// What the server has instead of what was to be saved.
    ResumeTheirs(Result<ResumeDoc, Problem>),
    /// A photo is in the app's folder, ready to be sent.
    Prepared {
        object: ObjectId,
        file_use: FileUse,
        name: String,
        result: Result<(), Problem>,
    },
    Sent {
        object: ObjectId,
        bytes: u64,
        of: u64,
    },
    Uploaded {
        object: ObjectId,
        result: Result<Option<Vec<AttachmentResume>>, Problem>,
    },
    Photo {
        object: ObjectId,
        result: Result<Arc<Path>, Problem>,
    },
    Privacy(Result<PrivacyView, Problem>),
    /// A code of this candidate's own invitation was opened.
    ByCode {
        code_session: SignedIn,
        result: Result<Me, Problem>,
    },
    /// The n-th form was answered.
    Form {
        form: u64,
        result: Result<Formed, Problem>,
    },
}

/// What came of a form.
pub enum Formed {
    Profile(Me),
    Room(Me),
    Attachments(Vec<AttachmentResume>),
    Consents(Vec<Consent>),
    Deletion(Deletion),
    Saved { name: String, path: Arc<Path> },
}

impl Mine {
    fn write(&self, what: FairWrite) -> Write {
        Write::Fair { owner: Arc::clone(&self.owner), what }
    }
}

impl App {
    pub fn mine(&mut self) -> Option<&mut Mine> {
        self.account.as_mut().and_then(|account| account.mine.as_deref_mut())
    }

    /// What the store has of a candidate's account.
    pub async fn restore_mine(&mut self, owner: Owner, name: String, phone: String) -> Box<Mine> {
        self.store_all().await;
        let store = &self.parts.store;
        let mut view = MineView::default();
        let (mut accepted, mut resume, mut uploads) = (BTreeSet::new(), None, Vec::new());
        let read = async {
            view.applications = store.seen(&owner, Kind::Applications, String::new()).await?.map(ready);
            view.interviews = store.seen(&owner, Kind::Interviews, String::new()).await?.map(ready);
            view.attachments = store.seen(&owner, Kind::Attachments, String::new()).await?.map(ready);
            let ids = store.seen_ids(&owner, Kind::Applied).await?;
            accepted = ids.iter().filter_map(|id| id.parse().ok()).collect();
            resume = store.resume(&owner).await?;
            uploads = store.uploads(&owner).await?;
            Ok::<_, crate::store::StoreError>(())
        };
        if let Err(error) = read.await {
            tracing::error!(%error, "the stored account cannot be read");
            self.notices.tell(NoticeWhat::StorageFailed);
        }
        let mut mine = Box::new(Mine {
            owner: Arc::new(owner),
            name,
            phone,
            view,
            accepted,
            follows: BTreeMap::new(),
            resume: ResumeEdit::restored(resume),
            uploads: Uploads::restored(uploads),
            reload_at: None,
            sending: None,
            done: 0,
            known: false,
        });
        mine.show_resume();
        mine
    }

    pub fn account_intent(&mut self, intent: AccountIntent) {
        match intent {
            AccountIntent::LoadPolicy => self.load_policy(),
            AccountIntent::AskCode { phone } => self.ask_code(&phone),
            AccountIntent::SignIn { phone, code } => self.candidate_sign_in(&phone, &code),
            AccountIntent::Link { phone, code } => self.link_account(&phone, &code),
            AccountIntent::SaveProfile(profile) => self.save_profile(profile),
            AccountIntent::LoadApplications => self.load_applications(),
            AccountIntent::LoadInterviews => self.load_interviews(),
            AccountIntent::LoadResume => self.load_resume(),
            AccountIntent::EditResume(doc) => self.edit_resume(*doc),
            AccountIntent::ResumeKeepMine => self.keep_my_resume(),
            AccountIntent::ResumeTakeTheirs => self.take_their_resume(),
            AccountIntent::SetPhoto { bytes, .. } => self.set_photo(&bytes),
            AccountIntent::LoadAttachments => self.load_attachments(),
            AccountIntent::AddAttachment { name, bytes } => self.add_attachment(&name, &bytes),
            AccountIntent::RemoveAttachment(object) => self.remove_attachment(object),
            AccountIntent::Enter(invitation) => self.enter_room(invitation),
            AccountIntent::LeaveRoom => self.leave_room(),
            AccountIntent::LoadPrivacy => self.load_privacy(),
            AccountIntent::SetConsent { purpose, version, given } => {
                self.set_consent(ConsentChange { purpose, version, given });
            }
            AccountIntent::Export => self.export(),
            AccountIntent::Deletion(on) => self.set_deletion(on),
            AccountIntent::FormSeen => {
                if let Some(mine) = self.mine().filter(|mine| mine.sending.is_none()) {
                    mine.view.form = OfficeForm::Idle;
                }
            }
        }
    }

    /// Asks the server as this candidate.
    fn mine_later<F>(&self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = MineNews> + Send + 'static,
    {
        let Some(account) = self.account.as_ref().filter(|account| account.mine.is_some()) else { return };
        let Some(server) = self.rest() else { return };
        let (account, asked) = (account.number, ask(server));
        self.later(async move { Event::Mine { account, news: Box::new(asked.await) } });
    }

    /// As [`Self::mine_later`], for what the person waits for; one form at a time.
    fn mine_form<F>(&mut self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = Result<Formed, Problem>> + Send + 'static,
    {
        let form = self.number();
        let Some(mine) = self.mine() else { return };
        mine.sending = Some(form);
        mine.view.form = OfficeForm::Sending;
        self.mine_later(|server| {
            let asked = ask(server);
            async move { MineNews::Form { form, result: asked.await } }
        });
    }

    fn form_of_mine_failed(&mut self, problem: Problem) {
        if let Some(mine) = self.mine() {
            mine.sending = None;
            mine.view.form = OfficeForm::Failed(problem);
        }
    }

    /// A connection was greeted: what may have changed meanwhile, and what waited for it.
    pub fn mine_live(&mut self) {
        let Some(mine) = self.mine() else { return };
        if !mine.known {
            self.ask_who();
        }
        self.load_applications();
        self.load_interviews();
        let Some(mine) = self.mine() else { return };
        if mine.view.attachments.is_some() {
            self.load_attachments();
        }
        self.resume_live();
        self.mine_uploads_again();
    }

    fn ask_who(&self) {
        let Some(done) = self.account.as_ref().and_then(|a| a.mine.as_ref()).map(|mine| mine.done) else {
            return;
        };
        self.mine_later(|server| async move { MineNews::Me { done, result: server.me().await } });
    }

    /// A conversation changed: applications and interviews may have as well.
    pub fn mine_head(&mut self) {
        let at = self.clock.now().after(RELOAD_AFTER_MS);
        if let Some(mine) = self.mine() {
            mine.reload_at.get_or_insert(at);
        }
    }

    pub fn mine_timeout(&self) -> Option<Timestamp> {
        let mine = self.account.as_ref()?.mine.as_ref()?;
        [mine.reload_at, mine.resume.due(), mine.uploads.again_at()].into_iter().flatten().min()
    }

    pub fn mine_time(&mut self) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        if mine.reload_at.take_if(|at| *at <= now).is_some() {
            self.load_applications();
            self.load_interviews();
        }
        self.resume_time();
        self.mine_uploads_when_due();
    }

    pub async fn mine_news(&mut self, account: u64, news: MineNews) {
        let current = self.account.as_ref().filter(|current| current.number == account);
        if current.is_none_or(|current| current.mine.is_none()) {
            return;
        }
        match news {
            MineNews::Me { done, result: Ok(me) } => {
                // With a form under way or done meanwhile, this may be the answer of before it.
                if self.mine().is_some_and(|mine| mine.sending.is_none() && mine.done == done) {
                    self.is_now(me).await;
                }
            }
            MineNews::Me { result: Err(problem), .. } => {
                tracing::info!(code = %problem.code, "who this is was not told");
            }
            MineNews::Applications(result) => self.applications_came(result),
            MineNews::Interviews(result) => self.interviews_came(result),
            MineNews::Attachments(result) => self.attachments_came(result),
            MineNews::Resume(result) => self.resume_came(result),
            MineNews::ResumeSaved(result) => self.resume_saved(result),
            MineNews::ResumeTheirs(result) => self.resume_theirs(result),
            MineNews::Prepared { object, file_use, name, result } => {
                self.mine_prepared(object, file_use, name, result);
            }
            MineNews::Sent { object, bytes, of } => self.mine_sent(object, bytes, of),
            MineNews::Uploaded { object, result } => self.mine_uploaded(object, result),
            MineNews::Photo { object, result } => self.photo_came(object, result),
            MineNews::Privacy(result) => {
                let Some(mine) = self.mine() else { return };
                load(&mut mine.view.privacy, result);
            }
            MineNews::ByCode { code_session, result } => self.entered_by_code(code_session, result).await,
            MineNews::Form { form, result } => {
                let current = self.mine().is_some_and(|mine| mine.sending.take_if(|n| *n == form).is_some());
                match result {
                    // Done on the server, also when the person has gone on to another form.
                    Ok(formed) => self.formed(formed, current).await,
                    Err(problem) if current => {
                        let heard = RefusalClass::of(problem.code) == RefusalClass::ForGood;
                        self.form_of_mine_failed(problem);
                        if !heard && self.mine().is_some_and(|mine| !mine.known) {
                            // It may have been done all the same: another room, another name.
                            self.ask_who();
                        }
                    }
                    Err(problem) => self.notices.tell(NoticeWhat::Refused(problem)),
                }
            }
        }
    }

    async fn formed(&mut self, formed: Formed, current: bool) {
        if let Some(mine) = self.mine() {
            mine.done += 1;
            if current {
                mine.view.form = OfficeForm::Done;
            }
        }
        match formed {
            Formed::Profile(me) => {
                self.is_now(me).await;
                // The profile's name is the résumé's.
                self.reload_resume();
            }
            Formed::Room(me) => self.is_now(me).await,
            Formed::Attachments(list) => self.attachments_came(Ok(list)),
            Formed::Consents(consents) => self.with_privacy(|privacy| privacy.consents = consents),
            Formed::Deletion(deletion) => self.with_privacy(|privacy| privacy.deletion = deletion),
            Formed::Saved { name, path } => self.notices.tell(NoticeWhat::Saved { name, path }),
        }
    }
}

fn ready<T>(value: T) -> Loadable<Arc<T>> {
    Loadable::Ready(Arc::new(value))
}

/// What is shown stays where it cannot be loaded again.
fn load<T>(slot: &mut Option<Loadable<Arc<T>>>, result: Result<T, Problem>) {
    match result {
        Ok(value) => *slot = Some(ready(value)),
        Err(_) if matches!(slot, Some(Loadable::Ready(_))) => {}
        Err(problem) => *slot = Some(Loadable::Failed(problem)),
    }
}

/// Something is being asked for.
fn loading<T>(slot: &mut Option<Loadable<T>>) {
    if !matches!(slot, Some(Loadable::Ready(_))) {
        *slot = Some(Loadable::Loading);
    }
}
