# Words of the pages, in English. One message per sentence; no HTML. Keys are shared with fr.ftl (a test compares them).

## Frame
skip-to-content = Skip to content
nav-main = Main navigation
nav-home = Home
nav-deposits = Deposits
nav-record = Record
nav-publications = Published
nav-podcasts = My podcasts
nav-assignments = Assignments
nav-to-hand-in = To hand in
nav-children = My children
nav-agenda = Agenda
nav-admin = Settings
nav-inbox = Messages
nav-help = Help
nav-account = My account, { $name }
unread = unread
language = Language
footer-promise = Nothing here comes from elsewhere or goes elsewhere: your sound stays in the school.
back-home = Back to home
search = Search
state = State
class = Class
any-state = Any state
any-class = Any class
nothing-found = Nothing matches this search.
show-all = Show everything
show-more = Show more
optional = optional
or = or
new = New
title = Title
when = When
now = Now
until = Until
save = Save the changes
edit = Edit
late = late
email = E-mail

## Sign-in
sign-in-title = Welcome
sign-in-lead = The podcasts of your classes are waiting.
sign-in = Sign in
login = Login
password = Password
sign-in-lost = Lost your login or password? The school office can give you a new one.

## Teacher's home
hello = Hello { $name }
teacher-home-lead = What would you like to do?
door-record = Record
door-record-hint = your voice, right now
door-deposit = Deposit a file
door-deposit-hint = sound, video, picture or document
door-assign = Set an assignment
door-assign-hint = spoken or written
to-hear = To listen to
to-hear-short = to hear
to-hear-empty = You have heard everything. Your pupils’ next answers will arrive here.
listen = Listen
preparing = Being prepared
in-preparation = being prepared
remaining = { $time } left
recently-published = Recently published
recent-empty = What you publish for your classes will appear here.
all-publications = Everything I published
quota = Space used
quota-nearly-full = You have { $left } of space left.
quota-make-room = Make room

## Record
record-title = Record
record-lead = Speak: the bar moves when the microphone hears you.
record-or-deposit = Deposit a file instead
record-needs-script = Recording in the page needs JavaScript. You can turn it on, or record with your phone and deposit the file.

## Deposit
deposit-title = Deposit a file
deposit-lead = Balado takes care of the format: your file will play everywhere.
deposit-or-record = Record my voice instead
drop-here = Drop your files here
choose-files = Choose on this device
accepted-kinds = Sounds, videos, pictures, PDF and office documents
upload-needs-script = Depositing files needs JavaScript. Turn it on, then reload this page.
deposits-title = My deposits
deposits-lead = Your original files and recordings, and what was made of them.
search-deposits = Search deposits
deposits-empty = Your recordings and files will be kept here.
preview = Preview
safe-you-may-leave = Your deposit is safe. You may leave this page.
original-is-safe = Your original is safe.
cut = Cut
cut-lead = The original stays as it is: what you keep becomes a new deposit.
cut-keep = Passages to keep
cut-keep-help = For example 0:10-1:20, 2:00-3:30. Leave empty to keep everything when you split at silences or chapters.
cut-split = Make of it
split-none = one recording
split-spans = one recording for each passage
split-silences = one recording between long silences
split-chapters = one recording for each chapter
cut-do = Cut
try-again = Try again
published-where = Published for
published-nowhere = Not published yet. Only you can see this deposit.
what-was-made = Files
original = The original
original-private = only you can see it
download = Download
download-sound = Sound only
open-document = Open the document
output-mp3 = Sound (MP3)
output-mp4 = Video (MP4)
output-jpeg = Picture (JPEG)
output-pdf = Document (PDF)
output-poster = Thumbnail
output-waveform = Shape of the sound
output-other = File

## Publish
publish = Publish
publish-for = Publish for…
publish-title = Publish for…
publish-lead = Choose your classes: they will hear it in their podcast.
for-classes = For
no-classes = You have no classes yet. The school office can give you some.
on-date = On…
more-options = More
description = Description
tags = Keywords
tags-hint = separated by commas
links = Links
link-address = Address of the link
link-label = Text of the link
companions = Attached documents
publish-before-ready = You can publish right away: the episode leaves as soon as it is ready.
publication-edit-title = Edit the publication
publication-edit-lead = Your classes’ podcasts update by themselves.
published-title = Published
published-soon-title = Noted: published as soon as it is ready
published-later-title = Scheduled
published-held-title = Waiting for approval
see-as-pupil = See as a pupil
join-title = To show in class
join-lead = Each pupil opens this address, signs in and subscribes to the podcast of their class.
qr-code = QR code of the address
copy-address = Copy the address

## Publications
publications-title = My publications
publications-lead = What your classes can listen to, and who received it.
search-publications = Search publications
publications-empty = What you publish will appear here, with the number of pupils reached.
publish-again = Publish for another class
withdraw = Withdraw
withdraw-hint = Disappears from pages and podcasts. Your deposit is kept.
awaiting-media-hint = The episode will appear as soon as it is prepared.
seen-as-pupil = This is what a pupil sees.
back-to-mine = Back to my page
reached = Pupils reached
hold-other = Held before publication. The school office can tell you why.

## Homework
assignments-title = Assignments
assignments-lead = What you asked for, and what is left to hear.
assignments-empty = Ask for a reading, a talk, a recitation: the answers will arrive here.
assignment-new-title = Set an assignment
assignment-new-lead = Your pupils answer aloud or with a file.
instructions = Instructions
instructions-hint = Read the poem aloud, in two minutes at most…
due-at = Due
due-word = due
answer-as = Expected answer
family-audio = A sound
family-video = A video
family-image = A picture
family-document = A document
family-other = A file
model = Model to listen to
model-hint = one of your publications
no-model = None
opens-at = Visible from
opens-hint = empty: right away
closes-at = Closed from
closes-hint = empty: late answers are taken
give-assignment = Set this assignment
listen-all = Listen to the answers
listen-keys = Space: play or pause. N: next. P: previous.
answers-empty = No answers yet. They will appear here, ready to be heard one after the other.
answers-podcast = In your app
answers-podcast-hint = Listen to these answers on the train, as a private podcast.
class-grid = The class
status-heard = heard
status-to-hear = to hear
status-late = late
status-missing = missing
status-other = handed in
submitted-by = handed in by { $name }
homework-title = To hand in
homework-lead = Your assignments, most urgent first.
homework-empty = Nothing to hand in right now.
homework-past = Past
time-left = { $time } left
late-still-open = The date has passed, but you can still hand in.
handed-in = Handed in
hand-in = Hand in
hand-in-again = Replace my answer
hand-in-again-hint = The new answer will take the place of the first.
hand-in-closed = This assignment can no longer be handed in.
my-answer = Hand in my work
receipt-title = Your work is handed in
receipt-when = Received on

## Listener
pupil-home-lead = Here is what your teachers published for you.
new-plural = New
new-empty = Nothing new. The next episodes will arrive here.
take-along = Listen offline
take-along-lead = Subscribe once: episodes arrive on your phone by themselves.
plain-home-lead = Here is what is being published in the school.
plain-empty = Nothing has been published this year yet.
podcasts-title = My podcasts
podcasts-lead = One podcast per class: subscribe once, episodes arrive by themselves.
podcasts-empty = Your podcasts will appear here as soon as you belong to a class.
subscribe = Subscribe
subscribe-other = Another device
device = Device
device-phone = Phone
device-tablet = Tablet
device-computer = Computer
device-player = Player
last-contact = Seen
never-contacted = Not used yet
open-in-app = Open in an app
app-other = Another app
scan-with-phone = Or scan with a phone
podcast-address = Podcast address
address-is-private = This address is yours alone: do not share it.
address-lost = Address lost, or shared by mistake?
change-address = Change the address
change-address-hint = The old one stops working at once.
stop-subscription = Stop this subscription
stop-this-subscription = Stop
stop-subscription-hint = No device will be able to use it any more.
subscription-stopped = This subscription is stopped. Its address no longer works.

## Parents
children-title = My children
children-lead = What they listen to, and what was downloaded.
children-empty = No child is linked to your account. The school can do it.
last-one = last
who-hears-title = Who can hear what?
who-hears = Your child only hears what is published for their classes and groups. Their own recordings are only heard by the teacher who asked for them. Balado counts downloads, never places or network addresses.
what-they-listen-to = What they listen to
what-was-fetched = What was downloaded
fetched-empty = Nothing was downloaded yet. Each download will show here, day by day.
no-subscriptions = No subscription yet.
subscribe-for-child = Subscribe for my child
held-by = by { $name }
via-page = in the page

## Others
inbox-title = Messages
inbox-lead = What happened for you.
inbox-empty = No messages. News will be announced here.
notice-publication-offered = To listen to, from
notice-assignment-created = To hand in, set by
notice-submission-received = Handed in by
notice-deposit-failed = Could not be prepared.
notice-other = New
agenda-title = Agenda
agenda-lead = What comes out and what is due.
agenda-empty = Nothing planned. Publications and assignments will show here.
own-calendar = In your usual calendar
own-calendar-lead = A private address adds these dates to the calendar of your phone or computer, and keeps them up to date.
add-to-calendar = Add to my calendar
calendar-address = Calendar address
get-calendar-address = Get my address
entry-publication = Comes out
entry-due = Due
entry-other = Planned
account-title = My account
roles = You are
leave = Leave
sign-out = Sign out
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-hint = Also closes the other devices where you are signed in. Podcasts already set up go on.
role-pupil = Pupil
role-teacher = Teacher
role-assistant = Assistant
role-librarian = Librarian
role-guardian = Parent
role-inspector = Inspector
role-principal = Principal
role-administrator = Administrator
role-other = Member
admin-lead = Turn the school’s modules on or off.
modules-title = Modules
modules-lead = Turn on what your school uses. Nothing is lost by turning off.
module-messaging = Messaging
module-messaging-about = Tells pupils what comes out and teachers what is handed in.
module-homework = Homework box
module-homework-about = Teachers set an assignment, pupils answer aloud or with a file.
module-agenda = Agenda
module-agenda-about = One private calendar address per person, with what comes out and what is due.
is-on = On
is-off = Off
switch-on = Turn on
switch-off = Turn off

## States
state-receiving = being sent
state-received = being prepared
state-ready = ready
state-failed = needs a look
state-abandoned = abandoned
state-draft = draft
state-held = waiting for approval
state-awaiting-media = published when ready
state-scheduled = scheduled
state-published = published
state-withdrawn = withdrawn
state-expired = ended
state-other = under way

## Said after an action
done-published = Published.
done-saved = Saved.
done-withdrawn = Withdrawn. Your deposit is kept.
done-cut = Cutting. The new deposits will appear here.
done-retried = Trying again.
done-assigned = The assignment is set.
done-handed-in = Your work is handed in.
done-subscribed = The address is ready: open it in your app.
done-rotated = The address has changed. The old one no longer works.
done-revoked = The subscription is stopped.
done-signed-out-everywhere = All your other devices are signed out.
done-module = The setting is in effect.

## Counts
answers-count = { $n ->
    [0] no answers
    [one] { $n } answer
   *[other] { $n } answers
}
reached-count = { $n ->
    [0] no pupils
    [one] { $n } pupil
   *[other] { $n } pupils
}
reached-of = of { $n }
episodes-count = { $n ->
    [0] no episodes
    [one] { $n } episode
   *[other] { $n } episodes
}
pages-count = { $n ->
    [one] { $n } page
   *[other] { $n } pages
}
subscriptions-count = { $n ->
    [0] no subscriptions
    [one] { $n } subscription
   *[other] { $n } subscriptions
}
fetched-week = { $n ->
    [0] nothing downloaded this week
    [one] { $n } download this week
   *[other] { $n } downloads this week
}

## Why a file could not be prepared (codes of the transcoder)
failure-empty = This file is empty.
failure-unknown-type = Balado does not recognise this file: it is neither sound, video, picture nor document.
failure-unsupported-format = This format is not accepted. Save the file in a common format (MP3, MP4, JPEG, PDF, DOCX, ODT…).
failure-no-media-track = This file holds neither sound nor picture.
failure-encrypted = This file is copy-protected and cannot be read.
failure-password-protected = This document is protected by a password. Remove it, then deposit the document again.
failure-incomplete = This file is incomplete: its end is missing. Deposit the original again.
failure-too-long = This recording is too long.
failure-too-big-picture = This picture is too big.
failure-too-many-pages = This document has too many pages.
failure-external-content = This file is only a list that points at other files. Deposit the sound or video itself.
failure-too-complex = This file is abnormally large once opened. It is refused to be safe.
failure-damaged = This file is damaged and cannot be read. Check that it opens on your side.
failure-cut-too-many = There are too many passages.
failure-quota-exceeded = There is not enough space left for these recordings. Make room in your deposits.
failure-cut-beyond = A passage to keep begins after the end of the recording.
failure-other = It could not be prepared.

## What went wrong (codes of the service; used for API errors too)
code-sign-in-refused = Wrong login or password. Check the capitals.
code-sign-in-too-often = Too many attempts. Wait a moment, then try again.
code-signed-out = You are no longer signed in. Sign in again.
code-forbidden = You may not do this.
code-not-found = Not found.
code-conflict = Somebody just changed this. Reload the page.
code-not-your-class = This class is not yours.
code-title-missing = Give a title.
code-title-too-long = The title is too long.
code-description-too-long = The description is too long.
code-list-too-long = This list has too many entries.
code-language-unknown = This language is not known.
code-link-invalid = A link must start with http:// or https://.
code-dates-reversed = The end must come after the start.
code-date-invalid = This date cannot be read.
code-groups-missing = Choose at least one class.
code-accepts-missing = Choose at least one kind of answer.
code-due-before-open = The due date must come after the opening.
code-closes-before-due = Closing must come after the due date.
code-deposit-failed = This file could not be prepared: it cannot be published.
code-deposit-not-failed = There is nothing to retry: it is being prepared.
code-cut-nothing = Choose at least one passage to keep.
code-cut-unreadable = A passage is written like 0:10-1:20.
code-cut-empty = A passage is empty: its end must come after its start.
code-cut-out-of-order = Passages must follow each other without overlapping.
code-cut-beyond = A passage begins after the end of the recording.
code-cut-too-many = There are too many passages.
code-cut-not-media = Only sound or video can be cut.
code-cut-not-ready = This recording is still being prepared. Try again in a moment.
code-cut-waiting = Several cuts are already under way. Wait until they are ready.
code-publication-withdrawn = This publication was withdrawn.
code-quota-exceeded = There is not enough space left for this file. Make room in your deposits.
code-storage-full = The school’s space is full. Tell the school office; nothing is lost.
code-upload-too-large = This file is larger than allowed.
code-upload-busy = This file is already being sent from elsewhere.
code-upload-gone = This upload has expired. Start it again.
code-not-open = This assignment is not open.
code-kind-refused = This assignment does not take this kind of file.
code-assignment-not-open = This work is not open yet.
code-assignment-closed = This work is closed: it can no longer be handed in.
code-assignment-withdrawn = This work was withdrawn.
code-assignment-unknown = This work is not for you.
code-assignment-family-refused = This work does not take that kind of file.
code-deposit-not-known-yet = Your file is still arriving. Try again in a moment.
code-deposit-used = This recording was handed in already.
code-subscription-revoked = This subscription was stopped.
code-form-forged = This page was open for too long. Go back, reload it, and try again.
code-school-year-missing = The school has no school year yet. Tell the administration.
code-request-too-large = This is too long to be sent.
code-password-too-short = This password is too short.
code-password-common = This password is too common.
code-other = That did not work. Try again in a moment.

## Error pages
error-title-not-found = This page does not exist
error-text-not-found = It may have been withdrawn, or it is not for you.
error-title-gone = It is no longer here
error-text-gone = This address was stopped or changed.
error-title-forbidden = This page is not for you
error-text-forbidden = If you think it is, ask the school office.
error-title-unauthenticated = Sign in first
error-text-unauthenticated = Your session has ended. Nothing is lost.
error-title-invalid = Something is missing
error-text-invalid = Go back and check what you entered.
error-title-conflict = This just changed
error-text-conflict = Somebody changed it at the same time. Go back and reload the page.
error-title-locked = One moment
error-text-locked = It is being written. Try again in a few seconds.
error-title-too-large = That is too big
error-text-too-large = This file is larger than allowed.
error-title-too-many = Slow down
error-text-too-many = Too many requests at once. Try again in a minute.
error-title-full = There is no space left
error-text-full = What is already deposited is safe. Make room, or tell the school office.
error-title-unsupported = Format not accepted
error-text-unsupported = Choose a file in a common format.
error-title-unavailable = Balado is resting for a moment
error-text-unavailable = Your deposits are safe. Try again in a minute.
error-title-internal = Something broke on our side
error-text-internal = Your deposits are safe. Try again; if it goes on, give the reference to the school office.
error-title-other = That did not work
error-text-other = Try again in a moment.
error-reference = Reference { $reference }

## Help: title, what it is for, how, and what worries people
help-other = Other help pages
help-title-home = Home
help-lead-home = Everything starts here: what there is to do and what is new.
help-how-home = The big buttons at the top lead to the essentials. Below, the lists tell you what is waiting and what just came out.
help-worry-home = No rush: what you leave unfinished waits for you here.
help-title-record = Record
help-lead-record = Record your voice in the page, with nothing to install.
help-how-record = Allow the microphone, check that the bar moves, then touch the red round button. You can pause, stop, listen and start again before publishing.
help-worry-record = Your voice is made safe as you speak. If the network drops or the page closes, nothing is lost: Balado will offer to finish.
help-title-deposit = Deposit a file
help-lead-deposit = Give Balado a sound, a video, a picture or a document.
help-how-deposit = Drop the file on the page or touch the button. The format does not matter: Balado makes the versions that play everywhere.
help-worry-deposit = If sending is interrupted, choose the same file again: it resumes where it was. The original is kept and only you can see it.
help-title-deposits = My deposits
help-lead-deposits = Find your originals and what was made of them.
help-how-deposits = Each line tells where the deposit stands and for which classes it is published. Touch it to listen, download or publish elsewhere.
help-worry-deposits = Withdrawing a publication never deletes the deposit.
help-title-publish = Publish
help-lead-publish = Choose who hears what, and when.
help-how-publish = Give a title, touch your classes, choose now or a date. The button says exactly what will happen.
help-worry-publish = Only the chosen classes have access. You can edit or withdraw at any time.
help-title-publications = My publications
help-lead-publications = See what your classes can listen to.
help-how-publications = The number of pupils reached counts those who downloaded the whole episode, in the page or in their app.
help-worry-publications = A withdrawn publication disappears at once from pages and podcasts.
help-title-assignments = Assignments
help-lead-assignments = Ask a whole class for a spoken answer or a file.
help-how-assignments = The grid shows who handed in. Touch Listen and go through the answers with a single key, at the speed you like.
help-worry-assignments = Only the teacher who set the assignment hears the answers.
help-title-hand-in = Hand in my work
help-lead-hand-in = Answer aloud or with a file.
help-how-hand-in = Read the instructions, listen to the model, record yourself, listen again, then touch Hand in. A receipt gives you the date and time.
help-worry-hand-in = You can replace your answer as long as the assignment is open. Only your teacher will hear it.
help-title-podcasts = My podcasts
help-lead-podcasts = Take the episodes of your classes along.
help-how-podcasts = Touch Subscribe, then open the address in your podcast app. New episodes arrive by themselves, to listen to even offline.
help-worry-podcasts = Each address is personal. If you lose it, change it: the old one stops working at once.
help-title-subscription = The podcast address
help-lead-subscription = This address brings the episodes into an app.
help-how-subscription = On a phone, touch the name of an app. From a computer, scan the code with the phone, or copy the address and paste it into the app.
help-worry-subscription = Whoever has the address hears the podcast: do not share it, and change it if in doubt.
help-title-children = My children
help-lead-children = Follow what your child listens to for school.
help-how-children = Each subscription and each download is shown, day by day. With one touch you can stop a subscription or change its address.
help-worry-children = Balado counts complete downloads. It keeps neither place nor network address.
help-title-agenda = The agenda
help-lead-agenda = What comes out and what is due, day by day.
help-how-agenda = Touch Add to my calendar: your phone or computer will receive the dates and keep them up to date.
help-worry-agenda = The calendar address is personal. You can change it at any time.
help-title-inbox = Messages
help-lead-inbox = What Balado has to tell you.
help-how-inbox = A message tells you about an episode, an assignment or an answer. Touch it to go there.
help-worry-inbox = Messages you have read stay in the list.
help-title-account = My account
help-lead-account = Your language, your roles and where you are signed in.
help-how-account = Sign out everywhere also closes forgotten devices, such as a computer in the library.
help-worry-account = Your podcast subscriptions go on after you sign out.
help-title-admin = Settings
help-lead-admin = Choose the modules of your school.
help-how-admin = Each module is turned on or off with one touch, for the whole school.
help-worry-admin = Turning a module off hides its pages; what it holds is kept.
help-title-sign-in = Sign in
help-lead-sign-in = Sign in with the login the school gave you.
help-how-sign-in = Mind capitals and accents. The first time, use the password written on your sheet.
help-worry-sign-in = Lost it? The school office can give you a new one in a moment.
help-title-other = Help
help-lead-other = Balado carries the voice of the class.
help-how-other = Record or deposit, choose your classes, publish.
help-worry-other = What is deposited is safe.

## Words of the script
js-mic-ask = Allow the microphone
js-mic-why = Your browser will ask for permission.
js-mic-refused = The microphone is refused. Touch the lock beside the address of the page, allow the microphone, then try again.
js-mic-absent = No microphone found. Plug one in, then try again.
js-mic-insecure = The microphone only works on a secure page (https).
js-mic-unsupported = This browser cannot record. Update it, or deposit a file.
js-mic-lost = The microphone was unplugged. What you said is kept.
js-mic-choose = Microphone
js-retry = Try again
js-start = Start
js-pause = Pause
js-resume = Resume
js-stop = Finish
js-level = Microphone level
js-ready = Ready. Say a few words: the bar should move.
js-hearing = We hear you well.
js-quiet = We cannot hear you. Come closer to the microphone.
js-recording = Recording
js-paused = Paused
js-saved-as-you-speak = Saved as you speak
js-saved-all = Everything is safe
js-saving = Making it safe…
js-offline = No network: everything is kept here and will leave when it is back.
js-waiting-server = The server does not answer: everything is kept here, trying again soon.
js-session-over = Your session has ended. Sign in from another tab: your recording is kept and will go on.
js-sign-in = Sign in
js-again = Start again
js-hand-in = Hand in
js-undo-again = Recording put aside.
js-undo = Undo
js-leave-warning = The recording is not safe yet.
js-recovery-title = A recording is waiting for you
js-recovery-text = It had not completely left. It is kept on this device.
js-recovery-send = Finish sending
js-recovery-drop = Erase
js-recovery-done = Your recording is safe.
js-sending = Sending
js-sent = Safe
js-left = %time% left
js-percent = %n%%
js-resumed = Resumed where it was
js-cancel = Cancel
js-cancelled = Sending cancelled
js-publish-for = Publish for…
js-failed-send = Sending did not work.
js-preparing = Being prepared
js-play = Play
js-pause-play = Pause
js-position = Position
js-speed = Speed
js-cannot-play = It could not be played. Try again.
js-copied = Copied
js-copy-failed = Could not copy: select the address and copy it.
js-publish-now-for = Publish now for %who%
js-publish-at-for = Publish %when% for %who%
js-publish-nobody = Choose a class
js-and = and
js-next = Next
js-previous = Previous
js-listen-from-start = Listen to all
js-finished = That is all: you have heard everything.
js-minutes = %n% min
js-seconds = %n% s
js-hours = %n% h
js-see-answer = See my answer
js-help = Help
js-close = Close
js-empty-file = This file is empty.
js-file-name = Recording of %date%
js-offline-file = No network. What has left is kept: try again when it is back.
js-make-room = Make room
js-is-ready = “%name%” is ready.
