//! The online résumé in the editor. Every key is on the device at once; the server gets it a second
//! after the last one, with the version it was made from. Changed on another device meanwhile, both
//! are there until the person has chosen; nothing that was typed is ever lost to an answer.

use super::super::app::App;
use super::{Mine, MineNews};
use crate::session::uploads;
use crate::store::FairWrite;
use crate::view::SaveState;
use miantan_domain::ids::ObjectId;
use miantan_domain::model::ResumeDoc;
use miantan_domain::rules::outbox::RefusalClass;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::{Problem, ProblemCode};
use serde_json::Value;
use std::sync::Arc;

/// After the last key, in ms.
const SAVE_AFTER_MS: u64 = 1_000;

/// See the module's page.
#[derive(Default)]
pub struct ResumeEdit {
    /// As shown; its version is the server's that it was made from.
    doc: Option<Arc<ResumeDoc>>,
    /// The server does not have it yet.
    changed: bool,
    /// On its way as this.
    saving: Option<Arc<ResumeDoc>>,
    save_at: Option<Timestamp>,
    failures: u32,
    loading: bool,
    theirs: Option<Box<ResumeDoc>>,
    /// Why the last one was not taken.
    problem: Option<Problem>,
}

/// The same words, whatever the version and the blanks around them, which the server tidies.
fn same(a: &ResumeDoc, b: &ResumeDoc) -> bool {
    fn tidy(value: &mut Value) {
        match value {
            Value::String(text) => *text = text.split_whitespace().collect::<Vec<_>>().join(" "),
            Value::Array(list) => list.iter_mut().for_each(tidy),
            Value::Object(fields) => fields.values_mut().for_each(tidy),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let words = |doc: &ResumeDoc| {
        let mut value = serde_json::to_value(ResumeDoc { version: 0, ..doc.clone() }).unwrap_or_default();
        tidy(&mut value);
        value
    };
    words(a) == words(b)
}

impl ResumeEdit {
    pub fn restored(kept: Option<(ResumeDoc, bool)>) -> Self {
        let (doc, changed) = kept.unzip();
        Self { doc: doc.map(Arc::new), changed: changed.unwrap_or_default(), ..Self::default() }
    }

    pub fn due(&self) -> Option<Timestamp> {
        self.save_at
    }

    fn state(&self) -> SaveState {
        if let Some(theirs) = &self.theirs {
            return SaveState::Conflict { theirs: theirs.clone() };
        }
        match (&self.saving, &self.problem) {
            (Some(_), _) => SaveState::Saving,
            (None, Some(problem)) => SaveState::Failed(problem.clone()),
            (None, None) if self.changed => SaveState::OnDevice,
            (None, None) => SaveState::Saved,
        }
    }
}

impl Mine {
    /// Puts on screen what is in the editor.
    pub fn show_resume(&mut self) {
        let edit = &self.resume;
        self.view.resume.doc.clone_from(&edit.doc);
        self.view.resume.saved = edit.state();
        let photo = edit.doc.as_ref().and_then(|doc| doc.resume.photo);
        self.view.resume.photo = photo.and_then(|photo| self.uploads.photo(photo));
    }

    pub fn photo_id(&self) -> Option<ObjectId> {
        self.resume.doc.as_ref().and_then(|doc| doc.resume.photo)
    }

    fn keep_resume(&self) -> Option<crate::store::Write> {
        let doc = Arc::clone(self.resume.doc.as_ref()?);
        Some(self.write(FairWrite::Resume { doc, changed: self.resume.changed }))
    }
}

impl App {
    fn resume_changed(&mut self) {
        let Some(mine) = self.mine() else { return };
        mine.show_resume();
        if let Some(write) = mine.keep_resume() {
            self.write(write);
        }
        self.fetch_photo();
    }

    pub fn load_resume(&mut self) {
        let Some(mine) = self.mine() else { return };
        mine.resume.loading = true;
        self.mine_later(|server| async move { MineNews::Resume(server.my_resume().await) });
        self.fetch_photo();
    }

    /// Where it was loaded before.
    pub fn reload_resume(&mut self) {
        if self.mine().is_some_and(|mine| mine.resume.doc.is_some()) {
            self.load_resume();
        }
    }

    pub fn resume_came(&mut self, result: Result<ResumeDoc, Problem>) {
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        edit.loading = false;
        match result {
            Ok(doc) => {
                let older = edit.doc.as_ref().is_some_and(|own| own.version > doc.version);
                if edit.saving.is_some() || edit.theirs.is_some() || older {
                    return;
                }
                match &edit.doc {
                    // Typed before it came, or offline: the save will tell whether both changed.
                    Some(own) if edit.changed && !(own.version == 0 && doc.version > 0) => {}
                    // Typed here before the first was ever loaded.
                    Some(own) if edit.changed && !same(own, &doc) => edit.theirs = Some(Box::new(doc)),
                    Some(_) | None => {
                        edit.doc = Some(Arc::new(doc));
                        edit.changed = false;
                        edit.problem = None;
                    }
                }
                self.resume_changed();
            }
            Err(problem) => {
                if edit.doc.is_none() {
                    edit.problem = Some(problem);
                }
                mine.show_resume();
            }
        }
    }

    /// As typed.
    pub fn edit_resume(&mut self, doc: ResumeDoc) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        let version = edit.doc.as_ref().map_or(doc.version, |own| own.version);
        let doc = ResumeDoc { version, ..doc };
        if edit.doc.as_ref().is_some_and(|own| **own == doc) {
            return;
        }
        edit.doc = Some(Arc::new(doc));
        edit.changed = true;
        edit.problem = None;
        edit.save_at = Some(now.after(SAVE_AFTER_MS));
        self.resume_changed();
    }

    /// A photo is on the server: it belongs into the résumé.
    pub fn resume_with_photo(&mut self, photo: Option<ObjectId>) {
        let Some(mine) = self.mine() else { return };
        let mut doc = mine.resume.doc.as_ref().map(|doc| ResumeDoc::clone(doc)).unwrap_or_default();
        doc.resume.photo = photo;
        self.edit_resume(doc);
    }

    pub fn resume_live(&mut self) {
        let Some(mine) = self.mine() else { return };
        if mine.resume.changed {
            mine.resume.failures = 0;
            self.save_resume();
        } else if mine.resume.doc.is_some() || mine.resume.loading {
            self.load_resume();
        }
        self.fetch_photo();
    }

    pub fn resume_time(&mut self) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        if mine.resume.save_at.take_if(|at| *at <= now).is_some() {
            self.save_resume();
        }
    }

    fn save_resume(&mut self) {
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        if edit.saving.is_some() || edit.theirs.is_some() || !edit.changed {
            return;
        }
        let Some(doc) = edit.doc.clone() else { return };
        edit.save_at = None;
        edit.saving = Some(Arc::clone(&doc));
        mine.show_resume();
        self.mine_later(|server| async move { MineNews::ResumeSaved(server.save_resume(&doc).await) });
    }

    pub fn resume_saved(&mut self, result: Result<ResumeDoc, Problem>) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        let Some(sent) = edit.saving.take() else { return };
        let Some(doc) = edit.doc.clone() else { return };
        match result {
            Ok(saved) => {
                edit.failures = 0;
                edit.problem = None;
                // Tidied words would jump under the fingers of someone who types on: only its version.
                edit.doc = Some(Arc::new(ResumeDoc { version: saved.version, ..ResumeDoc::clone(&doc) }));
                if doc == sent {
                    edit.changed = false;
                    edit.save_at = None;
                } else {
                    // Typed meanwhile: that is still to be saved, on top of what was.
                    edit.save_at.get_or_insert(now.after(SAVE_AFTER_MS));
                }
                self.resume_changed();
            }
            Err(problem) if problem.code == ProblemCode::ResumeChanged => {
                mine.show_resume();
                self.mine_later(|server| async move { MineNews::ResumeTheirs(server.my_resume().await) });
            }
            Err(problem) if RefusalClass::of(problem.code) == RefusalClass::ForGood => {
                edit.problem = Some(problem);
                mine.show_resume();
            }
            Err(problem) => {
                tracing::info!(code = %problem.code, "the résumé waits on the device");
                let pause = uploads::pause(&problem, edit.failures);
                edit.failures += 1;
                edit.save_at = Some(now.after(pause));
                mine.show_resume();
            }
        }
    }

    pub fn resume_theirs(&mut self, result: Result<ResumeDoc, Problem>) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        let Some(doc) = edit.doc.clone() else { return };
        match result {
            // One's own, in an answer that was lost.
            Ok(theirs) if same(&theirs, &doc) => {
                edit.doc = Some(Arc::new(theirs));
                edit.changed = false;
                edit.save_at = None;
            }
            Ok(theirs) => edit.theirs = Some(Box::new(theirs)),
            Err(problem) => {
                // Saving again asks again.
                let pause = uploads::pause(&problem, edit.failures);
                edit.failures += 1;
                edit.save_at = Some(now.after(pause));
            }
        }
        self.resume_changed();
    }

    pub fn keep_my_resume(&mut self) {
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        let (Some(theirs), Some(doc)) = (edit.theirs.take(), edit.doc.clone()) else { return };
        edit.doc = Some(Arc::new(ResumeDoc { version: theirs.version, ..ResumeDoc::clone(&doc) }));
        edit.changed = true;
        self.resume_changed();
        self.save_resume();
    }

    pub fn take_their_resume(&mut self) {
        let Some(mine) = self.mine() else { return };
        let edit = &mut mine.resume;
        let Some(theirs) = edit.theirs.take() else { return };
        edit.doc = Some(Arc::new(*theirs));
        edit.changed = false;
        edit.save_at = None;
        self.resume_changed();
    }
}
