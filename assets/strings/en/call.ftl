# Network, picture and sound of a running call
call-ladder-medium = Weak network: your picture is less sharp
call-ladder-small = Very weak network: your picture is small, sound comes first
call-ladder-audio = Very weak network: sound only for now; the picture comes back by itself
remote-pause-network = { $name }'s network is very weak: sound only for now
remote-pause-phone = { $name } is on the phone
remote-pause-away = { $name } is in another app; sound goes on
call-sound-to = Sound goes to { $name }
call-sound-bluetooth = Sound goes to a Bluetooth device
call-sound-earpiece = Sound goes to the earpiece
call-sound-loudspeaker = Sound goes to the phone's speaker
call-sound-wired = Sound goes to the wired headphones
