//! How long what is kept: one table, enforced every hour, and the same in words in `docs/privacy.md`.
//!
//! Architecture Invariant: whatever is kept of a person has a row here, and a row here is enforced by
//! [`enforce`] or says which other one takes it along.

use crate::http::candidate::sweep_up;
use crate::state::AppState;
use crate::store::Idle;
use miantan_domain::rules::identity::ATTEMPT_MS;
use miantan_domain::time::WallTime;
use std::time::{Duration, SystemTime};

const DAY_MS: i64 = 86_400_000;

/// Days between the wish to be deleted and its doing: time to take it back.
pub const ERASE_AFTER_DAYS: i64 = 7;
/// It is done within so many ms of the wish: the job runs every hour, and may have to be tried again the
/// day after. Far within the 15 working days of the law.
pub const ERASED_WITHIN_MS: i64 = (ERASE_AFTER_DAYS + 1) * DAY_MS;
/// An account nobody came back to.
pub const ACCOUNT_IDLE_DAYS: i64 = 730;
/// Somebody who was invited and never made an account: after the last round's end.
pub const INVITED_DAYS: i64 = 180;
/// Uploads nobody went on with, and files nothing refers to.
pub const UPLOAD_DAYS: i64 = 3;
pub const LOOSE_FILE_DAYS: i64 = 7;
/// What came of face attempts, without any picture.
pub const FACE_ATTEMPT_DAYS: i64 = 180;
/// For which interview a code was sent.
const IDENTITY_CODE_DAYS: i64 = 1;
/// Reports of misconduct.
pub const REPORT_DAYS: i64 = 730;
/// People erased in one go; the rest is for the next hour.
const ERASE_AT_ONCE: u32 = 200;
/// Bytes whose row is looked for in one go.
const BYTES_AT_ONCE: usize = 2_000;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub data: &'static str,
    pub purpose: &'static str,
    /// 0: as long as what it belongs to.
    pub days: i64,
    pub from: &'static str,
    pub who: &'static str,
}

/// What is kept, what for, for how long, and who may see it.
pub const TABLE: &[Rule] = &[
    Rule {
        data: "账号：手机号、姓名、出生年月",
        purpose: "登录、联系、确认年满16周岁",
        days: ACCOUNT_IDLE_DAYS,
        from: "最后一次登录",
        who: "本人；接受邀约后用人单位可见手机号",
    },
    Rule {
        data: "申请注销的账号",
        purpose: "留出反悔时间",
        days: ERASE_AFTER_DAYS,
        from: "申请注销",
        who: "本人",
    },
    Rule {
        data: "受邀但未注册的候选人",
        purpose: "面试",
        days: INVITED_DAYS,
        from: "最后一场面谈结束",
        who: "邀约的用人单位、主办方",
    },
    Rule {
        data: "在线简历、照片、附件简历",
        purpose: "投递",
        days: 0,
        from: "随账号删除",
        who: "本人；投递的用人单位",
    },
    Rule {
        data: "主办方上传的证件照",
        purpose: "经本人单独同意后与摄像头画面比对",
        days: 0,
        from: "随账号删除，主办方可随时移除",
        who: "无人（仅程序比对）",
    },
    Rule {
        data: "人脸核验记录（次数、分数、原因；无图像、无人脸特征）",
        purpose: "核验与争议处理",
        days: FACE_ATTEMPT_DAYS,
        from: "核验",
        who: "本人；结果：该场面谈的用人单位",
    },
    Rule {
        data: "本人同意发送的核验画面（加密）",
        purpose: "服务器复核",
        days: 7,
        from: "发送（可由 face.frames_days 设定）；撤回同意即删",
        who: "无人（仅程序复核）",
    },
    Rule {
        data: "同意记录", purpose: "证明同意与撤回", days: 0, from: "随账号删除", who: "本人"
    },
    Rule {
        data: "洽谈消息与文件",
        purpose: "双方沟通",
        days: 0,
        from: "随账号删除（对方所写保留）",
        who: "洽谈双方",
    },
    Rule {
        data: "面谈记录",
        purpose: "排队与结果",
        days: 0,
        from: "随账号匿名化",
        who: "该场面谈的用人单位",
    },
    Rule {
        data: "未完成的上传", purpose: "断点续传", days: UPLOAD_DAYS, from: "最后一次上传", who: "本人"
    },
    Rule {
        data: "未被使用的文件",
        purpose: "等待发送",
        days: LOOSE_FILE_DAYS,
        from: "上传完成",
        who: "本人",
    },
    Rule { data: "登录会话", purpose: "保持登录", days: 30, from: "会话结束", who: "无人" },
    Rule {
        data: "短信验证码（散列）", purpose: "登录与核验", days: 1, from: "发送", who: "无人"
    },
    Rule {
        data: "短信发送计数（散列）", purpose: "防滥用", days: 3, from: "发送", who: "无人"
    },
    Rule {
        data: "失败尝试计数", purpose: "防猜测", days: 1, from: "最后一次尝试", who: "无人"
    },
    Rule {
        data: "举报", purpose: "主办方处理违规", days: REPORT_DAYS, from: "举报", who: "主办方"
    },
    Rule {
        data: "操作记录（审批、成员管理）", purpose: "责任追溯", days: 730, from: "发生", who: "主办方"
    },
    Rule {
        data: "操作应答（防重复）", purpose: "断线后不重复执行", days: 7, from: "应答", who: "无人"
    },
    Rule { data: "拒绝访问审计", purpose: "安全审计", days: 180, from: "发生", who: "主办方" },
    Rule {
        data: "招聘会浏览与关注（散列）", purpose: "计数", days: 30, from: "招聘会结束", who: "无人"
    },
    Rule {
        data: "未完成的单位报名", purpose: "等待营业执照", days: 30, from: "报名", who: "主办方"
    },
    Rule {
        data: "被驳回的单位报名与执照", purpose: "复核", days: 90, from: "驳回", who: "主办方"
    },
];

/// Enforces what the other chores of the hour do not: wishes to be deleted, people who did not come back,
/// files nobody needs. One failure does not keep the rest from being done.
pub async fn enforce(state: &AppState) -> anyhow::Result<()> {
    let now = state.clock.wall();
    let people = erase(state, now).await;
    let files = files(state, now).await;
    let faces = faces(state, now).await;
    let reports = state.stores.candidates.forget_reports(now.after(-REPORT_DAYS * DAY_MS)).await;
    people.and(files).and(faces).and(reports.map_err(Into::into))
}

async fn erase(state: &AppState, now: WallTime) -> anyhow::Result<()> {
    let candidates = &state.stores.candidates;
    let idle = Idle { accounts: ACCOUNT_IDLE_DAYS * DAY_MS, invited: INVITED_DAYS * DAY_MS };
    let asked_before = now.after(-ERASE_AFTER_DAYS * DAY_MS);
    for candidate in candidates.to_erase(asked_before, idle, now, ERASE_AT_ONCE).await? {
        let left = candidates.erase(candidate, now).await?;
        sweep_up(state, left).await;
        tracing::info!("a person's data was removed");
    }
    Ok(())
}

/// Pictures that were kept for a second look, and the record of attempts.
async fn faces(state: &AppState, now: WallTime) -> anyhow::Result<()> {
    let before = |days: i64| now.after(-days * DAY_MS);
    let identity = &state.stores.identity;
    let mut bytes = identity.forget_frames(before(i64::from(state.config.face.frames_days))).await?;
    let open = now.after(-(ATTEMPT_MS as i64));
    bytes.extend(identity.tidy_identity(open, before(FACE_ATTEMPT_DAYS), before(IDENTITY_CODE_DAYS)).await?);
    for bytes in bytes {
        state.objects.delete(bytes).await?;
    }
    Ok(())
}

async fn files(state: &AppState, now: WallTime) -> anyhow::Result<()> {
    let before = |days: i64| now.after(-days * DAY_MS);
    let forgotten = state.stores.files.forget_files(before(UPLOAD_DAYS), before(LOOSE_FILE_DAYS)).await?;
    for bytes in forgotten {
        state.objects.delete(bytes).await?;
    }
    // a crash between the bytes and their row leaves bytes nobody knows; their age is the disk's
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(now.0.max(0) as u64);
    let days = |days: i64| Duration::from_millis((days * DAY_MS) as u64);
    state.objects.sweep(at, days(UPLOAD_DAYS + 1)).await?;
    let old = state.objects.older(at, days(LOOSE_FILE_DAYS)).await?;
    for some in old.chunks(BYTES_AT_ONCE) {
        for bytes in state.stores.files.unknown_bytes(some.to_vec()).await? {
            state.objects.delete(bytes).await?;
        }
    }
    Ok(())
}
