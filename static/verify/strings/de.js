// @ts-check
/** Die Wörter der Seite, zu der die Links in E-Mails führen, auf Deutsch. */

export default {
  "app.title": "OneID",
  "confirm.title": "Ist das Ihre E-Mail-Adresse?",
  "confirm.lead": "Sie haben eine E-Mail bekommen, weil jemand Ihre Adresse mit seiner OneID benutzen möchte.",
  "confirm.warning": "Sagen Sie nur ja, wenn Sie das selbst gerade eben verlangt haben. Wer es verlangt hat, kann danach "
    + "Websites zeigen, dass ihm die Adresse gehört.",
  "confirm.go": "Ja, das habe ich verlangt",
  "confirm.refuse": "Das war ich nicht",

  "confirmed.title": "Ihre Adresse ist bestätigt",
  "confirmed.lead": "Sie können diese Seite schließen und dort weitermachen, wo Sie waren.",

  "refuse.title": "Das waren nicht Sie?",
  "refuse.lead": "Dann wird die Adresse nicht bestätigt. Ist die OneID erst Minuten alt und sonst nirgends benutzt, wird "
    + "sie auch geschlossen.",
  "refuse.go": "Nein, das war ich nicht",
  "refuse.back": "Doch, das war ich",

  "refused.title": "Danke",
  "refused.lead": "Die Adresse ist nicht bestätigt, und aus dieser E-Mail wird nichts mehr.",
  "refused.closed": "Die OneID, die jemand damit angelegt hatte, ist geschlossen.",

  "over.title": "Dieser Link gilt nicht mehr",
  "over.lead": "Er wurde benutzt, durch eine spätere E-Mail ersetzt oder ist zu alt. Wenn Sie Ihre Adresse noch "
    + "bestätigen möchten, verlangen Sie dort eine neue E-Mail, wo Sie nach dem Code gefragt wurden.",

  "empty.title": "Öffnen Sie den Link in der E-Mail",
  "empty.lead": "Diese Seite bestätigt E-Mail-Adressen. Sie muss über den Link in der E-Mail geöffnet werden, die Sie "
    + "bekommen haben.",

  "error.network": "Keine Verbindung. Prüfen Sie Ihr Netz und versuchen Sie es noch einmal.",
  "error.too_many_requests": "Gerade zu viele Versuche. Warten Sie eine Minute und versuchen Sie es noch einmal.",
  "error.unknown": "Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.",
};
