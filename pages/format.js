// How things are written: times on the network's clock, money as the API tells it, numbers in groups.

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** The network's, of whose calls most are. @type {string | null} */
let ownCurrency = null;

/** @param {{ timezone?: string, currency?: string }} network */
export function useNetwork({ timezone, currency }) {
  zone = timezone ?? zone;
  ownCurrency = currency ?? null;
  formats.clear();
}

/** What every page says once, so that not every figure must. */
export const clockAndCurrency = () =>
  `Times and days are those of ${zone}.${ownCurrency === null ? '' : ` Amounts are in ${ownCurrency} where no other currency is named.`}`;

/** @param {string} name @param {Intl.DateTimeFormatOptions} options */
function format(name, options) {
  const known = formats.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
  formats.set(name, made);
  return made;
}

/** @type {Intl.DateTimeFormatOptions} */
const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };

/** `22 Nov 14:05:09`; with the year where it is another. @param {string | null} iso */
export function when(iso) {
  if (iso === null) return '–';
  const at = new Date(iso);
  const year = format('year', { year: 'numeric' });
  const day = format('day', { day: '2-digit', month: 'short' }).format(at);
  return `${year.format(at) === year.format(Date.now()) ? day : date(iso)} ${format('clock', clock).format(at)}`;
}

/** `22 Nov 2026` @param {string | null} iso */
export const date = (iso) =>
  iso === null
    ? '–'
    : format('date', { day: '2-digit', month: 'short', year: 'numeric' }).format(new Date(iso));

/** `14:05:09.123` @param {string | null} iso */
export const exact = (iso) =>
  iso === null ? '–' : format('exact', { ...clock, fractionalSecondDigits: 3 }).format(new Date(iso));

/** `1:05`, `1:02:05` @param {number} ms */
export function duration(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (/** @type {number} */ figure) => String(figure).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/**
 * Decimal text as it came, in groups of three: never through a float.
 * @param {string | null | undefined} amount @param {string | null} [currency]
 */
export function money(amount, currency = null) {
  if (amount === null || amount === undefined) return '–';
  const [, sign = '', units = '', decimals = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(amount) ?? [];
  const text =
    units === '' ? amount : `${sign === '-' ? '−' : ''}${units.replace(/\B(?=(\d{3})+$)/g, ',')}${decimals}`;
  return currency === null ? text : `${text} ${currency}`;
}

/** Among figures whose currency the page names once. @param {string | null | undefined} amount @param {string | null} currency */
export const amount = (amount, currency) => money(amount, currency === ownCurrency ? null : currency);

/** Nothing, in the network's currency. */
export function nothing() {
  const own = ownCurrency === null ? {} : { style: /** @type {const} */ ('currency'), currency: ownCurrency };
  const { maximumFractionDigits: digits } = new Intl.NumberFormat('en', own).resolvedOptions();
  return { amount: (0).toFixed(ownCurrency === null ? 2 : digits), currency: ownCurrency };
}

/** @param {number} figure */
export const count = (figure) => new Intl.NumberFormat('en').format(figure);

/** `no_buyer` to `no buyer`. @param {string | null | undefined} word */
export const words = (word) => (word ?? '–').replaceAll('_', ' ');

/** A value of a record: text, numbers, lists of them. @param {unknown} value */
export function plain(value) {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What the wall shows, as if it were UTC. @param {number} at */
function wall(at) {
  const parts = format('wall', { ...clock, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(
    at,
  );
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return Date.parse(
    `${of['year']}-${of['month']}-${of['day']}T${of['hour']}:${of['minute']}:${of['second']}Z`,
  );
}

const dayMs = 86_400_000;

/**
 * The last days on the network's clock, today among them, as `2026-11-22`; and when the first of them began.
 * @param {number} howMany
 */
export function lastDays(howMany) {
  const today = Math.floor(wall(Date.now()) / dayMs);
  const first = (today - howMany + 1) * dayMs;
  // Where the clock changes between the guess and the midnight, the second turn puts it right.
  let since = first;
  for (let turn = 0; turn < 2; turn += 1) since -= wall(since) - first;
  const days = Array.from({ length: howMany }, (_, at) =>
    new Date(first + at * dayMs).toISOString().slice(0, 10),
  );
  return { days, since: new Date(since).toISOString(), timezone: zone };
}
