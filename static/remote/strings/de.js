// @ts-check
/** The phone's words in German. */

/** @type {Record<keyof typeof import("./en.js").default, string>} */
export default {
  "app.title": "OneID",
  "app.cancel": "Abbrechen",
  "app.back": "Zurück",
  "app.again": "Noch einmal versuchen",
  "app.done": "Fertig",

  "bar.waits": "Etwas wartet auf Ihre Antwort.",
  "bar.go": "Ansehen",

  "connecting.title": "Einen Moment …",

  "start.title": "Ihre OneID auf diesem Telefon",
  "start.lead": "Dieses Telefon kann bestätigen, was Sie auf Websites tun, und Ihre OneID auf einen neuen Computer "
    + "bringen.",
  "start.how": "Öffnen Sie am Computer Ihre OneID und wählen Sie „Telefon verbinden“. Richten Sie dann die Kamera auf "
    + "den Code, oder tippen Sie die acht Zeichen darunter ein.",
  "start.other": "Auf dem Startbildschirm installiert? Dann tippen Sie den Code hier ein: Die Kamera öffnet ein "
    + "anderes Fenster.",
  "start.go": "Verbinden",
  "code.label": "Code",
  "code.hint": "Acht Buchstaben und Ziffern, etwa K7M2-0X1Q.",

  "meeting.title": "Verbinde …",
  "meeting.lead": "Das andere Gerät soll seine Ziffern zeigen.",

  "replace.title": "Eine andere OneID auf diesem Telefon?",
  "replace.lead": "Dieses Telefon gehört zu {label}. Es kann nur zu einer OneID gehören.",
  "replace.loss": "Wenn Sie weitermachen, verlässt es diese OneID und kann für sie nichts mehr bestätigen.",
  "replace.go": "Verlassen und weiter",
  "replace.keep": "Behalten",

  "digits.title": "Die sechs Ziffern eintippen",
  "digits.lead.phone": "Ihr Computer zeigt jetzt sechs Ziffern. Wenn nicht, brechen Sie ab: Vielleicht fragt jemand "
    + "anderes.",
  "digits.lead.browser": "Der neue Browser zeigt jetzt sechs Ziffern. Tippen Sie sie nur ein, wenn Sie davor sitzen. "
    + "Ziffern, die Ihnen jemand am Telefon sagt, lassen ihn herein.",
  "digits.label": "Sechs Ziffern",
  "digits.hint": "Sie beweisen, dass niemand zwischen den beiden Geräten steht.",
  "digits.go": "Weiter",

  "admit.title": "Diesen Browser hereinlassen?",
  "admit.lead": "Er kann sich dann überall als Sie anmelden.",
  "admit.warning": "Sagen Sie nur Ja, wenn es Ihrer ist und Sie davor sitzen.",
  "admit.go": "Hereinlassen",
  "admit.refuse": "Ablehnen",

  "number.title": "Noch eine Zahl",
  "joining.lead": "Das andere Gerät lässt dieses Telefon herein. Bitte lassen Sie diese Seite offen.",

  "number.lead": "Tippen Sie diese Zahl am anderen Gerät ein. Dann weiß es, dass Sie es waren.",
  "number.label": "Dort einzutippen",
  "number.waiting": "Warte auf das andere Gerät …",

  "paired.title": "Dieses Telefon ist verbunden",
  "paired.lead": "Von jetzt an bestätigt es für {label}.",
  "paired.next": "Benachrichtigungen wecken es, wenn eine Website etwas fragt. Ohne sie öffnen Sie diese Seite, um zu "
    + "sehen, was wartet.",
  "paired.settings": "Benachrichtigungen einrichten",
  "paired.later": "Später",

  "admitted.title": "Es ist dabei",
  "admitted.lead": "Das neue Gerät gehört jetzt zu Ihrer OneID.",

  "ended.title": "Nicht verbunden",
  "ended.attacked": "Bitte versuchen Sie es in diesem Netz nicht noch einmal.",

  "home.title": "Bereit",
  "home.of": "Für {label}.",
  "home.calm": "Nichts wird gefragt. Sie können das Telefon weglegen.",
  "home.asked": "Das wartet auf Ihre Antwort:",
  "home.offline": "Sie sind offline. Was gefragt wird, erscheint hier, sobald Sie wieder verbunden sind.",
  "home.add": "Gerät hinzufügen",
  "home.devices": "Geräte",
  "home.settings": "Einstellungen",

  "asks.confirm": "Etwas bestätigen",
  "asks.signin": "Anmelden",
  "asks.send_2fa": "Der Server einer Website fragt",

  "news.this": "Dieses Telefon soll am {when} aus Ihrer OneID entfernt werden.",
  "news.other": "Das Telefon {name} soll am {when} aus Ihrer OneID entfernt werden.",
  "news.keep": "Jemand mit einem anderen Gerät oder dem OneID-Schlüssel hat das verlangt. Wenn Sie das nicht waren, "
    + "behalten Sie dieses Telefon und sehen Sie sich Ihre Geräte an.",
  "news.go": "Dieses Telefon behalten",

  "confirm.title.confirm": "Bestätigen?",
  "confirm.title.signin": "Anmelden?",
  "confirm.title.send_2fa": "Bestätigen?",
  "confirm.site": "Für",
  "confirm.words": "Die Worte der Website, die Sie bestätigen:",
  "confirm.more": "Die Worte gehen weiter. Scrollen Sie zum Bestätigen bis ans Ende.",
  "confirm.read": "Sie haben das Ende der Worte gesehen.",
  "confirm.signin": "Jemand will sich dort als Sie anmelden.",
  "confirm.unproved": "Niemand hat bewiesen, dass es diese Website ist, die fragt. Bestätigen Sie nur, was Sie dort "
    + "gerade selbst begonnen haben.",
  "confirm.unfit": "Das kann hier nicht bestätigt werden: Es passt nicht zu den Schlüsseln dieses Telefons.",
  "confirm.no_pin": "Das verlangt die PIN dieses Telefons, und es hat noch keine.",
  "confirm.set_pin": "PIN festlegen",
  "confirm.number": "Zahl",
  "confirm.number.hint": "Die zwei Ziffern, die Ihnen die Website jetzt zeigt. Wenn Sie keine sehen, lehnen Sie ab.",
  "confirm.pin": "PIN",
  "confirm.pin.hint": "Die PIN der OneID-App dieses Telefons.",
  "confirm.approve": "Bestätigen",
  "confirm.reject": "Ablehnen",
  "confirm.report": "Das war ich nicht",
  "confirm.report.hint": "„Das war ich nicht“ lehnt ab, und dieser Frager wird nicht mehr gehört, bis Sie es sagen.",

  "told.asked": "Gefragt um",
  "told.until": "Antwort bis",
  "told.address": "Von der Adresse",
  "told.browser": "Mit",
  "told.device": "Nennt sich",
  "told.server": "Gefragt von",
  "told.server.yes": "einem Server, ohne Browser",

  "outcome.approved": "Bestätigt",
  "outcome.approved.lead": "Die Website hat Ihre Antwort.",
  "outcome.rejected": "Abgelehnt",
  "outcome.rejected.lead": "Der Website wurde gesagt, dass Sie Nein gesagt haben.",
  "outcome.reported": "Abgelehnt und stumm",
  "outcome.reported.lead": "Dieser Frager erreicht Sie nicht mehr. Wer stumm ist, steht in den Einstellungen.",
  "outcome.report.hint": "„Das war ich nicht“ stellt diesen Frager stumm.",
  "outcome.expired": "Zu spät",
  "outcome.expired.lead": "Niemand hat rechtzeitig geantwortet, also wurde nichts bestätigt.",
  "outcome.unknown": "Nicht bekannt",
  "outcome.unknown.lead": "Sie haben bestätigt, aber es kam keine Antwort zurück. Ob die Website Ihre hat, ist hier "
    + "nicht bekannt. Bitte sehen Sie dort nach.",
  "outcome.cancelled": "Zurückgezogen",
  "outcome.cancelled.lead": "Wer gefragt hat, will es nicht mehr wissen. Nichts wurde bestätigt.",
  "outcome.gone": "Nicht mehr gefragt",
  "outcome.gone.lead": "Es wurde auf einem anderen Telefon beantwortet oder zurückgezogen.",
  "outcome.elsewhere": "Schon beantwortet",
  "outcome.elsewhere.approved": "Es wurde auf einem anderen Telefon bestätigt. Ihre Antwort hier hat nichts geändert.",
  "outcome.elsewhere.rejected": "Es wurde schon abgelehnt. Ihre Antwort hier hat nichts geändert.",
  "outcome.elsewhere.reported": "Es wurde auf einem anderen Telefon als „nicht ich“ abgelehnt. Ihre Antwort hier hat "
    + "nichts geändert.",
  "outcome.struck": "Abgelehnt",
  "outcome.struck.lead": "Die Zahl war dreimal falsch, deshalb wurde abgelehnt.",

  "devices.title": "Ihre Geräte",
  "devices.this": "dieses Telefon",
  "devices.phone": "Telefon",
  "devices.browser": "Browser",
  "devices.times": "Seit {created}, zuletzt benutzt {used}",
  "devices.ends": "Soll am {when} entfernt werden",
  "devices.revoke": "Entfernen",
  "devices.leave": "Diese OneID verlassen",

  "revoke.title": "Dieses Gerät entfernen?",
  "revoke.title.this": "Diese OneID verlassen?",
  "revoke.lead": "{name} kann sich dann nicht mehr anmelden, sofort und für immer.",
  "revoke.lead.this": "Dieses Telefon, {name}, vergisst Ihre OneID sofort.",
  "revoke.read": "Was das Gerät gelesen hat, bleibt gelesen. Es kann neu verbunden werden.",

  "settings.title": "Einstellungen",
  "settings.push": "Benachrichtigungen",
  "settings.push.on": "An. Eine Benachrichtigung sagt nie, was gefragt wird, nur dass etwas gefragt wird.",
  "settings.push.off": "Aus. Sie sehen, was gefragt wird, solange diese Seite offen ist.",
  "settings.push.denied": "In den Einstellungen dieses Browsers für diese Seite verboten. Erlauben Sie sie dort, dann "
    + "kommen Sie zurück.",
  "settings.push.unsupported": "Dieser Browser hat keine. Auf einem iPhone legen Sie diese Seite zuerst auf den "
    + "Startbildschirm.",
  "settings.push.turn_on": "Einschalten",
  "settings.push.turn_off": "Ausschalten",
  "settings.pin": "PIN",
  "settings.pin.set": "Festgelegt. Manche Websites verlangen sie bei einer Bestätigung.",
  "settings.pin.unset": "Noch keine. Manche Websites verlangen eine bei einer Bestätigung.",
  "settings.pin.make": "PIN festlegen",
  "settings.pin.change": "Ändern",
  "settings.asking": "Was Sie gefragt werden",
  "settings.demands": "Bei jeder Anmeldung ein Telefon fragen",
  "settings.numbers": "Zwei Ziffern eintippen",
  "settings.numbers.hint": "Eine Website zeigt zwei Ziffern, und Sie tippen sie hier ein. Wer nichts davon "
    + "sieht, kann dann nichts bestätigen.",
  "settings.numbers.auto": "Wenn sich Fragen häufen",
  "settings.numbers.always": "Immer",
  "settings.numbers.never": "Nie",
  "settings.save": "Speichern",
  "settings.saved": "Gespeichert.",
  "settings.silenced": "Nicht gehört",
  "settings.silenced.none": "Niemand.",
  "settings.silenced.since": "Seit {day}",
  "settings.unsilence": "Wieder hören",

  "pin.title": "PIN festlegen",
  "pin.title.change": "PIN ändern",
  "pin.lead": "Vier bis zwölf Ziffern. Nach fünf falschen Versuchen hintereinander ist sie für immer gesperrt, und "
    + "dieses Telefon muss neu verbunden werden.",
  "pin.former": "Die bisherige PIN",
  "pin.former.hint": "Sie wird gefragt, damit niemand anderes sie ändert.",
  "pin.new": "Neue PIN",
  "pin.new.hint": "Nicht die, die das Telefon entsperrt.",
  "pin.again": "Noch einmal",
  "pin.again.hint": "Damit ein Vertippen auffällt.",
  "pin.go": "PIN speichern",

  "add.title": "Gerät hinzufügen",
  "add.browser": "Ein neuer Browser",
  "add.browser.lead": "Wählen Sie dort „Mein Telefon benutzen“. Richten Sie die Kamera auf seinen Code, oder tippen "
    + "Sie den Code hier ein.",
  "add.browser.go": "Verbinden",
  "add.phone": "Ein weiteres Telefon",
  "add.phone.lead": "Dieses Telefon zeigt einen Code für das andere.",
  "add.phone.go": "Code zeigen",

  "offer.title": "Ein weiteres Telefon verbinden",
  "offer.lead": "Richten Sie die Kamera des anderen Telefons darauf.",
  "offer.qr": "Ein QR-Code, der ein weiteres Telefon verbindet",
  "offer.typed": "Oder öffnen Sie dort {address} und tippen Sie ein:",
  "offer.until": "Gültig bis {time}, einmal.",
  "offer.digits.title": "Zwei Zahlen",
  "offer.digits.lead": "Tippen Sie die sechs Ziffern am anderen Telefon ein. Es zeigt Ihnen dann vier Ziffern; tippen "
    + "Sie sie hier ein.",
  "offer.digits": "Dort einzutippen",
  "offer.number": "Die Zahl des anderen Telefons",
  "offer.number.hint": "Vier Ziffern. Bevor sie stimmen, verlässt nichts dieses Telefon.",
  "offer.waiting": "Warte auf das andere Telefon …",
  "offer.go": "Verbinden",

  "removed.title": "Dieses Telefon wurde entfernt",
  "removed.lead": "Es gehört nicht mehr zu Ihrer OneID und kann nichts bestätigen.",
  "removed.next": "Um es wieder zu benutzen, verbinden Sie es neu, von einem Computer oder einem anderen Telefon aus.",
  "removed.go": "Neu beginnen",

  "misplaced.title": "Falsche Adresse",
  "misplaced.lead": "Diese Seite wurde als {here} geöffnet, der Dienst heißt aber {origin}. Hier gemachte Schlüssel "
    + "wären nutzlos.",

  "error.title": "Das hat nicht geklappt",
  "error.unknown": "Etwas Unerwartetes ist geschehen. Nichts wurde geändert.",
  "error.network": "Der Dienst war nicht zu erreichen. Sind Sie online?",
  "error.unreadable_answer": "Der Dienst gab eine unverständliche Antwort. Bitte versuchen Sie es gleich noch einmal.",
  "error.unavailable": "Der Dienst ist gerade beschäftigt. Bitte versuchen Sie es gleich noch einmal.",
  "error.internal_fault": "Der Dienst hat einen Fehler gemacht. Bitte versuchen Sie es gleich noch einmal.",
  "error.too_many_requests": "Zu viele Versuche in kurzer Zeit. Bitte warten Sie eine Minute.",
  "error.storage": "Dieser Browser lässt diese Seite nichts speichern, und Schlüssel brauchen einen Platz. Ist das ein "
    + "privates Fenster?",
  "error.seal_broken": "Was der Dienst für Sie aufbewahrt, ließ sich mit Ihrem Schlüssel nicht öffnen. Vielleicht "
    + "wurde es verändert.",
  "error.malformed_member": "Der Dienst hat nicht verstanden, was diese Seite wollte. Neu laden kann helfen.",
  "error.malformed_proof": "Der Dienst hat nicht verstanden, was diese Seite wollte. Neu laden kann helfen.",
  "error.proof_not_fresh": "Die Uhr dieses Telefons geht zu falsch. Bitte stellen Sie sie und versuchen Sie es erneut.",
  "error.replayed_proof": "Das war schon einmal getan. Bitte versuchen Sie es noch einmal.",
  "error.signer_refused": "Der Dienst kennt dieses Telefon nicht mehr.",
  "error.signer_revoked": "Dieses Telefon wurde aus Ihrer OneID entfernt.",
  "error.device_locked": "Ihre OneID ist auf diesem Telefon abgemeldet.",
  "error.device_refused": "Dieses Gerät gehört nicht zu Ihrer OneID.",
  "error.already_taken": "Dieses Gerät gehört schon zu einer anderen OneID.",
  "error.phone_required": "Das darf nur ein Telefon Ihrer OneID.",
  "error.too_many_phones": "Ihre OneID hat schon acht Telefone. Entfernen Sie zuerst eines.",
  "error.malformed_code": "Ein Code hat acht Buchstaben und Ziffern und kein U.",
  "error.wrong_digits": "Das sind nicht die Ziffern, die das andere Gerät zeigt. Bitte vergleichen Sie sie und tippen "
    + "Sie sie noch einmal ein.",
  "error.wrong_finish": "Das ist nicht die Zahl, die das andere Telefon zeigt. Bitte tippen Sie sie noch einmal ein.",
  "error.pairing_refused": "Das andere Gerät hat Nein gesagt, oder etwas wurde dreimal falsch eingetippt. Nichts wurde "
    + "übergeben.",
  "error.pairing_attacked": "Jemand stand zwischen den beiden Geräten, oder der Dienst ist defekt. Nichts wurde "
    + "übergeben.",
  "error.pairing_expired": "Dieser Code gilt nicht mehr: Er lebt zwei Minuten und gilt einmal. Lassen Sie einen neuen "
    + "zeigen.",
  "error.pairing_ended": "Das andere Gerät hat dies beendet. Nichts wurde übergeben.",
  "error.not_in": "Das andere Gerät wurde nicht fertig, deshalb wurde dieses Telefon nicht hereingelassen. Nichts "
    + "wurde geändert. Bitte beginnen Sie dort noch einmal.",
  "error.taken_back": "Das neue Gerät wurde nicht fertig, oder jemand hat Nein gesagt. Es wurde wieder aus Ihrer OneID "
    + "entfernt.",
  "error.not_taken_back": "Das neue Gerät wurde nicht fertig und konnte nicht wieder aus Ihrer OneID entfernt werden. "
    + "Bitte sehen Sie Ihre Geräte an und entfernen Sie es dort.",
  "error.refused_here": "Sie haben abgelehnt. Nichts wurde übergeben.",
  "error.unpaired": "Dieses Telefon hat noch keine OneID und kann keinen Browser hereinlassen. Verbinden Sie zuerst "
    + "das Telefon.",
  "error.confirmation_refused": "Danach werden Sie nicht mehr gefragt.",
  "error.approval_refused": "Der Dienst hat diese Bestätigung nicht angenommen. Nichts wurde bestätigt.",
  "error.control_key_refused": "Der Dienst kennt keinen Schlüssel dieses Telefons für diese Website. Neu laden kann "
    + "helfen.",
  "error.number_refused": "Das ist nicht die Zahl, die dort gezeigt wird. Nach drei falschen wird abgelehnt.",
  "error.malformed_number": "Bitte tippen Sie die zwei Ziffern ein, die dort gezeigt werden, von 10 bis 99.",
  "error.pin_refused": "Das ist nicht die PIN dieses Telefons.",
  "error.pin_locked": "Die PIN war fünfmal falsch und ist gesperrt. Um wieder eine zu benutzen, verbinden Sie dieses "
    + "Telefon neu.",
  "error.pin_unset": "Dieses Telefon hat noch keine PIN. In den Einstellungen legen Sie eine fest.",
  "error.malformed_pin": "Eine PIN hat vier bis zwölf Ziffern.",
  "error.pin_differs": "Die beiden neuen PINs sind verschieden.",
  "error.unfit": "Das kann hier nicht bestätigt werden: Es passt nicht zu den Schlüsseln dieses Telefons.",
  "error.push_denied": "Benachrichtigungen wurden nicht erlaubt.",
  "error.push_unavailable": "Dieser Browser konnte sich gerade nicht für Benachrichtigungen anmelden. Die Seite selbst "
    + "geht auch ohne.",
  "error.push_refused": "Der Dienst sendet nicht an den Push-Dienst dieses Browsers. Die Seite selbst geht auch ohne.",
};
