// @ts-check
/** The popup's words in German. */

/** @type {Record<keyof typeof import("./en.js").default, string>} */
export default {
  "language": "Deutsch",
  "app.title": "OneID",
  "app.cancel": "Abbrechen",
  "app.back": "Zurück",
  "app.continue": "Weiter",
  "app.again": "Noch einmal versuchen",
  "app.close": "Sie können dieses Fenster schließen.",
  "site.for": "Sie kommen von",
  "site.to": "Sie melden sich an bei",
  "site.asks": "Diese Website fragt",

  "connecting.title": "Einen Moment …",

  "alone.title": "Das ist OneID",
  "alone.lead": "Eine Identität, um sich auf Websites anzumelden, ohne Passwörter. Sie wohnt in diesem Browser.",
  "alone.list": "In diesem Browser",
  "alone.account": "Ihre Karten, Geräte und Websites",
  "alone.next": "Um sie zu benutzen, wählen Sie auf einer Website „Mit OneID anmelden“.",
  "alone.severed": "Hat eine Website dieses Fenster geöffnet? Von hier ist sie nicht erreichbar. Bitte sagen Sie es "
    + "ihr.",

  "refused.title": "Diese Website kann OneID nicht benutzen",
  "refused.site": "Die Verbindung zu {origin} ist ungeschützt. Wer dazwischen sitzt, könnte sich in Ihrem Namen "
    + "anmelden.",
  "refused.opaque": "Die Seite, die dieses Fenster geöffnet hat, hat keine eigene Adresse. Niemand wüsste, wo Sie "
    + "sich anmelden.",
  "refused.own": "Dieses Fenster hat der Dienst selbst geöffnet. Bei ihm meldet man sich nicht an.",
  "refused.by_repo": "Der Dienst nimmt keine Anmeldungen bei {origin} an. Bitte sagen Sie es der Website.",
  "refused.nothing": "Nichts wurde weitergegeben. Sie können dieses Fenster schließen.",
  "refused.address.title": "Falsche Adresse",
  "refused.address": "Diese Seite wurde als {here} geöffnet, der Dienst heißt aber {origin}. Hier gemachte "
    + "Schlüssel wären nutzlos.",

  "refused.attr": "Was die Website haben möchte, ist nicht in Ordnung. Bitte sagen Sie es ihr.",

  "welcome.title": "Mit OneID anmelden",
  "welcome.lead": "Ohne Passwort und ohne E-Mail-Adresse. Jede Website bekommt einen eigenen Schlüssel und kann "
    + "Ihnen nicht zu einer anderen folgen.",
  "welcome.create": "OneID anlegen",
  "welcome.have": "Ich habe einen OneID-Schlüssel",
  "welcome.phone": "Mein Handy benutzen",

  "create.title": "OneID anlegen",
  "create.lead": "Sie entsteht in diesem Browser, in einer Sekunde. Über Sie wird nichts gefragt.",
  "create.label": "Ein Name dafür",
  "create.hint": "Diesen Namen sehen nur Sie.",
  "create.go": "Meine OneID anlegen",
  "create.first": "Meine OneID",
  "create.next": "OneID {number}",
  "create.kept": "Das wird für Sie aufbewahrt:",

  "silent.title": "Mit einer neuen OneID anmelden",
  "silent.lead": "Ein Tippen legt sie in diesem Browser an und meldet Sie an. Ein Passwort gibt es nicht.",
  "silent.go": "Anlegen und anmelden",

  "key.title": "Ihr OneID-Schlüssel",
  "key.of": "Für {label}.",
  "key.lead": "Geht dieser Browser verloren, bringt nur dieser Schlüssel Ihre OneID zurück. Schreiben Sie ihn auf "
    + "oder sichern Sie ihn.",
  "key.groups": "OneID-Schlüssel, acht Gruppen zu vier Zeichen",
  "key.once": "Wer ihn hat, kann Ihre OneID benutzen. Einen anderen kann Ihnen niemand schicken.",
  "key.replaces": "Ein OneID-Schlüssel, den Sie früher bekommen haben, gilt nicht mehr.",
  "key.copy": "Kopieren",
  "key.copied": "Kopiert",
  "key.uncopied": "Dieser Browser hat ihn nicht kopiert. Bitte markieren und kopieren Sie ihn von Hand.",
  "key.save": "Als Datei sichern",
  "key.saved": "Bitte sehen Sie bei Ihren Downloads nach: dort sollte sie liegen.",
  "key.go": "Ich habe ihn",
  "key.skip": "Vorerst überspringen",
  "key.file": "oneid-schluessel.txt",
  "key.file.text": "Ihr OneID-Schlüssel für {label}, bei {origin}:\n\n{key}\n\n"
    + "Bewahren Sie ihn auf, wo ihn sonst niemand findet. Wer ihn hat, kann Ihre OneID benutzen.\n",

  "skip.title": "Ohne OneID-Schlüssel?",
  "skip.lead": "Ihre OneID ist dann in diesem Browser und sonst nirgends.",
  "skip.lost": "Verlieren Sie diesen Browser oder löschen Sie seine Daten, ist Ihre OneID für immer verloren, auf "
    + "jeder Website. Niemand kann sie wiederherstellen.",
  "skip.yes": "Trotzdem überspringen",
  "skip.no": "Den Schlüssel zeigen",

  "check.title": "Einmal eingeben",
  "check.lead": "Damit Sie wissen, dass stimmt, was Sie aufgeschrieben haben.",
  "check.go": "Prüfen",
  "error.other_key": "Das ist ein OneID-Schlüssel, aber nicht der eben gezeigte.",
  "error.key_forgotten": "Dieser Schlüssel wurde in einem anderen Fenster übersprungen. Bitte gehen Sie zurück; "
    + "„Jetzt sichern“ gibt Ihnen einen neuen.",

  "recover.title": "OneID-Schlüssel benutzen",
  "recover.lead": "Er bringt Ihre OneID in diesen Browser. Der Schlüssel selbst verlässt ihn nie.",
  "recover.go": "Meine OneID hierher holen",
  "recover.label": "OneID-Schlüssel",
  "recover.hint": "32 Buchstaben und Ziffern. Leerzeichen, Striche und Kleinschreibung sind gleichgültig.",

  "key.error.empty": "Bitte geben Sie Ihren OneID-Schlüssel ein.",
  "key.error.letter": "Gruppe {group} hat ein Zeichen, das kein OneID-Schlüssel hat. Es gibt nur Buchstaben und "
    + "Ziffern, und kein U.",
  "key.error.length": "Ein OneID-Schlüssel hat 32 Zeichen. Hier sind es {seen}.",
  "key.error.checksum": "Eines der Zeichen ist falsch. Bitte vergleichen Sie eines nach dem anderen.",
  "key.error.checksum_in": "Eines der Zeichen ist falsch, wahrscheinlich in Gruppe {group}.",

  "lost.title": "Haben Sie Ihr Handy noch?",
  "lost.lead": "Ihre OneID ist hier. Sie ist auch auf:",
  "lost.remove": "Dieses Handy ist weg: entfernen",
  "lost.ends": "Es wird am {time} entfernt, wenn niemand darauf widerspricht.",
  "lost.wait": "Ein Handy wird nach 24 Stunden entfernt. Bis dahin kann es widersprechen, falls nicht Sie es waren.",

  "phone.connect": "Ein Handy verbinden",
  "phone.there": "Handy: {phone}",
  "phone.lost": "Mein Handy ist weg",
  "phone.ends": "Das Handy {phone} wird am {time} entfernt. Wenn Sie das nicht wollen, widersprechen Sie vorher "
    + "darauf.",

  "phoneless.title": "Dafür braucht es Ihr Handy",
  "phoneless.lead": "Die Website möchte, dass Sie auf einem Handy bestätigen, und mit dieser OneID ist noch keines "
    + "verbunden. Das dauert eine Minute.",

  "waiting.title": "Schauen Sie auf Ihr Handy",
  "waiting.lead": "Es zeigt, was diese Website fragt. Bestätigen Sie dort, wenn Sie es so wollen.",
  "waiting.number": "Geben Sie diese Zahl auf Ihrem Handy ein:",

  "pair.phone.title": "Ein Handy verbinden",
  "pair.phone.lead": "Richten Sie die Kamera des Handys auf diesen Code und öffnen Sie die Adresse, die sie findet.",
  "pair.browser.title": "Ihr Handy benutzen",
  "pair.browser.lead": "Richten Sie die Kamera des Handys, das Ihre OneID hat, auf diesen Code. Es bringt Ihre OneID "
    + "in diesen Browser.",
  "pair.qr": "QR-Code für die Kamera Ihres Handys. Statt dessen kann der Code darunter eingegeben werden.",
  "pair.typed": "Oder öffnen Sie diese Adresse auf dem Handy und geben Sie den Code ein:",
  "pair.left": "Gilt einmal, noch",
  "pair.another_phone": "Diese OneID hat schon ein Handy. Ein weiteres wird von dort verbunden: Öffnen Sie OneID auf "
    + "dem Handy, das Sie haben.",

  "digits.title": "Geben Sie diese Ziffern auf Ihrem Handy ein",
  "digits.lead": "Fragt Ihr Handy nicht danach, dann hören Sie hier auf: Dann hat nicht Ihr Handy geantwortet.",
  "digits.waiting": "Warten auf Ihr Handy …",
  "digits.number": "Die Zahl auf Ihrem Handy",
  "digits.number.hint": "Vier Ziffern, die Ihr Handy zeigt, nachdem Sie die sechs eingegeben haben.",

  "paired.title": "Ihr Handy ist verbunden",
  "paired.lead": "Websites können Sie von nun an dort fragen, und es kann Ihre OneID in andere Browser bringen.",
  "paired.key": "Bewahren Sie Ihren OneID-Schlüssel trotzdem auf: Handys gehen verloren.",

  "choose.title": "Welche OneID?",
  "choose.another": "Eine andere OneID benutzen",
  "choose.locked": "Abgemeldet",
  "choose.revoked": "In diesem Browser nicht mehr benutzbar",
  "choose.used": "Zuletzt benutzt {date}",
  "choose.key": "Ihren OneID-Schlüssel benutzen",
  "choose.remove": "Aus dieser Liste entfernen",

  "locked.title": "Sie sind abgemeldet",
  "locked.lead": "{label} ist in diesem Browser abgemeldet. Ein Tippen meldet sie wieder an.",
  "locked.go": "Wieder anmelden",

  "consent.title": "Anmelden?",
  "consent.as": "als",
  "consent.gets": "Die Website bekommt eine Nummer nur für sie. Sie bleibt gleich, wenn Sie wiederkommen; andere "
    + "bekommen andere.",
  "consent.phone": "Danach fragt Ihr Handy, ob Sie bestätigen.",
  "consent.silent": "Mich hier nächstes Mal ohne Rückfrage anmelden",
  "consent.go": "Anmelden",

  "share.title": "Das weitergeben?",
  "share.of": "von",
  "share.tick": "Weitergeben: {card}",
  "share.which": "Welche",
  "share.gone": "Eine Karte, die Sie gewählt hatten, wurde inzwischen gelöscht. Bitte sehen Sie noch einmal nach, was "
    + "weitergegeben würde.",
  "own.called": "Die Website nennt es: {name}",
  "share.nothing": "Davon haben Sie nichts gespeichert.",
  "share.silent": "Diese Website darf es nächstes Mal ohne Rückfrage lesen",
  "share.go": "Weitergeben",
  "share.trouble": "Anmelden können Sie sich trotzdem. Sonst wird nichts weitergegeben.",
  "share.verified": "Diese E-Mail-Adresse ist bestätigt.",
  "share.unverified": "Diese E-Mail-Adresse ist noch nicht bestätigt.",
  "share.verify": "Bestätigen",

  "keep.title": "Das aufbewahren?",
  "keep.lead": "Die Website möchte, dass Ihre OneID das aufbewahrt. Nur Ihre Geräte können es lesen, "
    + "und Websites, die diese Karte schon lesen, sehen die Änderung.",
  "keep.before": "Vorher: {value}",
  "keep.go": "Speichern",

  "email.title": "Sehen Sie in Ihre Post",
  "email.lead": "Ein Code ist unterwegs an {address}.",
  "email.code": "Code",
  "email.hint": "Sechs Ziffern. Sie gelten 30 Minuten.",
  "email.why": "Websites, denen Sie diese Adresse geben, können dann sicher sein, dass sie Ihnen gehört.",
  "email.go": "Bestätigen",
  "email.again": "Einen anderen Code schicken",
  "email.mailed": "Ein anderer Code ist unterwegs. Nur dieser zählt.",

  "remind.text": "Ihr OneID-Schlüssel ist noch nicht gesichert.",
  "remind.again": "Ihr OneID-Schlüssel ist noch nicht gesichert. Sie bekommen einen neuen; einer, den Sie früher "
    + "gesehen haben, gilt dann nicht mehr.",
  "remind.go": "Jetzt sichern",

  "done.title": "Sie sind angemeldet",
  "done.shared": "Es wurde weitergegeben",
  "done.kept": "Es ist für Sie aufbewahrt",
  "done.cancelled": "Nichts wurde weitergegeben",

  "error.title": "Das hat nicht geklappt",
  "error.unknown": "Etwas Unerwartetes ist geschehen. Nichts wurde geändert.",
  "error.network": "Der Dienst war nicht erreichbar. Sind Sie online?",
  "error.unreadable_answer": "Der Dienst hat unverständlich geantwortet. Bitte versuchen Sie es gleich noch einmal.",
  "error.unavailable": "Der Dienst ist gerade ausgelastet. Bitte versuchen Sie es in Kürze noch einmal.",
  "error.internal_fault": "Der Dienst hat einen Fehler gemacht. Bitte versuchen Sie es gleich noch einmal.",
  "error.too_many_requests": "Zu viele Versuche in kurzer Zeit. Bitte warten Sie eine Minute und versuchen Sie es "
    + "dann noch einmal.",
  "error.storage": "Dieser Browser lässt die Seite nichts speichern, und eine OneID braucht einen Ort. Ist das ein "
    + "privates Fenster?",
  "error.site_silent": "Die Website, die dieses Fenster geöffnet hat, antwortet nicht. Bitte beginnen Sie dort noch "
    + "einmal.",
  "error.seal_broken": "Was der Dienst für Sie aufbewahrt, ließ sich mit Ihrem Schlüssel nicht öffnen. Vielleicht "
    + "wurde es verändert.",
  "error.account_gone": "Diese OneID wurde aus diesem Browser entfernt, vielleicht in einem anderen Fenster.",
  "error.identity_unminted": "Der Dienst konnte Ihre Anmeldung auf dieser Website nicht vorbereiten. Bitte versuchen "
    + "Sie es noch einmal.",
  "error.malformed_member": "Der Dienst hat diese Seite nicht verstanden. Neu laden kann helfen.",
  "error.malformed_nonce": "Was die Website zum Unterschreiben geschickt hat, ist nicht in Ordnung. Bitte sagen Sie "
    + "es ihr.",
  "error.malformed_proof": "Der Dienst hat diese Seite nicht verstanden. Neu laden kann helfen.",
  "error.proof_not_fresh": "Die Uhr dieses Geräts geht zu falsch. Bitte stellen Sie sie und versuchen Sie es noch "
    + "einmal.",
  "error.nonce_expired": "Diese Anmeldung hat zu lange gedauert. Bitte beginnen Sie auf der Website noch einmal.",
  "error.nonce_from_the_future": "Die Uhren stimmen nicht überein. Bitte beginnen Sie auf der Website noch einmal.",
  "error.replayed_proof": "Das wurde schon einmal getan. Bitte versuchen Sie es noch einmal.",
  "error.signer_refused": "Der Dienst kennt diesen Browser für diese OneID nicht.",
  "error.signer_revoked": "Dieser Browser wurde aus dieser OneID entfernt. Ihr OneID-Schlüssel holt sie zurück.",
  "error.device_locked": "Diese OneID ist in diesem Browser abgemeldet.",
  "error.origin_refused": "Diese Website kann OneID nicht benutzen.",
  "error.identity_refused": "Der Dienst kennt Sie auf dieser Website nicht. Bitte versuchen Sie es noch einmal.",
  "error.oneid_key_refused": "Der Dienst kennt zu diesem Schlüssel keine OneID. Ein neuerer Schlüssel ersetzt die "
    + "älteren.",
  "error.device_refused": "Dieses Gerät gehört nicht zu Ihrer OneID.",
  "error.already_taken": "Dieser Schlüssel wird anderswo benutzt. Bitte versuchen Sie es noch einmal.",
  "error.interaction_required": "Bitte gehen Sie zur Website zurück und melden Sie sich noch einmal an.",
  "error.no_phone": "Mit dieser OneID ist kein Handy verbunden.",
  "error.phone_required": "Das kann nur ein Handy dieser OneID.",
  "error.too_many_phones": "Diese OneID hat schon acht Handys. Entfernen Sie zuerst eines.",
  "error.asker_silenced": "Sie haben diese Website auf Ihrem Handy stummgeschaltet. Dort können Sie sie wieder hören.",
  "error.too_many_confirmations": "Auf Ihrem Handy warten zu viele Fragen. Bitte beantworten Sie diese zuerst.",
  "error.confirmation_denied": "Sie haben auf Ihrem Handy abgelehnt.",
  "error.confirmation_timed_out": "Ihr Handy hat nicht rechtzeitig geantwortet.",
  "error.malformed_words": "Was die Website bestätigt haben möchte, ist nicht in Ordnung. Bitte sagen Sie es ihr.",
  "error.pairing_refused": "Das Handy hat abgelehnt.",
  "error.pairing_attacked": "Jemand wollte sich zwischen Ihr Handy und diesen Browser stellen. Nichts wurde "
    + "weitergegeben. Bitte versuchen Sie es in einem anderen Netz.",
  "error.pairing_expired": "Der Code ist abgelaufen. Bitte nehmen Sie einen neuen.",
  "error.pairing_ended": "Das Handy hat aufgehört. Bitte versuchen Sie es noch einmal.",
  "error.wrong_finish": "Das ist nicht die Zahl, die Ihr Handy zeigt.",
  "error.optout_refused": "Diese OneID lässt sich so nicht mehr zurücknehmen.",
  "error.field": "Bitte prüfen Sie dieses Feld: {field}.",
  "error.malformed_attr": "Das ist mehr, als hier hineinpasst.",
  "error.malformed_value": "Eines der Felder ist nicht richtig ausgefüllt.",
  "error.rolled_back": "Der Dienst hat einen älteren Stand Ihrer Karten gezeigt, als dieser Browser schon gesehen hat. "
    + "Bis das behoben ist, wird keine davon benutzt.",
  "error.version_conflict": "Das wurde gleichzeitig auf einem anderen Gerät geändert. Bitte versuchen Sie es noch "
    + "einmal.",
  "error.card_refused": "Diese Karte gibt es nicht mehr.",
  "error.too_many_cards": "Ihre OneID bewahrt so viel auf, wie sie darf. Löschen Sie zuerst eine Karte oder "
    + "lassen Sie sie eine Website vergessen.",
  "error.malformed_address": "An diese Adresse lässt sich nichts schicken.",
  "error.address_code_refused": "Dieser Code ist falsch oder gilt nicht mehr.",
  "error.mail_unavailable": "Gerade kann keine E-Mail verschickt werden. Bitte versuchen Sie es später noch einmal.",
  "error.sealed_too_large": "Das ist zu viel zum Aufbewahren. Ein kürzerer Name kann helfen.",
};
