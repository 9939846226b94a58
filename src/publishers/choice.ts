/** Which number of a pool an application would like. */
import { areaCodes } from '../routing/area-codes.ts';
import { refused, type Refused } from './publishing.ts';

export type NumberChoice =
  | { readonly kind: 'any' }
  | { readonly kind: 'toll_free' }
  /** Of the North American plan: `214`. */
  | { readonly kind: 'area_code'; readonly areaCode: string }
  /** As postal codes have it: `TX`, `ON`. */
  | { readonly kind: 'state'; readonly state: string };

/** Freephone of the North American plan, and the international one. */
const tollFree = '^\\+(1(800|833|844|855|866|877|888)[0-9]{7}|800[0-9]{8})$';

/** What such numbers look like, for Postgres as for JavaScript; null: any will do. Of a choice that can be asked for. */
export function patternOf(choice: NumberChoice): string | null {
  switch (choice.kind) {
    case 'any':
      return null;
    case 'toll_free':
      return tollFree;
    case 'area_code':
      return `^\\+1${choice.areaCode}`;
    case 'state':
      return `^\\+1(${areaCodesOf(choice.state.toUpperCase()).join('|')})[2-9][0-9]{6}$`;
  }
}

/** Of none, one that no number has. */
function areaCodesOf(state: string): readonly string[] {
  const codes = areaCodes.flatMap(([, of, written]) => (of === state ? written.split(' ') : []));
  return codes.length === 0 ? ['000'] : codes;
}

/** Null where it can be asked for. */
export function badChoice(choice: NumberChoice): Refused<'bad_choice'> | null {
  if (choice.kind === 'area_code' && !/^[2-9]\d\d$/.test(choice.areaCode))
    return refused('bad_choice', `"${choice.areaCode}" is no area code: three digits, like 214`);
  if (choice.kind === 'state' && !/^[a-z]{2}$/i.test(choice.state))
    return refused('bad_choice', `"${choice.state}" is no state: two letters, like TX`);
  return null;
}

export function inWords(choice: NumberChoice): string {
  switch (choice.kind) {
    case 'any':
      return 'number';
    case 'toll_free':
      return 'toll-free number';
    case 'area_code':
      return `number with the area code ${choice.areaCode}`;
    case 'state':
      return `number of ${choice.state.toUpperCase()}`;
  }
}
