# Identity step, network check, estimated wait, readiness

## Identity: the ways
identity-title = Identity check
identity-line = Choose how to show that it is you
identity-loading = Looking up your options…
identity-failed = The identity check cannot start
way-face = Face check
way-face-tag = Recommended
way-face-more = Look at the camera and turn as asked, about 20 s
way-face-left =
    { $n ->
        [one] { $n } attempt left
       *[other] { $n } attempts left
    }
way-sms = Code by SMS
way-sms-more = A code goes to your number on file, { $phone }
way-sms-none = The organiser has no number of yours on file. Please call the hotline: the staff can check who you are.
ways-equal = Both ways count the same and change nothing in your interview.
ways-sms-first = This round asks for the SMS code first, then the face check.
ways-face-next = The face check can follow, or go straight on
way-proved = Number confirmed
way-enough = Go on without the face check
way-other-sms = Use a code by SMS
hotline-help = Need help? Call { $number }

## Consent
consent-title = Before the face check
consent-line = Facial features are sensitive data: this needs your separate consent
consent-made = What is made
consent-made-more = From your ID photo the organiser computes a set of facial measurements and sends it to this phone to compare with you. It does not exist before you agree.
consent-who = Who gets it
consent-who-more = { $organiser } only gets the result, scores and time. What the camera sees stays on the phone.
consent-who-frames = { $organiser } gets the result, scores and time, and the few pictures you separately agree to send. All else the camera sees stays on the phone.
consent-long = For how long
consent-long-more = The measurements are in the phone's memory only and are deleted when this check ends.
consent-refuse = May I say no?
consent-refuse-more = Yes. The SMS code counts the same and changes nothing. You can withdraw it later under Privacy, or through your organiser.
consent-pictures = This interview also asks for pictures
consent-pictures-more = A few encrypted pictures of this check go to { $organiser }; the server compares them again and deletes them after { $n } days. If you would rather not, a code by SMS does just as well.
consent-frames = I also agree to send pictures of my face
consent-yes = Agree and start
consent-no = No, use a code by SMS
models-title = Preparing the face check
models-line = Needed the first time only, from your organiser's server
models-done = { $done } of { $of } MB

## Framing and movements
frame-title = Put your face in the frame
frame-start = Start the check
frame-starting = Starting the camera…
frame-none = No picture
frame-hint = Find a good angle and light, then start
frame-waiting = It goes on by itself once all is right
frame-own = Your own picture, mirrored
advice-no-face = Put your face in the frame
advice-one-person = Only you in the picture, please
advice-nearer = Come a little nearer
advice-further = Move a little back
advice-centre = Move to the middle of the frame
advice-level = Hold your head level
advice-look = Look at the camera
advice-more-light = Too dark: find more light
advice-light-behind = Light behind you: turn around
advice-less-light = Too bright: avoid direct light
advice-still = Hold still
advice-good = Good. Stay like this
movement-left = Slowly turn left
movement-right = Slowly turn right
movement-nod = Nod once
movement-nearer = Bring your face nearer
movement-straight = Look straight ahead
movement-place = Movement { $place } of { $count }
movement-left-time = { $n } s left
checking-title = Checking
checking-line = One moment, please keep the app open

## Not passed
failed-title = Not passed this time
failed-left =
    { $n ->
        [0] All three attempts are used. Please use a code by SMS; your place is kept.
        [one] { $n } attempt left. You can also use a code by SMS.
       *[other] { $n } attempts left. You can also use a code by SMS.
    }
failed-no-way = Please call the hotline: the staff can check who you are. Your place is kept.
broken-title = It could not be finished
broken-checker = The face check failed on this device. Try again, or use a code by SMS.
broken-interrupted = It was interrupted: the app left the screen, or a phone call came. Try again and stay in the app.
broken-more = If it did not reach the server, it does not count as an attempt.
face-other-person = This does not look like the person on file
face-other-person-more = Please do it yourself, without mask or hat, in good light.
face-not-sure = Not sure yet that it is you
face-not-sure-more = Take off mask, hat or dark glasses, face the camera and find good light.
face-not-live = No living person could be made out
face-not-live-more = Do not use a photo or a screen; avoid reflections and find even light.
face-doubt = It looked like a photo or a screen
face-doubt-more = Please face the camera yourself. The staff will see this note and judge in person.
face-missed = The movement was not seen
face-missed-more = Read the prompt first, then move slowly and clearly.
face-wrong = Another movement was seen
face-wrong-more = Mind the direction: left is your own left.
face-lost = Your face left the picture
face-lost-more = Keep your face in the frame and uncovered all the time.
face-changed = Not the same person throughout
face-changed-more = Please do it alone from beginning to end.
face-few = Too few clear pictures
face-few-more = Find more light and hold the phone steady.
face-differ = The server's check says something else
face-differ-more = Try again; if it stays so, use a code by SMS.
face-simulated = This device uses a simulated camera
face-simulated-more = Use a real camera, or a code by SMS.
face-unanswered = The last attempt was not finished
face-unanswered-more = The app was closed or the network failed; that attempt counted. Please try again.
no-face-reference = The organiser has no photo of you on file. Please use a code by SMS.
no-face-unusable = No face can be made out in your photo on file. Please use a code by SMS.
no-face-models = The organiser's server cannot check faces now. Please use a code by SMS.
no-face-off = The organiser has not opened the face check. Please use a code by SMS.
no-face-full = The organiser's face checks are all taken. Please use a code by SMS.
no-face-used = All three attempts are used. Please use a code by SMS.
no-face-sms-first = Opens after the SMS code
no-face-key = This device cannot sign, so it cannot check faces. Please use a code by SMS.
no-face-runtime = This device lacks a part that the face check needs. Please use a code by SMS.
no-face-broken = The files of the face check did not arrive whole. Check the network and refresh, or use a code by SMS.

## Code by SMS
sms-title = Code by SMS
sms-line = It goes to your number on file
sms-number = Number on file
sms-ask = Send the code
sms-ask-again = Send again
sms-again-in = Send again ({ $time })
sms-sent = A code was sent to { $phone }. It is good for 5 minutes
sms-code = 6-digit code
sms-code-hint = The 6 digits from the SMS
sms-check = Confirm
sms-checking = Confirming…
sms-wrong-number = Not your number? Call { $number }
simulated = Simulated camera: the picture is generated, and the result is marked as simulated

## Another device
other-title = Go on here
other-line = This invitation is in use on another device. A code to your number on file moves it here.
other-more = The other device is then signed out. Your place stays the same.
other-go = Move to this device

## Network check
step-network = Network
begin-identity = Face check or SMS code: show that it is you
begin-network = Measures whether this network carries a call
network-title = Network check
network-line = Does this network carry a call?
network-measuring = Measuring, about 5 seconds
network-idle = Getting ready to measure…
network-good = Good network
network-good-more = Picture and sound will be clear.
network-small = Fair network
network-small-more = Clear sound, a smaller picture.
network-sound = Slow network
network-sound-more = Sound comes first; the picture may be switched off.
network-weak = Weak network
network-weak-more = The call may break off. Better use another network.
network-no-udp = This network restricts calls
network-no-udp-more = It blocks sound and picture, so a call may not come about. Use another network.
network-unreachable = The server cannot be reached
network-unreachable-more = A call cannot reach you now. Your place is kept; use another network.
network-round-trip = Round trip
network-loss = Loss
network-up = Up
network-down = Down
network-relay = Relay
network-relay-yes = works
network-relay-no = blocked
network-again = Measure again
network-on = Continue
network-anyway = Continue anyway
hint-network = Use another network
hint-network-more = Another Wi-Fi or mobile data, or move nearer to the router

## Estimated wait
wait-label = Still to wait
wait-unknown = Cannot be said yet
wait-under = under { $to } min
wait-minutes = { $from }–{ $to } min
wait-hours = { $from }–{ $to } h

## Readiness, as recruiters see it
ready-green = Checks passed
ready-green-more = Identity, devices and network have passed: ready for a call
ready-amber-more = Mind before you ring
ready-and-more = { $word } +{ $n }
check-section = Check-in
identity-how = Identity
identity-how-at = { $how } · { $time }
identity-not-yet = Not checked yet
assurance-device = Face check (compared on the phone)
assurance-verified = Face check, confirmed by the server
assurance-simulated = Simulated camera (demo only)
assurance-sms = Code by SMS
assurance-staff = Checked by staff
amber-not-checked = Not checked
amber-not-checked-more = The device check is not done; they may not answer at once
amber-identity = Identity open
amber-identity-more = The identity check is not done
amber-doubt = Liveness doubt
amber-doubt-more = The liveness check was doubtful: please look closely
amber-speaker = Speaker failed
amber-speaker-more = Their speaker failed: they may not hear you
amber-microphone = Microphone failed
amber-microphone-more = Their microphone failed: you may not hear them
amber-camera = Camera failed
amber-camera-more = Their camera failed: you may not see them
amber-network = Weak network
amber-network-more = Their network is weak: picture and sound may break off
amber-no-udp = Restricted network
amber-no-udp-more = Their network restricts calls: it may not connect

## A round's identity rule
rule-title = Identity check
rule-more = Candidates can always choose the SMS code; a face is checked only with their separate consent.
rule-none = Not needed
rule-none-more = The invitation code is enough
rule-face = Face or SMS
rule-face-more = Faces are compared on the candidate's phone; pictures stay there
rule-verified = Face (server checks too) or SMS
rule-verified-more = With a further consent, the server compares the pictures again
rule-sms-face = SMS first, then face
rule-sms-face-more = The face check opens once the number is confirmed

## Privacy
purpose-frames = Pictures of a face check
purpose-frames-more = For that one check only; the organiser's server compares them and deletes them in time
