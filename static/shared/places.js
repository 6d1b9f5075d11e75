// @ts-check
/** Where people live: the states as the US mail writes them, and the countries of ISO 3166-1. Names for both. */

/** Every code of the USPS (Publication 28, appendix B): states, DC, territories, associated states and the forces. */
export const STATES = Object.freeze(table(
  "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware"
  + "|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas"
  + "|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi"
  + "|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York"
  + "|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island"
  + "|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington"
  + "|WV West Virginia|WI Wisconsin|WY Wyoming"
  + "|AS American Samoa|GU Guam|MP Northern Mariana Islands|PR Puerto Rico|VI Virgin Islands"
  + "|FM Micronesia|MH Marshall Islands|PW Palau"
  + "|AA Armed Forces Americas|AE Armed Forces Europe|AP Armed Forces Pacific",
));

/** The countries of ISO 3166-1 by their two letters. */
export const COUNTRIES = Object.freeze((
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
  + "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
  + "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
  + "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
  + "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
  + "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
  + "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" "));

const STATE_NAMES = new Map([
  ...STATES.map(([code, name]) => /** @type {[string, string]} */ ([plain(name), code])),
  ["washington dc", "DC"], ["us virgin islands", "VI"], ["northern marianas", "MP"],
]);
const STATE_CODES = new Set(STATES.map(([code]) => code));
const COUNTRY_CODES = new Set(COUNTRIES);
const COUNTRY_NAMES = new Map([
  ["usa", "US"], ["united states of america", "US"], ["america", "US"], ["uk", "GB"], ["great britain", "GB"],
  ["england", "GB"], ["scotland", "GB"], ["wales", "GB"], ["northern ireland", "GB"], ["brd", "DE"],
]);
/** @type {Map<string, Map<string, string>>} a language and the codes of the names that it has */
const NAMED = new Map();

/** @param {string} text @returns {string | null} the code of a state that is written as a code or by its name */
export function stateCode(text) {
  const code = text.toUpperCase().replace(/[.\s]/g, "");
  return STATE_CODES.has(code) ? code : STATE_NAMES.get(plain(text)) ?? null;
}

/**
 * @param {string} text
 * @param {readonly string[]} languages whose names are understood
 * @returns {string | null} the code of a country that is written as a code or by its name
 */
export function countryCode(text, languages) {
  const code = text.toUpperCase();
  if (COUNTRY_CODES.has(code)) return code;
  const named = languages.map((language) => codesBy(language).get(plain(text)));
  return named.find((found) => found !== undefined) ?? COUNTRY_NAMES.get(plain(text)) ?? null;
}

/** @param {string} code @param {string} language @returns {string} a country as people call it */
export function countryName(code, language) {
  return new Intl.DisplayNames([language], { type: "region" }).of(code) ?? code;
}

/** @param {string} language @returns {Map<string, string>} none for what is no language */
function codesBy(language) {
  let codes = NAMED.get(language);
  if (codes) return codes;
  try {
    codes = new Map(COUNTRIES.map((code) => [plain(countryName(code, language)), code]));
  } catch {
    codes = new Map(); // some browsers say "C" or the like
  }
  NAMED.set(language, codes);
  return codes;
}

/** @param {string} text @returns {string} its letters alone, small, with single spaces */
function plain(text) {
  return text.toLowerCase().replace(/[.,'’]/g, "").replace(/[\s-]+/g, " ").trim();
}

/** @param {string} text @returns {[code: string, name: string][]} */
function table(text) {
  return text.split("|").map((entry) => [entry.slice(0, 2), entry.slice(3)]);
}
