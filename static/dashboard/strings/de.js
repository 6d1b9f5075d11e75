// @ts-check
/** The dashboard's words in German. */

/** @type {Record<keyof typeof import("./en.js").default, string>} */
export default {
  "app.title": "OneID",
  "app.cancel": "Abbrechen",
  "app.back": "Zurück",
  "app.again": "Noch einmal versuchen",

  "row.label": "Bereiche",
  "row.another": "Andere OneID",
  "cards.row": "Karten",
  "devices.row": "Geräte",
  "sites.row": "Websites",
  "activity.row": "Verlauf",
  "account.row": "Konto",

  "connecting.title": "Einen Moment …",

  "none.title": "Keine OneID in diesem Browser",
  "none.lead": "Hier sehen Sie, was Ihre OneID für Sie aufbewahrt und wer es liest.",
  "none.how": "Legen Sie zuerst eine OneID an, oder holen Sie Ihre mit dem Handy oder dem OneID-Schlüssel in diesen "
    + "Browser.",
  "none.go": "Anlegen oder herholen",

  "choose.title": "Welche OneID?",
  "choose.used": "Zuletzt benutzt {date}",
  "choose.locked": "Abgemeldet",
  "choose.revoked": "In diesem Browser nicht mehr benutzbar",

  "locked.title": "Sie sind abgemeldet",
  "locked.lead": "{label} ist in diesem Browser abgemeldet. Ein Tippen meldet sie wieder an.",
  "locked.go": "Wieder anmelden",

  "revoked.title": "Dieser Browser wurde entfernt",
  "revoked.lead": "{label} kann hier nicht mehr benutzt werden.",
  "revoked.how": "Ihr OneID-Schlüssel oder ein Handy, das sie hat, bringt sie in diesen Browser zurück.",
  "revoked.go": "Zurückholen",

  "cards.title": "Ihre Karten",
  "cards.lead": "Was Sie hier aufbewahren, versiegeln Ihre Geräte. Nur diese lesen es, und die Websites, denen Sie "
    + "es erlauben.",
  "cards.none": "Noch keine Karten. Fügen Sie eine hinzu, dann ist die nächste Website, die danach fragt, mit einem "
    + "Klick versorgt. Auch was Sie für eine Website eintippen, wird hier aufbewahrt.",
  "cards.add": "Karte hinzufügen",
  "cards.default": "Standard",
  "cards.prefer": "Als Standard",
  "cards.preferred": "Diese Karte ist jetzt der Standard.",
  "cards.edit": "Bearbeiten",
  "cards.delete": "Löschen",
  "cards.expires": "Gültig bis",
  "cards.uncover": "Zeigen",
  "cards.cover": "Verbergen",
  "cards.number": "{way}: die ganze Kartennummer",
  "cards.of_site": "Von einer Website gemacht. Hier kann man sie löschen, ändern kann sie nur die Website.",
  "cards.broken": "Eine Karte, die sich nicht öffnen lässt",
  "cards.broken.lead": "Sie wurde zuletzt am {when} geändert. Ihr Siegel passt nicht zu Ihrem Schlüssel. Bis sie "
    + "gelöscht ist, bekommen Websites keine Karten, und es lässt sich kein neues Geheimnis machen.",
  "cards.broken.delete": "Löschen: die Karte vom {when}, die sich nicht öffnen lässt",

  "add.title": "Was möchten Sie aufbewahren?",

  "edit.title": "Bearbeiten: {kind}",
  "edit.title.new": "Neu: {kind}",
  "edit.label": "Bezeichnung",
  "edit.label.hint": "Ein Name für diese Karte, wenn Sie mögen. Nur Sie sehen ihn.",
  "edit.go": "Speichern",
  "edit.saved.new": "Gespeichert. Websites können sie lesen, wenn Sie es erlauben.",
  "edit.saved": "Gespeichert. Websites, die diese Karte lesen, lesen die neuen Werte.",

  "remove.title": "Diese Karte löschen?",
  "remove.lead": "{kind}, auf allen Ihren Geräten:",
  "remove.loss": "Sie lässt sich nicht zurückholen. Websites können sie nicht mehr lesen; was sie gelesen haben, "
    + "können sie behalten haben.",
  "remove.done": "Die Karte ist gelöscht.",
  "remove.stayed": "Ein anderes Ihrer Geräte hat diese Karte inzwischen geändert, darum ist sie noch da. Bitte sehen "
    + "Sie sie noch einmal an.",

  "discard.lead": "Eine Karte, die sich nicht öffnen lässt, zuletzt geändert am {when}, auf allen Ihren Geräten.",
  "discard.key": "Vielleicht öffnet sie noch ein anderes Ihrer Geräte. Sehen Sie zuerst dort nach.",

  "email.verified": "Bestätigt",
  "email.unverified": "Nicht bestätigt: Websites bekommen sie als Ihre eigene Angabe.",
  "email.verify": "Bestätigen",
  "email.title": "Diese Adresse bestätigen?",
  "email.lead": "Ein Code geht an {address}.",
  "email.learns": "Der Dienst liest die Adresse nur beim Senden. Er behält einen gesalzenen Hash, damit er für sie "
    + "bürgen kann, wo Sie eine Website sie lesen lassen.",
  "email.replaces": "Eine Adresse kann bestätigt sein. Diese tritt an die Stelle von {address}.",
  "email.go": "Code senden",

  "code.title": "Sehen Sie in Ihre Post",
  "code.lead": "Ein Code ist unterwegs an {address}.",
  "code.label": "Code",
  "code.hint": "Sechs Ziffern, 30 Minuten lang gültig.",
  "code.link": "Der Link in der Nachricht tut dasselbe. Haben Sie ihn geöffnet, gehen Sie einfach zurück.",
  "code.go": "Bestätigen",
  "code.again": "Neuen Code senden",
  "code.sent": "Ein neuer Code ist unterwegs. Der alte gilt nicht mehr.",
  "code.done": "Ihre Adresse ist bestätigt.",

  "devices.title": "Ihre Geräte",
  "devices.lead": "Jedes kann sich als Sie anmelden. Entfernen Sie, was Sie nicht mehr haben.",
  "devices.this": "Dieses",
  "devices.phone": "Handy",
  "devices.browser": "Browser",
  "devices.times": "Seit {created}, zuletzt benutzt {used}",
  "devices.ends": "Wird am {when} entfernt, wenn es nicht widerspricht.",
  "devices.revoke": "Entfernen",
  "devices.leave": "Diesen Browser entfernen",

  "revoke.title.this": "Diesen Browser entfernen?",
  "revoke.title.phone": "Dieses Handy entfernen?",
  "revoke.title.browser": "Dieses Gerät entfernen?",
  "revoke.lead": "{name}:",
  "revoke.this.signs": "Dieser Browser kann sich nicht mehr anmelden, sofort und für immer.",
  "revoke.this.others": "Auf Ihren anderen Geräten geht Ihre OneID weiter.",
  "revoke.this.key": "Nur Ihr OneID-Schlüssel bringt Ihre OneID dann zurück.",
  "revoke.this.lost": "Dies ist Ihr einziges Gerät, und von einem gesicherten OneID-Schlüssel ist nichts bekannt. "
    + "Ihre OneID wäre für immer verloren, auf jeder Website.",
  "revoke.phone.ends": "Das Handy wird in 24 Stunden entfernt, nicht sofort.",
  "revoke.phone.objects": "Bis dahin kann es widersprechen, falls nicht Sie es waren.",
  "revoke.phone.confirms": "Bis dahin bestätigt es weiter für Sie.",
  "revoke.browser.signs": "Es kann sich nicht mehr anmelden, sofort und für immer. Es kann neu verbunden werden.",
  "revoke.browser.read": "Was es gelesen hat, bleibt gelesen.",
  "revoke.ends": "{name} wird am {when} entfernt, wenn es nicht widerspricht.",

  "ended.title": "Es ist draußen",
  "ended.lead": "{name} kann sich nicht mehr anmelden.",
  "ended.offer": "Verloren oder gestohlen? Wer es hat, kann das Geheimnis kopiert haben, das Ihre Karten öffnet. Mit "
    + "einem neuen Geheimnis öffnet die Kopie nichts mehr von dem, was der Dienst von da an aufbewahrt.",
  "ended.enough": "Das genügt",

  "renew.heading": "Ein neues Geheimnis",
  "renew.when": "Alle Ihre Geräte teilen ein Geheimnis, das Ihre Karten öffnet. Wurde eines gestohlen, machen Sie "
    + "ein neues.",
  "renew.open": "Neues Geheimnis machen",
  "renew.title": "Ein neues Geheimnis machen?",
  "renew.lead": "Alles wird neu versiegelt, in diesem Browser. Danach:",
  "renew.others": "Alle anderen Browser sind entfernt und müssen neu verbunden werden.",
  "renew.key": "Ihr OneID-Schlüssel gilt nicht mehr. Im nächsten Schritt bekommen Sie einen neuen.",
  "renew.sites": "Jede Website fragt Sie bei der nächsten Anmeldung einmal. Sie sind dort dieselbe Person, und was "
    + "sie lesen darf, bleibt.",
  "renew.stays": "Ihre Karten bleiben, wie sie sind.",
  "renew.read": "Was jemand mit dem alten Geheimnis gelesen hat, bleibt gelesen. Das lässt sich nicht rückgängig "
    + "machen.",
  "renew.go": "Neues Geheimnis machen",
  "renew.phone.title": "Zuerst Ihr Handy",
  "renewed.title": "Sie haben ein neues Geheimnis",
  "renewed.lead": "Nur dieser Browser ist jetzt verbunden.",
  "renewed.key": "Verlieren Sie jetzt diesen Browser, ist Ihre OneID verloren. Machen Sie zuerst einen neuen "
    + "OneID-Schlüssel, und verbinden Sie damit Ihre anderen Geräte.",
  "renewed.later": "Später",

  "guarded.lead": "Das Handy {phone} bewacht diese OneID. Ein Browser allein kann das nicht tun, falls er in "
    + "falschen Händen ist.",
  "guarded.how": "Entfernen Sie zuerst das Handy unter „Geräte“. Das dauert 24 Stunden, und es kann widersprechen.",
  "guarded.ends": "Das Handy wird am {when} entfernt. Kommen Sie danach wieder.",

  "sites.title": "Ihre Websites",
  "sites.lead": "Jede Website kennt Sie unter einer eigenen Nummer und liest, was Sie ihr erlauben.",
  "sites.none": "Noch keine Websites. Sie erscheinen hier, wenn Sie sich mit OneID bei ihnen anmelden.",
  "sites.reads": "Liest: {cards}",
  "sites.reads.nothing": "Liest nichts von Ihnen.",
  "sites.since": "Seit {day}",
  "sites.since.silent": "Seit {day} · meldet Sie ohne Frage an",
  "sites.open": "Einzelheiten",

  "site.title": "Eine Ihrer Websites",
  "site.since": "Kennt Sie seit {day}",
  "site.reads": "Was sie liest",
  "site.not_given": "Sie hat gefragt, und Sie haben nichts gegeben. Sie fragt nicht noch einmal.",
  "site.changed": "Stand {day}",
  "site.withdraw": "Zurücknehmen",
  "site.withdraw.all": "Alles zurücknehmen",
  "site.ask_again": "Wieder fragen lassen",
  "site.asks_again": "Die Website darf Sie wieder danach fragen.",
  "site.signing": "Anmelden",
  "site.silent": "Ein Klick dort meldet Sie an, ohne Fenster.",
  "site.asks": "Sie fragt Sie jedes Mal.",
  "site.ask": "Jedes Mal fragen",
  "site.asked": "Von jetzt an fragt sie Sie.",
  "site.forget": "Diese Website vergessen",
  "site.back": "Alle Websites",
  "site.gone": "Diese Website ist vergessen",

  "withdraw.title": "Das zurücknehmen?",
  "withdraw.lead": "{site} kann das nicht mehr lesen: {card}.",
  "withdraw.lead.all": "{site} kann nichts mehr von Ihnen lesen.",
  "withdraw.next": "Sie fragt Sie, wenn sie es das nächste Mal will.",
  "withdraw.had": "Was sie bisher gelesen hat, kann sie behalten haben.",
  "withdraw.done": "Zurückgenommen. Die Website fragt Sie beim nächsten Mal.",

  "forget.title": "Diese Website vergessen?",
  "forget.stranger": "Kommen Sie wieder, hält die Website Sie für jemand Neuen. Was Sie dort haben, etwa "
    + "Bestellungen oder ein Konto, erreichen Sie mit OneID dann nicht mehr.",
  "forget.lost": "Ihr Schlüssel für diese Website wird auf allen Geräten gelöscht, und was sie liest, wird "
    + "zurückgenommen.",
  "forget.keeps": "Die Website selbst behält, was sie weiß. Soll das gelöscht werden, sagen Sie es ihr vorher.",
  "forget.final": "Das lässt sich nicht rückgängig machen.",
  "forget.go": "Vergessen",
  "forget.done": "Die Website ist vergessen.",

  "activity.title": "Was geschehen ist",
  "activity.lead": "Die letzten 90 Tage, bis zu hundert von jedem. Ist etwas nicht von Ihnen, sehen Sie bei den "
    + "Geräten nach.",
  "activity.sign_ins": "Anmeldungen",
  "activity.sign_ins.none": "Noch keine.",
  "activity.confirmations": "Bestätigungen auf einem Handy",
  "activity.confirmations.none": "Noch keine.",
  "activity.more": "Alle {number} zeigen",
  "activity.kind.confirm": "Etwas zu bestätigen",
  "activity.kind.signin": "Eine Anmeldung",
  "activity.kind.send_2fa": "Der Server einer Website fragte",
  "activity.state.pending": "wartet",
  "activity.state.approved": "bestätigt",
  "activity.state.rejected": "abgelehnt",
  "activity.state.reported": "„das war ich nicht“",
  "activity.state.expired": "niemand hat geantwortet",
  "activity.state.cancelled": "zurückgezogen",
  "activity.state.unknown": "vorbei",

  "account.title": "Ihre OneID",
  "account.since": "In diesem Browser seit {day}. Ihren Namen kennen nur Ihre Geräte.",

  "key.heading": "OneID-Schlüssel",
  "key.state.saved": "Gesichert. Er bringt Ihre OneID zurück, wenn Sie alle Geräte verlieren.",
  "key.state.begun": "Ihr neuer OneID-Schlüssel ist noch nicht aufgeschrieben. Ein früherer gilt nicht mehr.",
  "key.state.unsaved": "Ob er gesichert ist, weiß hier niemand. Ohne ihn kann mit diesem Browser die OneID verloren "
    + "gehen.",
  "key.state.none": "Sie haben keinen. Ohne ihn kann mit diesem Browser die OneID verloren gehen.",
  "key.make": "OneID-Schlüssel machen",
  "key.another": "Neuen machen",
  "key.go_on": "Jetzt aufschreiben",
  "key.title": "Einen OneID-Schlüssel machen?",
  "key.ends": "Der OneID-Schlüssel, den Sie haben, gilt sofort nicht mehr.",
  "key.shown": "Der neue wird einmal gezeigt, auf der nächsten Seite.",
  "key.written": "Halten Sie etwas zum Schreiben bereit, oder einen Ort zum Sichern.",

  "export.heading": "Eine Kopie von allem",
  "export.lead": "Ihre Karten, Websites, Geräte und was geschehen ist, in einer Datei.",
  "export.open": "Exportieren",
  "export.title": "Alles exportieren?",
  "export.has": "In der Datei stehen Ihre Karten mit den Kartennummern, Ihre Websites und was sie lesen, Ihre Geräte "
    + "und was geschehen ist.",
  "export.here": "Sie wird in diesem Browser geöffnet und zusammengestellt. Nichts wird gesendet.",
  "export.without": "Schlüssel sind nicht darin: Niemand kann sich damit anmelden.",
  "export.warning": "Die Datei ist nicht versiegelt. Wer sie bekommt, kann alles lesen. Bewahren Sie sie auf, wo "
    + "sonst niemand hinkommt, und löschen Sie sie, wenn Sie fertig sind.",
  "export.go": "Datei speichern",
  "export.saved": "Bitte sehen Sie in Ihren Downloads nach: Dort sollte sie sein.",

  "close.heading": "OneID löschen",
  "close.lead": "Für immer, mit allem darin.",
  "close.open": "Diese OneID löschen",
  "close.title": "Diese OneID für immer löschen?",
  "close.what": "{label} endet, überall:",
  "close.sites": "Sie können sich damit nirgends mehr anmelden. Was Sie auf Websites haben, bleibt dort, unerreichbar.",
  "close.cards": "Ihre Karten, Ihre bestätigte Adresse und der Verlauf werden gelöscht.",
  "close.devices": "Alle Geräte und der OneID-Schlüssel hören auf.",
  "close.final": "Niemand kann das rückgängig machen oder wiederherstellen.",
  "close.label": "Der Name dieser OneID",
  "close.hint": "Tippen Sie „{label}“, um zu zeigen, dass Sie es meinen.",
  "close.go": "Für immer löschen",
  "close.phone.title": "Zuerst Ihr Handy",
  "closed.title": "Ihre OneID ist gelöscht",
  "closed.lead": "{label} ist beim Dienst und in diesem Browser weg.",
  "closed.sites": "Websites können behalten haben, was sie von Ihnen wissen. Soll das gelöscht werden, fragen Sie sie.",
  "closed.go": "Zum Anfang",

  "misplaced.title": "Falsche Adresse",
  "misplaced.lead": "Diese Seite wurde als {here} geöffnet, der Dienst heißt aber {origin}. Ihre OneID ist hier "
    + "nicht zu finden.",

  "error.title": "Das hat nicht geklappt",
  "error.title.rolled_back": "Etwas ist nicht, wie es war",
  "error.unknown": "Etwas Unerwartetes ist geschehen.",
  "error.network": "Der Dienst war nicht zu erreichen. Sind Sie online?",
  "error.unreadable_answer": "Der Dienst gab eine Antwort, die keinen Sinn ergibt. Bitte versuchen Sie es gleich "
    + "noch einmal.",
  "error.unavailable": "Der Dienst ist gerade beschäftigt. Bitte versuchen Sie es bald noch einmal.",
  "error.internal_fault": "Der Dienst hat einen Fehler gemacht. Bitte versuchen Sie es gleich noch einmal.",
  "error.too_many_requests": "Zu viele Versuche in kurzer Zeit. Bitte warten Sie eine Weile und versuchen Sie es "
    + "dann noch einmal.",
  "error.storage": "Dieser Browser lässt diese Seite nichts speichern, also kann hier keine OneID sein. Ist das ein "
    + "privates Fenster?",
  "error.seal_broken": "Was der Dienst für Sie aufbewahrt, ließ sich mit Ihrem Schlüssel nicht öffnen. Es wurde "
    + "vielleicht verändert.",
  "error.rolled_back": "Der Dienst zeigte einen älteren Stand Ihrer Karten, als dieser Browser schon gesehen hat. "
    + "Vielleicht wurde er aus einer Kopie wiederhergestellt, oder jemand hat ihn verändert.",
  "error.rolled_back.next": "Nichts wird gezeigt, und nichts wird überschrieben. Ihre anderen Geräte wissen "
    + "vielleicht mehr. Bleibt es so, sagen Sie es bitte dem Betreiber des Dienstes.",
  "error.account_gone": "Diese OneID wurde aus diesem Browser entfernt, vielleicht in einem anderen Fenster.",
  "error.malformed_member": "Der Dienst hat nicht verstanden, was diese Seite gefragt hat. Neu laden hilft vielleicht.",
  "error.malformed_proof": "Der Dienst hat nicht verstanden, was diese Seite gefragt hat. Neu laden hilft vielleicht.",
  "error.proof_not_fresh": "Die Uhr dieses Geräts geht zu falsch. Bitte stellen Sie sie und versuchen Sie es noch "
    + "einmal.",
  "error.replayed_proof": "Das wurde schon einmal getan. Bitte versuchen Sie es noch einmal.",
  "error.signer_refused": "Der Dienst kennt diesen Browser für diese OneID nicht.",
  "error.signer_revoked": "Dieser Browser wurde von dieser OneID entfernt.",
  "error.device_locked": "Diese OneID ist in diesem Browser abgemeldet.",
  "error.device_refused": "Dieses Gerät gehört nicht zu Ihrer OneID.",
  "error.phone_required": "Ein Handy bewacht diese OneID. Entfernen Sie es zuerst, unter „Geräte“.",
  "error.already_taken": "Dieser Schlüssel wird anderswo benutzt. Bitte versuchen Sie es noch einmal.",
  "error.oneid_key_refused": "Der Dienst kennt keinen OneID-Schlüssel dieser OneID. Bitte versuchen Sie es noch "
    + "einmal.",
  "error.card_refused": "Diese Karte ist nicht mehr da. Vielleicht hat ein anderes Ihrer Geräte sie gelöscht.",
  "error.version_conflict": "Ihre anderen Geräte ändern gerade dasselbe. Bitte versuchen Sie es noch einmal.",
  "error.too_many_cards": "Ihre OneID bewahrt so viel auf, wie sie darf. Löschen Sie zuerst eine Karte oder "
    + "lassen Sie sie eine Website vergessen.",
  "error.sealed_too_large": "Das ist zu viel für eine Karte.",
  "error.malformed_attr": "In einem der Felder steht zu viel.",
  "error.malformed_value": "Das sieht nicht richtig aus. Bitte prüfen Sie das markierte Feld.",
  "error.empty_card": "Auf dieser Karte steht noch nichts.",
  "error.malformed_address": "An diese Adresse lässt sich nichts senden. Bitte prüfen Sie sie.",
  "error.address_code_refused": "Dieser Code ist falsch oder gilt nicht mehr. Nach fünf falschen Versuchen lassen "
    + "Sie sich einen neuen senden.",
  "error.malformed_code": "Der Code hat sechs Ziffern.",
  "error.mail_unavailable": "Gerade lässt sich keine Post senden. Bitte versuchen Sie es später noch einmal.",
  "error.identity_refused": "Der Dienst kennt Sie bei dieser Website nicht mehr.",
  "error.origin_refused": "Das ist nicht die Adresse, unter der die Website Sie kennt.",
  "error.other_name": "Das ist nicht der Name dieser OneID.",
};
