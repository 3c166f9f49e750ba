# 通话中的网络、画面与声音
call-ladder-medium = 网络较弱，已降低画质
call-ladder-small = 网络很弱，画面已缩小，优先保证声音
call-ladder-audio = 网络很弱，暂时只有声音，好转后自动恢复画面
remote-pause-network = { $name } 的网络很弱，暂时只有声音
remote-pause-phone = { $name } 正在接电话
remote-pause-away = { $name } 切换到了其他应用，声音还在
call-sound-to = 声音从“{ $name }”播放
call-sound-bluetooth = 声音从蓝牙设备播放
call-sound-earpiece = 声音从听筒播放
call-sound-loudspeaker = 声音从手机扬声器播放
call-sound-wired = 声音从有线耳机播放
