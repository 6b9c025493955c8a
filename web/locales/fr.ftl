# Words of the pages, in French. One message per sentence; no HTML. Keys are shared with en.ftl (a test compares them).

## Frame
skip-to-content = Aller au contenu
nav-main = Navigation principale
nav-home = Accueil
nav-deposits = Dépôts
nav-record = Enregistrer
nav-publications = Publiés
nav-podcasts = Mes podcasts
nav-assignments = Travaux
nav-to-hand-in = À rendre
nav-children = Mes enfants
nav-agenda = Agenda
nav-admin = Réglages
nav-inbox = Messages
nav-help = Aide
nav-account = Mon compte, { $name }
unread = non lus
language = Langue
footer-promise = Rien ici ne vient d’ailleurs ni ne part ailleurs : vos sons restent dans l’établissement.
back-home = Retour à l’accueil
search = Chercher
state = État
class = Classe
any-state = Tous les états
any-class = Toutes les classes
nothing-found = Rien ne correspond à cette recherche.
show-all = Tout afficher
show-more = Afficher la suite
optional = facultatif
or = ou
new = Nouveau
title = Titre
when = Quand
now = Maintenant
until = Jusqu’au
save = Enregistrer les changements
edit = Modifier
late = en retard
email = Courriel

## Sign-in
sign-in-title = Bienvenue
sign-in-lead = Les podcasts de vos cours vous attendent.
sign-in = Entrer
login = Identifiant
password = Mot de passe
sign-in-lost = Identifiant ou mot de passe perdu ? La vie scolaire peut vous en donner un nouveau.

## Teacher's home
hello = Bonjour { $name }
teacher-home-lead = Que voulez-vous faire ?
door-record = Enregistrer
door-record-hint = votre voix, tout de suite
door-deposit = Déposer un fichier
door-deposit-hint = son, vidéo, image ou document
door-assign = Donner un travail
door-assign-hint = à l’oral ou par écrit
to-hear = À écouter
to-hear-short = à écouter
to-hear-empty = Vous avez tout écouté. Les prochaines réponses de vos élèves arriveront ici.
listen = Écouter
preparing = En préparation
in-preparation = en préparation
remaining = encore { $time }
recently-published = Publié récemment
recent-empty = Ce que vous publiez pour vos classes apparaîtra ici.
all-publications = Tout ce que j’ai publié
quota = Espace utilisé
quota-nearly-full = Il vous reste { $left } d’espace.
quota-make-room = Faire de la place

## Record
record-title = Enregistrer
record-lead = Parlez : la barre bouge quand le micro vous entend.
record-or-deposit = Déposer plutôt un fichier
record-needs-script = L’enregistrement dans la page a besoin de JavaScript. Vous pouvez l’activer, ou enregistrer avec votre téléphone puis déposer le fichier.

## Deposit
deposit-title = Déposer un fichier
deposit-lead = Balado s’occupe du format : votre fichier sera lisible partout.
deposit-or-record = Enregistrer plutôt ma voix
drop-here = Glissez vos fichiers ici
choose-files = Choisir dans cet appareil
accepted-kinds = Sons, vidéos, images, PDF et documents bureautiques
upload-needs-script = Le dépôt de fichiers a besoin de JavaScript. Activez-le, puis rechargez cette page.
deposits-title = Mes dépôts
deposits-lead = Vos fichiers et enregistrements d’origine, et ce qui en a été fait.
search-deposits = Chercher un dépôt
deposits-empty = Vos enregistrements et vos fichiers seront gardés ici.
preview = Aperçu
safe-you-may-leave = Votre dépôt est en sécurité. Vous pouvez quitter cette page.
original-is-safe = Votre original est en sécurité.
cut = Couper
cut-lead = L’original reste tel quel : ce que vous gardez devient un nouveau dépôt.
cut-keep = Passages à garder
cut-keep-help = Par exemple 0:10-1:20, 2:00-3:30. Laissez vide pour tout garder quand vous partagez aux silences ou aux chapitres.
cut-split = En faire
split-none = un seul enregistrement
split-spans = un enregistrement par passage
split-silences = un enregistrement entre deux longs silences
split-chapters = un enregistrement par chapitre
cut-do = Couper
try-again = Réessayer
published-where = Publié pour
published-nowhere = Pas encore publié. Vous seul voyez ce dépôt.
what-was-made = Fichiers
original = L’original
original-private = visible de vous seul
download = Télécharger
download-sound = Le son seul
open-document = Ouvrir le document
output-mp3 = Son (MP3)
output-mp4 = Vidéo (MP4)
output-jpeg = Image (JPEG)
output-pdf = Document (PDF)
output-poster = Vignette
output-waveform = Forme du son
output-other = Fichier

## Publish
publish = Publier
publish-for = Publier pour…
publish-title = Publier pour…
publish-lead = Choisissez vos classes : elles l’entendront dans leur podcast.
for-classes = Pour
no-classes = Aucune classe ne vous est confiée pour l’instant. L’administration peut vous en attribuer.
on-date = Le…
more-options = Plus
description = Description
tags = Mots-clés
tags-hint = séparés par des virgules
links = Liens
link-address = Adresse du lien
link-label = Texte du lien
companions = Documents joints
publish-before-ready = Vous pouvez publier tout de suite : l’épisode partira dès qu’il sera prêt.
publication-edit-title = Modifier la publication
publication-edit-lead = Les podcasts de vos classes se mettront à jour tout seuls.
published-title = C’est publié
published-soon-title = C’est noté : publié dès que prêt
published-later-title = C’est programmé
published-held-title = En attente de validation
see-as-pupil = Voir comme un élève
join-title = À montrer en classe
join-lead = Chaque élève ouvre cette adresse, se connecte et s’abonne au podcast de sa classe.
qr-code = Code QR de l’adresse
copy-address = Copier l’adresse

## Publications
publications-title = Mes publications
publications-lead = Ce que vos classes peuvent écouter, et qui l’a reçu.
search-publications = Chercher une publication
publications-empty = Ce que vous publiez apparaîtra ici, avec le nombre d’élèves touchés.
publish-again = Publier pour une autre classe
withdraw = Retirer
withdraw-hint = Disparaît des pages et des podcasts. Votre dépôt est gardé.
awaiting-media-hint = L’épisode paraîtra dès que sa préparation sera finie.
seen-as-pupil = Voici ce que voit un élève.
back-to-mine = Revenir à ma page
reached = Élèves touchés
hold-other = Retenu avant publication. L’administration peut vous dire pourquoi.

## Homework
assignments-title = Travaux
assignments-lead = Ce que vous avez demandé, et ce qui reste à écouter.
assignments-empty = Demandez une lecture, un exposé, une récitation : les réponses arriveront ici.
assignment-new-title = Donner un travail
assignment-new-lead = Vos élèves répondent de vive voix ou par un fichier.
instructions = Consigne
instructions-hint = Lisez le poème à voix haute, en deux minutes au plus…
due-at = À rendre pour le
due-word = pour
answer-as = Réponse attendue
family-audio = Un son
family-video = Une vidéo
family-image = Une image
family-document = Un document
family-other = Un fichier
model = Modèle à écouter
model-hint = une de vos publications
no-model = Aucun
opens-at = Visible à partir du
opens-hint = vide : tout de suite
closes-at = Fermé à partir du
closes-hint = vide : les retards restent acceptés
give-assignment = Donner ce travail
listen-all = Écouter les réponses
listen-keys = Espace : lecture ou pause. N : suivante. P : précédente.
answers-empty = Pas encore de réponse. Elles apparaîtront ici, prêtes à écouter à la suite.
answers-podcast = Dans votre application
answers-podcast-hint = Écoutez ces réponses dans le train, comme un podcast privé.
class-grid = La classe
status-heard = écouté
status-to-hear = à écouter
status-late = en retard
status-missing = pas rendu
status-other = rendu
submitted-by = rendu par { $name }
homework-title = À rendre
homework-lead = Vos travaux, le plus pressé d’abord.
homework-empty = Rien à rendre pour le moment.
homework-past = Déjà passés
time-left = Encore { $time }
late-still-open = La date est passée, mais vous pouvez encore rendre.
handed-in = Rendu
hand-in = Rendre
hand-in-again = Remplacer ma réponse
hand-in-again-hint = La nouvelle réponse prendra la place de la première.
hand-in-closed = Il n’est plus possible de rendre ce travail.
my-answer = Rendre mon travail
receipt-title = Votre travail est rendu
receipt-when = Reçu le

## Listener
pupil-home-lead = Voici ce que vos professeurs ont publié pour vous.
new-plural = Nouveau
new-empty = Rien de nouveau. Les prochains épisodes arriveront ici.
take-along = Écouter sans connexion
take-along-lead = Abonnez-vous une fois : les épisodes arrivent tout seuls dans votre téléphone.
plain-home-lead = Voici ce qui se publie dans l’établissement.
plain-empty = Rien n’a encore été publié cette année.
podcasts-title = Mes podcasts
podcasts-lead = Un podcast par classe : abonnez-vous une fois, les épisodes arrivent tout seuls.
podcasts-empty = Vos podcasts apparaîtront ici dès que vous serez inscrit dans une classe.
subscribe = S’abonner
subscribe-other = Autre appareil
device = Appareil
device-phone = Téléphone
device-tablet = Tablette
device-computer = Ordinateur
device-player = Baladeur
last-contact = Vu
never-contacted = Pas encore utilisé
open-in-app = Ouvrir dans une application
app-other = Autre application
scan-with-phone = Ou scanner avec un téléphone
podcast-address = Adresse du podcast
address-is-private = Cette adresse est à vous seul : ne la partagez pas.
address-lost = Adresse perdue ou partagée par erreur ?
change-address = Changer l’adresse
change-address-hint = L’ancienne cesse de marcher tout de suite.
stop-subscription = Arrêter cet abonnement
stop-this-subscription = Arrêter
stop-subscription-hint = Plus aucun appareil ne pourra l’utiliser.
subscription-stopped = Cet abonnement est arrêté. Son adresse ne marche plus.

## Parents
children-title = Mes enfants
children-lead = Ce qu’ils écoutent, et ce qui a été téléchargé.
children-empty = Aucun enfant n’est rattaché à votre compte. L’établissement peut le faire.
last-one = dernier
who-hears-title = Qui peut entendre quoi ?
who-hears = Votre enfant n’entend que ce qui est publié pour ses classes et groupes. Ses propres enregistrements ne sont entendus que par le professeur qui les a demandés. Balado compte les téléchargements, jamais les lieux ni les adresses.
what-they-listen-to = Ce qu’il ou elle écoute
what-was-fetched = Ce qui a été téléchargé
fetched-empty = Rien n’a encore été téléchargé. Chaque téléchargement s’affichera ici, jour par jour.
no-subscriptions = Aucun abonnement pour l’instant.
subscribe-for-child = S’abonner pour mon enfant
held-by = par { $name }
via-page = dans la page

## Others
inbox-title = Messages
inbox-lead = Ce qui s’est passé pour vous.
inbox-empty = Aucun message. Les nouveautés s’annonceront ici.
notice-publication-offered = À écouter, de
notice-assignment-created = À rendre, demandé par
notice-submission-received = Rendu par
notice-deposit-failed = N’a pas pu être préparé.
notice-other = Nouveau
agenda-title = Agenda
agenda-lead = Ce qui paraît et ce qui est à rendre.
agenda-empty = Rien de prévu. Les publications et les travaux à rendre s’afficheront ici.
own-calendar = Dans votre agenda habituel
own-calendar-lead = Une adresse privée ajoute ces dates à l’agenda de votre téléphone ou de votre ordinateur, et les tient à jour.
add-to-calendar = Ajouter à mon agenda
calendar-address = Adresse de l’agenda
get-calendar-address = Obtenir mon adresse
entry-publication = Paraît
entry-due = À rendre
entry-other = Prévu
account-title = Mon compte
roles = Vous êtes
leave = Partir
sign-out = Se déconnecter
sign-out-everywhere = Se déconnecter partout
sign-out-everywhere-hint = Ferme aussi les autres appareils où vous êtes connecté. Les podcasts déjà installés continuent.
role-pupil = Élève
role-teacher = Enseignant
role-assistant = Assistant d’éducation
role-librarian = Documentaliste
role-guardian = Parent
role-inspector = Inspecteur
role-principal = Chef d’établissement
role-administrator = Administrateur
role-other = Membre
admin-lead = Ouvrir ou fermer les modules de l’établissement.
modules-title = Modules
modules-lead = Ouvrez ce que votre établissement utilise. Rien n’est perdu en fermant.
module-messaging = Messagerie
module-messaging-about = Prévient les élèves de ce qui paraît et les enseignants de ce qui est rendu.
module-homework = Casier de travaux
module-homework-about = Les enseignants donnent un travail, les élèves le rendent de vive voix ou par un fichier.
module-agenda = Agenda
module-agenda-about = Une adresse d’agenda privée par personne, avec les parutions et les dates à tenir.
is-on = Ouvert
is-off = Fermé
switch-on = Ouvrir
switch-off = Fermer

## States
state-receiving = en cours d’envoi
state-received = en préparation
state-ready = prêt
state-failed = à revoir
state-abandoned = abandonné
state-draft = brouillon
state-held = en attente de validation
state-awaiting-media = publié dès que prêt
state-scheduled = programmé
state-published = publié
state-withdrawn = retiré
state-expired = terminé
state-other = en cours

## Said after an action
done-published = C’est publié.
done-saved = C’est enregistré.
done-withdrawn = C’est retiré. Votre dépôt est gardé.
done-cut = Découpage lancé. Les nouveaux dépôts apparaîtront ici.
done-retried = Nouvel essai en cours.
done-assigned = Le travail est donné.
done-handed-in = Votre travail est rendu.
done-subscribed = L’adresse est prête : ouvrez-la dans votre application.
done-rotated = L’adresse a changé. L’ancienne ne marche plus.
done-revoked = L’abonnement est arrêté.
done-signed-out-everywhere = Tous vos autres appareils sont déconnectés.
done-module = Le réglage est pris en compte.

## Counts
answers-count = { $n ->
    [0] aucune réponse
    [one] { $n } réponse
   *[other] { $n } réponses
}
reached-count = { $n ->
    [0] aucun élève
    [one] { $n } élève
   *[other] { $n } élèves
}
reached-of = sur { $n }
episodes-count = { $n ->
    [0] aucun épisode
    [one] { $n } épisode
   *[other] { $n } épisodes
}
pages-count = { $n ->
    [one] { $n } page
   *[other] { $n } pages
}
subscriptions-count = { $n ->
    [0] aucun abonnement
    [one] { $n } abonnement
   *[other] { $n } abonnements
}
fetched-week = { $n ->
    [0] rien téléchargé cette semaine
    [one] { $n } téléchargement cette semaine
   *[other] { $n } téléchargements cette semaine
}

## Why a file could not be prepared (codes of the transcoder)
failure-empty = Ce fichier est vide.
failure-unknown-type = Balado ne reconnaît pas ce fichier : ce n’est ni un son, ni une vidéo, ni une image, ni un document.
failure-unsupported-format = Ce format n’est pas accepté. Enregistrez le fichier dans un format courant (MP3, MP4, JPEG, PDF, DOCX, ODT…).
failure-no-media-track = Ce fichier ne contient ni son ni image.
failure-encrypted = Ce fichier est protégé contre la copie et ne peut pas être lu.
failure-password-protected = Ce document est protégé par un mot de passe. Retirez-le, puis déposez à nouveau.
failure-incomplete = Ce fichier est incomplet : il en manque la fin. Déposez à nouveau l’original.
failure-too-long = Cet enregistrement est trop long.
failure-too-big-picture = Cette image est trop grande.
failure-too-many-pages = Ce document a trop de pages.
failure-external-content = Ce fichier n’est qu’une liste qui renvoie à d’autres fichiers. Déposez le son ou la vidéo lui-même.
failure-too-complex = Ce fichier est anormalement volumineux une fois ouvert. Il est refusé par prudence.
failure-damaged = Ce fichier est abîmé et ne peut pas être lu. Vérifiez qu’il s’ouvre chez vous.
failure-cut-too-many = Il y a trop de passages.
failure-quota-exceeded = Il n’y a plus assez d’espace pour ces enregistrements. Faites de la place dans vos dépôts.
failure-cut-beyond = Un passage à garder commence après la fin de l’enregistrement.
failure-other = La préparation n’a pas abouti.

## What went wrong (codes of the service; used for API errors too)
code-sign-in-refused = Identifiant ou mot de passe incorrect. Vérifiez les majuscules.
code-sign-in-too-often = Trop d’essais. Attendez un instant, puis réessayez.
code-signed-out = Vous n’êtes plus connecté. Connectez-vous à nouveau.
code-forbidden = Vous n’avez pas le droit de faire cela.
code-not-found = Introuvable.
code-conflict = Quelqu’un vient de changer cela. Rechargez la page.
code-not-your-class = Cette classe ne vous est pas confiée.
code-title-missing = Donnez un titre.
code-title-too-long = Le titre est trop long.
code-description-too-long = La description est trop longue.
code-list-too-long = Il y a trop d’éléments dans cette liste.
code-language-unknown = Cette langue n’est pas connue.
code-link-invalid = Un lien doit commencer par http:// ou https://.
code-dates-reversed = La fin doit venir après le début.
code-date-invalid = Cette date n’est pas lisible.
code-groups-missing = Choisissez au moins une classe.
code-accepts-missing = Choisissez au moins une sorte de réponse.
code-due-before-open = La date de remise doit venir après l’ouverture.
code-closes-before-due = La fermeture doit venir après la date de remise.
code-deposit-failed = Ce fichier n’a pas pu être préparé : il ne peut pas être publié.
code-deposit-not-failed = Il n’y a rien à réessayer : la préparation suit son cours.
code-cut-nothing = Choisissez au moins un passage à garder.
code-cut-unreadable = Un passage s’écrit comme 0:10-1:20.
code-cut-empty = Un passage est vide : sa fin doit venir après son début.
code-cut-out-of-order = Les passages doivent se suivre sans se chevaucher.
code-cut-beyond = Un passage commence après la fin de l’enregistrement.
code-cut-too-many = Il y a trop de passages.
code-cut-not-media = Seuls un son ou une vidéo peuvent être coupés.
code-cut-not-ready = Cet enregistrement est encore en préparation. Réessayez dans un instant.
code-cut-waiting = Plusieurs découpages sont déjà en cours. Attendez qu’ils soient prêts.
code-publication-withdrawn = Cette publication a été retirée.
code-quota-exceeded = Il n’y a plus assez d’espace pour ce fichier. Faites de la place dans vos dépôts.
code-storage-full = L’espace de l’établissement est plein. Prévenez l’administration ; rien n’est perdu.
code-upload-too-large = Ce fichier dépasse la taille permise.
code-upload-busy = Ce fichier est déjà en cours d’envoi ailleurs.
code-upload-gone = Cet envoi a expiré. Recommencez-le.
code-not-open = Ce travail n’est pas ouvert.
code-kind-refused = Ce travail n’accepte pas cette sorte de fichier.
code-assignment-not-open = Ce travail n’est pas encore ouvert.
code-assignment-closed = Ce travail est fermé : il ne peut plus être rendu.
code-assignment-withdrawn = Ce travail a été retiré.
code-assignment-unknown = Ce travail n’est pas pour vous.
code-assignment-family-refused = Ce travail n’accepte pas cette sorte de fichier.
code-deposit-not-known-yet = Votre fichier arrive encore. Réessayez dans un instant.
code-deposit-used = Cet enregistrement a déjà été rendu.
code-subscription-revoked = Cet abonnement est arrêté.
code-form-forged = Cette page était ouverte depuis trop longtemps. Revenez en arrière, rechargez-la, puis recommencez.
code-school-year-missing = L’établissement n’a pas encore d’année scolaire. Prévenez l’administration.
code-request-too-large = C’est trop long pour être envoyé.
code-password-too-short = Ce mot de passe est trop court.
code-password-common = Ce mot de passe est trop courant.
code-other = Cela n’a pas marché. Réessayez dans un instant.

## Error pages
error-title-not-found = Cette page n’existe pas
error-text-not-found = Elle a peut-être été retirée, ou elle n’est pas pour vous.
error-title-gone = Ce n’est plus là
error-text-gone = Cette adresse a été arrêtée ou changée.
error-title-forbidden = Cette page n’est pas pour vous
error-text-forbidden = Si vous pensez que si, demandez à l’administration de l’établissement.
error-title-unauthenticated = Connectez-vous d’abord
error-text-unauthenticated = Votre session est terminée. Rien n’est perdu.
error-title-invalid = Quelque chose manque
error-text-invalid = Revenez en arrière et vérifiez ce que vous avez saisi.
error-title-conflict = Cela vient de changer
error-text-conflict = Quelqu’un l’a modifié en même temps. Revenez en arrière et rechargez la page.
error-title-locked = Un instant
error-text-locked = C’est en cours d’écriture. Réessayez dans quelques secondes.
error-title-too-large = C’est trop gros
error-text-too-large = Ce fichier dépasse la taille permise.
error-title-too-many = Doucement
error-text-too-many = Trop de demandes à la fois. Réessayez dans une minute.
error-title-full = L’espace est plein
error-text-full = Ce qui est déjà déposé est en sécurité. Faites de la place, ou prévenez l’administration.
error-title-unsupported = Format non accepté
error-text-unsupported = Choisissez un fichier d’un format courant.
error-title-unavailable = Balado se repose un instant
error-text-unavailable = Vos dépôts sont en sécurité. Réessayez dans une minute.
error-title-internal = Quelque chose a cassé chez nous
error-text-internal = Vos dépôts sont en sécurité. Réessayez ; si cela continue, donnez la référence à l’administration.
error-title-other = Cela n’a pas marché
error-text-other = Réessayez dans un instant.
error-reference = Référence { $reference }

## Help: title, what it is for, how, and what worries people
help-other = Autres pages d’aide
help-title-home = L’accueil
help-lead-home = Tout part d’ici : ce qu’il y a à faire et ce qui est nouveau.
help-how-home = Les grands boutons du haut mènent à l’essentiel. En dessous, les listes vous disent ce qui attend et ce qui vient de paraître.
help-worry-home = Rien ne presse : ce que vous laissez en cours vous attend ici.
help-title-record = Enregistrer
help-lead-record = Enregistrez votre voix dans la page, sans rien installer.
help-how-record = Autorisez le micro, vérifiez que la barre bouge, puis touchez le rond rouge. Vous pouvez mettre en pause, arrêter, réécouter et recommencer avant de publier.
help-worry-record = Votre voix est mise en sécurité à mesure que vous parlez. Si le réseau coupe ou si la page se ferme, rien n’est perdu : Balado vous proposera de terminer.
help-title-deposit = Déposer un fichier
help-lead-deposit = Donnez à Balado un son, une vidéo, une image ou un document.
help-how-deposit = Glissez le fichier dans la page ou touchez le bouton. Le format n’a pas d’importance : Balado fabrique les versions qui se lisent partout.
help-worry-deposit = Si l’envoi est interrompu, choisissez à nouveau le même fichier : il reprend où il en était. L’original est gardé et n’est visible que de vous.
help-title-deposits = Mes dépôts
help-lead-deposits = Retrouvez vos originaux et ce qui en a été fait.
help-how-deposits = Chaque ligne dit où en est le dépôt et pour quelles classes il est publié. Touchez-la pour écouter, télécharger ou publier ailleurs.
help-worry-deposits = Retirer une publication ne supprime jamais le dépôt.
help-title-publish = Publier
help-lead-publish = Choisissez qui entend quoi, et quand.
help-how-publish = Donnez un titre, touchez vos classes, choisissez maintenant ou une date. Le bouton redit exactement ce qui va se passer.
help-worry-publish = Seules les classes choisies y ont accès. Vous pouvez modifier ou retirer à tout moment.
help-title-publications = Mes publications
help-lead-publications = Voyez ce que vos classes peuvent écouter.
help-how-publications = Le nombre d’élèves touchés compte ceux qui ont téléchargé l’épisode en entier, dans la page ou dans leur application.
help-worry-publications = Une publication retirée disparaît aussitôt des pages et des podcasts.
help-title-assignments = Les travaux
help-lead-assignments = Demandez une réponse orale ou un fichier à toute une classe.
help-how-assignments = La grille montre qui a rendu. Touchez Écouter et enchaînez les réponses avec une seule touche, à la vitesse que vous voulez.
help-worry-assignments = Seul le professeur qui a donné le travail entend les réponses.
help-title-hand-in = Rendre mon travail
help-lead-hand-in = Répondez de vive voix ou avec un fichier.
help-how-hand-in = Lisez la consigne, écoutez le modèle, enregistrez-vous, réécoutez, puis touchez Rendre. Un reçu vous donne la date et l’heure.
help-worry-hand-in = Vous pouvez remplacer votre réponse tant que le travail est ouvert. Seul votre professeur l’entendra.
help-title-podcasts = Mes podcasts
help-lead-podcasts = Emportez les épisodes de vos classes.
help-how-podcasts = Touchez S’abonner, puis ouvrez l’adresse dans votre application de podcasts. Les nouveaux épisodes arriveront tout seuls, à écouter même sans réseau.
help-worry-podcasts = Chaque adresse est personnelle. Si vous la perdez, changez-la : l’ancienne cesse de marcher tout de suite.
help-title-subscription = L’adresse du podcast
help-lead-subscription = Cette adresse fait arriver les épisodes dans une application.
help-how-subscription = Sur un téléphone, touchez le nom d’une application. Depuis un ordinateur, scannez le code avec le téléphone, ou copiez l’adresse et collez-la dans l’application.
help-worry-subscription = Quiconque a l’adresse entend le podcast : ne la partagez pas, et changez-la au moindre doute.
help-title-children = Mes enfants
help-lead-children = Suivez ce que votre enfant écoute pour l’école.
help-how-children = Chaque abonnement et chaque téléchargement s’affiche, jour par jour. D’un geste, vous pouvez arrêter un abonnement ou changer son adresse.
help-worry-children = Balado compte les téléchargements complets. Il ne garde ni lieu ni adresse de connexion.
help-title-agenda = L’agenda
help-lead-agenda = Les parutions et les travaux à rendre, jour par jour.
help-how-agenda = Touchez Ajouter à mon agenda : votre téléphone ou votre ordinateur recevra les dates et les tiendra à jour.
help-worry-agenda = L’adresse de l’agenda est personnelle. Vous pouvez la changer à tout moment.
help-title-inbox = Les messages
help-lead-inbox = Ce que Balado a à vous dire.
help-how-inbox = Un message vous prévient d’un épisode, d’un travail à rendre ou d’une réponse. Touchez-le pour y aller.
help-worry-inbox = Les messages lus restent dans la liste.
help-title-account = Mon compte
help-lead-account = Votre langue, vos rôles et vos connexions.
help-how-account = Se déconnecter partout ferme aussi les appareils oubliés, par exemple un ordinateur du CDI.
help-worry-account = Vos abonnements de podcasts continuent après la déconnexion.
help-title-admin = Les réglages
help-lead-admin = Choisissez les modules de votre établissement.
help-how-admin = Chaque module s’ouvre et se ferme d’un geste, pour tout l’établissement.
help-worry-admin = Fermer un module cache ses pages ; ce qu’il contient est gardé.
help-title-sign-in = Entrer
help-lead-sign-in = Connectez-vous avec l’identifiant donné par l’établissement.
help-how-sign-in = Respectez les majuscules et les accents. Au premier essai, prenez le mot de passe écrit sur votre feuille.
help-worry-sign-in = Perdu ? La vie scolaire peut vous en donner un nouveau en un instant.
help-title-other = Aide
help-lead-other = Balado fait circuler la voix de la classe.
help-how-other = Enregistrez ou déposez, choisissez vos classes, publiez.
help-worry-other = Ce qui est déposé est en sécurité.

## Words of the script
js-mic-ask = Autoriser le micro
js-mic-why = Votre navigateur va demander la permission.
js-mic-refused = Le micro est refusé. Touchez le cadenas à côté de l’adresse de la page, autorisez le micro, puis réessayez.
js-mic-absent = Aucun micro trouvé. Branchez-en un, puis réessayez.
js-mic-insecure = Le micro ne marche que sur une page sécurisée (https).
js-mic-unsupported = Ce navigateur ne sait pas enregistrer. Mettez-le à jour, ou déposez un fichier.
js-mic-lost = Le micro s’est débranché. Ce que vous avez dit est gardé.
js-mic-choose = Micro
js-retry = Réessayer
js-start = Commencer
js-pause = Pause
js-resume = Reprendre
js-stop = Terminer
js-level = Niveau du micro
js-ready = Prêt. Dites quelques mots : la barre doit bouger.
js-hearing = On vous entend bien.
js-quiet = On ne vous entend pas. Rapprochez-vous du micro.
js-recording = Enregistrement en cours
js-paused = En pause
js-saved-as-you-speak = Sauvegardé à mesure que vous parlez
js-saved-all = Tout est en sécurité
js-saving = Mise en sécurité…
js-offline = Pas de réseau : tout est gardé ici et partira dès son retour.
js-waiting-server = Le serveur ne répond pas : tout est gardé ici, nouvel essai bientôt.
js-session-over = Votre session est terminée. Connectez-vous dans un autre onglet : votre enregistrement est gardé et reprendra.
js-sign-in = Se connecter
js-again = Recommencer
js-hand-in = Rendre
js-undo-again = Enregistrement mis de côté.
js-undo = Annuler
js-leave-warning = L’enregistrement n’est pas encore en sécurité.
js-recovery-title = Un enregistrement vous attend
js-recovery-text = Il n’était pas encore tout à fait parti. Il est gardé dans cet appareil.
js-recovery-send = Terminer l’envoi
js-recovery-drop = Effacer
js-recovery-done = Votre enregistrement est en sécurité.
js-sending = Envoi
js-sent = En sécurité
js-left = encore %time%
js-percent = %n% %
js-resumed = Reprise là où il en était
js-cancel = Annuler
js-cancelled = Envoi annulé
js-publish-for = Publier pour…
js-failed-send = L’envoi n’a pas abouti.
js-preparing = En préparation
js-play = Lire
js-pause-play = Mettre en pause
js-position = Position
js-speed = Vitesse
js-cannot-play = La lecture n’a pas marché. Réessayez.
js-copied = Copié
js-copy-failed = Copie impossible : sélectionnez l’adresse et copiez-la.
js-publish-now-for = Publier maintenant pour %who%
js-publish-at-for = Publier %when% pour %who%
js-publish-nobody = Choisissez une classe
js-and = et
js-next = Suivante
js-previous = Précédente
js-listen-from-start = Tout écouter
js-finished = C’est fini : vous avez tout écouté.
js-minutes = %n% min
js-seconds = %n% s
js-hours = %n% h
js-see-answer = Voir ma réponse
js-help = Aide
js-close = Fermer
js-empty-file = Ce fichier est vide.
js-file-name = Enregistrement du %date%
js-offline-file = Pas de réseau. Ce qui est parti est gardé : réessayez dès son retour.
js-make-room = Faire de la place
js-is-ready = « %name% » est prêt.
