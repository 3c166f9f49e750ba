//! From the live picture to the verdict: framing, the straight pictures of the beginning, the challenge, the report.

use super::*;

impl Machine {
    pub(super) fn picture(&mut self, now: Timestamp, facts: &FrameFacts, full: Option<Full>) {
        if self.away {
            return;
        }
        match &mut self.stage {
            Stage::Framing { started, asking } => {
                self.guide.picture(now, facts);
                if *started && !*asking && self.guide.steady(now) >= 1.0 {
                    *asking = true;
                    self.outputs.push_back(Output::AskAttempt);
                }
            }
            Stage::Taking { attempt, taken, .. } => {
                self.guide.picture(now, facts);
                if let Some(full) = full
                    && self.guide.framing().is_empty()
                {
                    taken.add(full);
                }
                if taken.frames() >= Taken::at_first(&attempt.thresholds) {
                    let run = ChallengeRun::new(now, Challenge::of(&attempt.nonce));
                    let (attempt, taken) = (*attempt, std::mem::take(taken));
                    self.stage = Stage::Challenge { attempt, run, taken };
                } else {
                    self.tick(now);
                }
            }
            Stage::Challenge { run, taken, .. } => {
                self.guide.picture(now, facts);
                let (was, done) = (run.asked(), run.seen().len());
                run.picture(now, facts);
                if let (Asked::Straight, Some(full)) = (was, full) {
                    taken.between(done, full, self.guide.framing().is_empty());
                }
                self.look_at_run();
            }
            Stage::Loading
            | Stage::Failed(_)
            | Stage::Choice
            | Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Checking
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => {}
        }
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        match &mut self.stage {
            Stage::Taking { since, .. } => {
                if now.since(*since) > TAKING_MS {
                    self.finish(Some(FaceReason::TooFewFrames));
                }
            }
            Stage::Challenge { run, .. } => {
                run.tick(now);
                self.look_at_run();
            }
            Stage::Loading
            | Stage::Failed(_)
            | Stage::Choice
            | Stage::Consent { .. }
            | Stage::Models { .. }
            | Stage::Framing { .. }
            | Stage::Checking
            | Stage::NotPassed(_)
            | Stage::Broken(_)
            | Stage::Sms { .. } => {}
        }
    }

    pub(super) fn look_at_run(&mut self) {
        let Stage::Challenge { run, .. } = &self.stage else { return };
        match run.asked() {
            Asked::Straight | Asked::Move { .. } => {}
            Asked::Done => self.finish(None),
            Asked::Failed(reason) => self.finish(Some(reason)),
        }
    }

    /// The attempt is over on this device: the server decides.
    pub(super) fn finish(&mut self, reason: Option<FaceReason>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Checking);
        let (attempt, movements, taken) = match stage {
            Stage::Taking { attempt, taken, .. } => (attempt, Vec::new(), taken),
            Stage::Challenge { attempt, run, taken } => (attempt, run.seen().to_vec(), taken),
            other => {
                self.stage = other;
                return;
            }
        };
        self.outputs.push_back(Output::Forget);
        if taken.frames() == 0 {
            // Nothing was measured: there is nothing to say of the person. The server counts an attempt without answer.
            self.stage = Stage::NotPassed(reason.into_iter().collect());
            return;
        }
        let scores = taken.scores();
        let mut reasons: Vec<FaceReason> = reason.into_iter().collect();
        reasons.extend(against(&scores, &attempt.thresholds));
        reasons.sort_unstable();
        reasons.dedup();
        let passed = reasons.is_empty();
        let crops = taken.into_crops();
        let nonce = attempt.nonce;
        let finished = Finished { nonce, scores, movements, reasons, passed, crops };
        self.outputs.push_back(Output::Report(Box::new(finished)));
    }

    // ---- attempts

    pub(super) fn attempt(&mut self, now: Timestamp, result: Result<Attempt, Problem>) {
        match result {
            Ok(attempt) => {
                if let Some(status) = &mut self.status {
                    status.attempts_left = attempt.left;
                }
                if !matches!(self.stage, Stage::Framing { asking: true, .. }) {
                    // Left meanwhile: the server counts it as not answered.
                    self.outputs.push_back(Output::Forget);
                } else if self.away {
                    self.outputs.push_back(Output::Forget);
                    self.stage = Stage::Broken(IdentityTrouble::Interrupted);
                } else {
                    self.stage = Stage::Taking { attempt, since: now, taken: Taken::default() };
                }
            }
            Err(problem) => {
                if !matches!(self.stage, Stage::Framing { asking: true, .. }) {
                    return;
                }
                match problem.code {
                    // The server says why in its status.
                    ProblemCode::FaceUnavailable | ProblemCode::AttemptsUsed => self.reload(),
                    ProblemCode::ModelsDiffer => {
                        self.closed_here = Some(NoFaceOffer::ModelsBroken(problem));
                        self.stage = Stage::Choice;
                    }
                    _ => self.stage = Stage::Broken(IdentityTrouble::Server(problem)),
                }
            }
        }
    }

    pub(super) fn answer(&mut self, result: Result<IdentityAnswer, Problem>) {
        if !matches!(self.stage, Stage::Checking) {
            return;
        }
        match result {
            Ok(answer) => {
                self.attempts(&answer);
                match answer.settled {
                    Some(mark) => self.outputs.push_back(Output::Settled(mark)),
                    None => self.stage = Stage::NotPassed(answer.reasons),
                }
            }
            Err(problem) => {
                // It may have been decided although the answer was lost.
                self.outputs.push_back(Output::AskStatus);
                self.stage = Stage::Broken(IdentityTrouble::Server(problem));
            }
        }
    }

    pub(super) fn attempts(&mut self, answer: &IdentityAnswer) {
        let Some(status) = &mut self.status else { return };
        status.attempts_left = answer.attempts_left;
        status.number_proved |= answer.number_proved;
        if answer.attempts_left == 0 {
            status.no_face = Some(NoFaceWay::AttemptsUsed);
        } else if status.number_proved && status.no_face == Some(NoFaceWay::SmsFirst) {
            status.no_face = None;
        }
    }
}
