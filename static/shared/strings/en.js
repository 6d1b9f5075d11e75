// @ts-check
/** The names of cards, fields and values in English, the language that the others are held against. */

export default {
  "card.name": "Name",
  "card.email": "E-mail",
  "card.phone": "Phone",
  "card.company": "Company",
  "card.address": "Address",
  "card.payment": "Payment card",

  "field.first_name": "First name",
  "field.last_name": "Last name",
  "field.email": "E-mail address",
  "field.phone": "Phone number",
  "field.employer": "Company",
  "field.occupation": "Occupation",
  "field.street": "Street and number",
  "field.street2": "Apartment, floor, care of",
  "field.city": "City",
  "field.state": "State",
  "field.zip": "Postal code",
  "field.country": "Country",
  "field.cc_type": "Card type",
  "field.cc_number": "Card number",
  "field.cc_exp_mo": "Expires: month",
  "field.cc_exp_yr": "Expires: year",
  "field.cc_name_on_card": "Name on the card",
  "field.cc_verify": "Security code",

  "value.AE": "American Express",
  "value.VI": "Visa",
  "value.MC": "Mastercard",
  "value.DI": "Discover",
  "value.none": "Please choose",
};
