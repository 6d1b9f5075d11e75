// @ts-check
/** Die Namen der Karten, Felder und Werte auf Deutsch. */

export default {
  "card.name": "Name",
  "card.email": "E-Mail",
  "card.phone": "Telefon",
  "card.company": "Firma",
  "card.address": "Adresse",
  "card.payment": "Zahlungskarte",

  "field.first_name": "Vorname",
  "field.last_name": "Nachname",
  "field.email": "E-Mail-Adresse",
  "field.phone": "Telefonnummer",
  "field.employer": "Firma",
  "field.occupation": "Beruf",
  "field.street": "Straße und Hausnummer",
  "field.street2": "Wohnung, Etage, Adresszusatz",
  "field.city": "Ort",
  "field.state": "Bundesstaat",
  "field.zip": "Postleitzahl",
  "field.country": "Land",
  "field.cc_type": "Kartenart",
  "field.cc_number": "Kartennummer",
  "field.cc_exp_mo": "Gültig bis: Monat",
  "field.cc_exp_yr": "Gültig bis: Jahr",
  "field.cc_name_on_card": "Name auf der Karte",
  "field.cc_verify": "Prüfnummer",

  "value.AE": "American Express",
  "value.VI": "Visa",
  "value.MC": "Mastercard",
  "value.DI": "Discover",
  "value.none": "Bitte wählen",
};
