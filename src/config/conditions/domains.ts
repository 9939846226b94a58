/** Which values an attribute can have, as far as that is certain. */
import { isSupportedCountry } from 'libphonenumber-js';
import { durations } from '../../conditions/condition.ts';
import type { AttributeValue } from '../../conditions/condition.ts';
import { areaCodes } from '../../routing/area-codes.ts';
import { reportedName } from '../../settlement/reported.ts';
import { parseZone } from '../values/locale.ts';

export interface Domain {
  /** All the values there are; not given where there are too many to name. */
  readonly values?: readonly AttributeValue[];
  /** Whether a value can be one; not given: any can. */
  readonly fits?: (value: AttributeValue) => boolean;
  /** Some that fit, to stand for all that nobody names. */
  readonly samples?: readonly AttributeValue[];
}

export type Domains = (attribute: string) => Domain;

/** Of any call of any campaign. */
export const anyCall: Domains = (attribute) =>
  known.get(attribute) ?? (reportedName(attribute) === null ? anything : report);

/** As `wider`, where some attributes are known better. */
export const narrowed =
  (wider: Domains, better: ReadonlyMap<string, Domain>): Domains =>
  (attribute) => {
    const domain = wider(attribute);
    const narrow = better.get(attribute);
    if (narrow === undefined) return domain;
    const fits = (value: AttributeValue): boolean => isIn(domain, value) && isIn(narrow, value);
    const values = narrow.values ?? domain.values;
    const samples = [...(narrow.samples ?? []), ...(domain.samples ?? [])].filter(fits);
    return values === undefined ? { fits, samples } : { values: values.filter(fits), fits };
  };

export function isIn({ values, fits }: Domain, value: AttributeValue): boolean {
  return values === undefined
    ? (fits?.(value) ?? true)
    : values.some((one) => String(one) === String(value)) && (fits?.(value) ?? true);
}

/** It was made, or it is not known. */
const report: Domain = { values: ['yes'] };
const anything: Domain = { samples: ['\u0000', '0'] };
const from0 = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const states = [...new Set(areaCodes.map(([, state]) => state))].filter((state) => state !== '');
const telephoneNumber: Domain = {
  fits: (value) => /^\+[1-9]\d{1,14}$/.test(String(value)),
  samples: ['+15555555555', '+999123456'],
};
const wholeMilliseconds: Domain = {
  samples: [0],
  fits: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0,
};

const known: ReadonlyMap<string, Domain> = new Map<string, Domain>([
  ['caller.number', telephoneNumber],
  [
    'caller.country',
    { fits: (value) => typeof value === 'string' && isSupportedCountry(value), samples: ['ZW', 'IS'] },
  ],
  ['caller.state', { values: states }],
  ['caller.area_code', { fits: (value) => /^[2-9]\d\d$/.test(String(value)), samples: ['999', '211'] }],
  ['caller.timezone', { fits: (value) => parseZone(String(value)).ok, samples: ['UTC', 'Pacific/Honolulu'] }],
  ['caller.anonymous', { values: [true, false] }],
  ['caller.attestation', { values: ['A', 'B', 'C'] }],
  ['call.number', telephoneNumber],
  ['call.hour', { values: from0(24) }],
  ['call.weekday', { values: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }],
  ...[...durations].map((attribute): [string, Domain] => [attribute, wholeMilliseconds]),
]);
