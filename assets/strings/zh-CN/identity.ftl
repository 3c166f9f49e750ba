# 身份验证、网络检测、候场预计、就绪情况

## 身份验证：选择方式
identity-title = 身份验证
identity-line = 选一种方式，确认是您本人
identity-loading = 正在查看核验方式…
identity-failed = 现在不能开始身份验证
way-face = 人脸校验
way-face-tag = 推荐
way-face-more = 看着镜头，按提示转头，约 20 秒
way-face-left =
    { $n ->
       *[other] 还有 { $n } 次机会
    }
way-sms = 短信验证
way-sms-more = 验证码发到登记的手机号 { $phone }
way-sms-none = 主办方没有登记您的手机号。请拨打客服电话，由工作人员为您核验。
ways-equal = 两种方式效果一样，不影响面谈和结果。
ways-sms-first = 本场面谈要先短信验证，再做人脸校验。
ways-face-next = 还可以做人脸校验，也可以直接继续
way-proved = 手机号已验证
way-enough = 不做人脸校验，直接继续
way-other-sms = 改用短信验证
hotline-help = 需要帮助？请拨打 { $number }

## 同意
consent-title = 人脸校验前，请您确认
consent-line = 面部特征是敏感个人信息，需要您单独同意
consent-made = 会生成什么
consent-made-more = 主办方用登记的证件照算出一组面部特征值，发到这台手机，和镜头前的您比对。在您同意之前，它不存在。
consent-who = 谁会得到
consent-who-more = { $organiser }只得到核验结论、分数和时间。镜头里的画面留在手机上。
consent-who-frames = { $organiser }得到核验结论、分数和时间，以及您另外同意发送的几张面部截图。其余画面留在手机上。
consent-long = 保存多久
consent-long-more = 特征值只在手机内存里，这一次校验结束就删除，不写入存储。
consent-refuse = 不同意可以吗
consent-refuse-more = 可以。改用短信验证，效果一样，不影响面谈和结果。同意后也可以撤回：“我的”里的“隐私与数据”，或联系主办方。
consent-pictures = 本场另需发送截图
consent-pictures-more = 把这次校验的几张面部截图加密发给{ $organiser }，由服务器再核对一遍，{ $n } 天后删除。不愿意发送就用短信验证，效果一样。
consent-frames = 我另外同意发送面部截图供复核
consent-yes = 同意，开始人脸校验
consent-no = 不同意，用短信验证
models-title = 正在准备人脸校验
models-line = 只在第一次需要下载，从主办方的服务器取得
models-done = 已下载 { $done } / { $of } MB

## 取景与动作
frame-title = 把脸放进框里
frame-start = 开始校验
frame-starting = 正在打开摄像头…
frame-none = 没有画面
frame-hint = 调整好角度和光线，再点“开始校验”
frame-waiting = 位置合适后会自动开始
frame-own = 自己的画面，镜像显示
advice-no-face = 请把脸放进框里
advice-one-person = 画面里只能有您一个人
advice-nearer = 请靠近一点
advice-further = 请离远一点
advice-centre = 请把脸移到框中间
advice-level = 请把头摆正
advice-look = 请正对镜头
advice-more-light = 光线太暗，请到亮一点的地方
advice-light-behind = 背后太亮，请换个方向
advice-less-light = 光线太强，请避开直射光
advice-still = 请保持不动
advice-good = 很好，保持住
movement-left = 请慢慢向左转头
movement-right = 请慢慢向右转头
movement-nod = 请点一下头
movement-nearer = 请把脸凑近一点
movement-straight = 请看正前方
movement-place = 动作 { $place } / { $count }
movement-left-time = 还有 { $n } 秒
checking-title = 正在核验
checking-line = 请稍等，不要关闭应用

## 没有通过
failed-title = 这次没有通过
failed-left =
    { $n ->
        [0] 三次机会已用完。请用短信验证，您的排队位置已保留。
       *[other] 还有 { $n } 次机会，也可以改用短信验证。
    }
failed-no-way = 请拨打客服电话，由工作人员为您核验。您的排队位置已保留。
broken-title = 这次没能完成
broken-checker = 这台设备上的人脸校验出错了。请再试一次，或改用短信验证。
broken-interrupted = 校验被打断：应用离开了屏幕，或来了电话。请再试一次，过程中不要切换应用。
broken-more = 如果这一次没有送到服务器，就不会计入次数。
face-other-person = 看起来不是登记照片上的本人
face-other-person-more = 请由本人操作，取下口罩和帽子，在光线好的地方再试。
face-not-sure = 还不能确定是您本人
face-not-sure-more = 取下口罩、帽子或深色眼镜，正对镜头，在光线好的地方再试。
face-not-live = 没能确认镜头前是真人
face-not-live-more = 不要使用照片或屏幕，避开反光，在光线均匀的地方再试。
face-doubt = 画面像是照片或屏幕
face-doubt-more = 请本人直接面对镜头。工作人员会看到这条提示，由他们当面判断。
face-missed = 没有看到提示的动作
face-missed-more = 看清提示再做，动作慢一点、幅度大一点。
face-wrong = 动作和提示不一样
face-wrong-more = 看清提示的方向：左，就是您自己的左边。
face-lost = 脸离开了画面
face-lost-more = 请全程把脸留在框里，不要遮挡。
face-changed = 前后画面不是同一个人
face-changed-more = 请由本人独自从头到尾完成。
face-few = 清楚的画面太少
face-few-more = 请到亮一点的地方，拿稳手机再试。
face-differ = 服务器复核的结果和手机上的不一致
face-differ-more = 请再试一次；如果还是这样，请用短信验证。
face-simulated = 这台设备用的是模拟摄像头
face-simulated-more = 请换用真实的摄像头，或用短信验证。
face-unanswered = 上一次没有做完
face-unanswered-more = 中途关闭了应用或断了网，那一次已计入次数。请再试一次。
no-face-reference = 主办方没有您的登记照片，不能人脸校验。请用短信验证。
no-face-unusable = 登记照片里看不清人脸，不能人脸校验。请用短信验证。
no-face-models = 主办方的服务器现在不能做人脸校验。请用短信验证。
no-face-off = 主办方没有开放人脸校验。请用短信验证。
no-face-full = 主办方的人脸校验名额已满。请用短信验证。
no-face-used = 三次机会已用完。请用短信验证。
no-face-sms-first = 短信验证之后开放
no-face-key = 这台设备不能签名，不能人脸校验。请用短信验证。
no-face-runtime = 这台设备缺少人脸校验的组件。请用短信验证。
no-face-broken = 人脸校验的文件没有下载好。请检查网络后刷新，或用短信验证。

## 短信验证
sms-title = 短信验证
sms-line = 验证码发到您登记的手机号
sms-number = 登记的手机号
sms-ask = 获取验证码
sms-ask-again = 重新获取
sms-again-in = 重新获取（{ $time }）
sms-sent = 验证码已发到 { $phone }，5 分钟内有效
sms-code = 6 位验证码
sms-code-hint = 短信里的 6 位数字
sms-check = 验证
sms-checking = 正在验证…
sms-wrong-number = 手机号不对？请拨打 { $number }
simulated = 模拟摄像头：画面由程序生成，核验结果会标为“模拟”

## 换设备
other-title = 在这台设备继续
other-line = 这个邀请码正在另一台设备上使用。用登记的手机号验证后，就能换到这台设备。
other-more = 换过来以后，原来的设备会退出。排队位置不变。
other-go = 换到这台设备

## 网络检测
step-network = 网络
begin-identity = 人脸校验或短信验证，确认是您本人
begin-network = 测一测网络能不能顺畅通话
network-title = 网络检测
network-line = 看看这里的网络能不能顺畅通话
network-measuring = 正在测量，约 5 秒
network-idle = 正在准备测量…
network-good = 网络良好
network-good-more = 通话的画面和声音都会清晰。
network-small = 网络可用
network-small-more = 声音清晰，画面会小一些。
network-sound = 网络偏慢
network-sound-more = 通话以声音为主，画面可能会关闭。
network-weak = 网络较弱
network-weak-more = 通话可能断断续续，建议换一个网络。
network-no-udp = 这个网络限制通话
network-no-udp-more = 音视频通道被挡住了，呼叫可能接不通。请换一个网络。
network-unreachable = 连不上服务器
network-unreachable-more = 现在收不到面试呼叫。您的排队位置已保留，请换一个网络。
network-round-trip = 往返
network-loss = 丢包
network-up = 上行
network-down = 下行
network-relay = 中继
network-relay-yes = 可用
network-relay-no = 不可用
network-again = 再测一次
network-on = 继续
network-anyway = 仍然继续
hint-network = 换一个网络
hint-network-more = 改用其他 Wi-Fi 或手机流量，或离路由器近一些

## 候场预计
wait-label = 预计还需
wait-unknown = 暂时无法估计
wait-under = { $to } 分钟以内
wait-minutes = { $from }–{ $to } 分钟
wait-hours = { $from }–{ $to } 小时

## 用人单位看到的就绪情况
ready-green = 检测通过
ready-green-more = 身份、设备和网络都已通过，可以呼叫
ready-amber-more = 呼叫前请留意
ready-and-more = { $word } 等 { $n } 项
check-section = 入场检测
identity-how = 身份
identity-how-at = { $how } · { $time }
identity-not-yet = 还没有核验
assurance-device = 人脸核验（在手机上比对）
assurance-verified = 人脸核验，服务器已复核
assurance-simulated = 模拟摄像头（仅供演示）
assurance-sms = 短信验证
assurance-staff = 工作人员核验
amber-not-checked = 未检测
amber-not-checked-more = 还没有做完设备检测，可能不会马上接听
amber-identity = 身份未核验
amber-identity-more = 还没有完成身份验证
amber-doubt = 活体存疑
amber-doubt-more = 活体检测存疑，请留意
amber-speaker = 扬声器未通过
amber-speaker-more = 扬声器没有通过，考生可能听不到您
amber-microphone = 麦克风未通过
amber-microphone-more = 麦克风没有通过，您可能听不到考生
amber-camera = 摄像头未通过
amber-camera-more = 摄像头没有通过，您可能看不到考生
amber-network = 网络较弱
amber-network-more = 网络不够好，画面和声音可能中断
amber-no-udp = 网络受限
amber-no-udp-more = 考生的网络限制通话，可能接不通

## 场次的身份要求
rule-title = 身份验证
rule-more = 考生随时可以选短信验证；人脸校验只在本人单独同意后进行。
rule-none = 不需要
rule-none-more = 有邀请码就能进入
rule-face = 人脸或短信
rule-face-more = 人脸在考生手机上比对，图片不离开手机
rule-verified = 人脸（服务器复核）或短信
rule-verified-more = 考生另行同意后，服务器再核对一次图片
rule-sms-face = 先短信，再人脸
rule-sms-face-more = 先验证手机号，再开放人脸校验

## 隐私与数据
purpose-frames = 发送面部图片供复核
purpose-frames-more = 只对同意的那一次人脸校验有效，由主办方的服务器核对，到期删除
