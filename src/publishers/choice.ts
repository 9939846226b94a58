/** Which number of a pool an application would like. */
import { parseNumber } from '../routing/number.ts';
import { refused, type Refused } from './publishing.ts';

export type NumberChoice =
  | { readonly kind: 'any' }
  | { readonly kind: 'toll_free' }
  /** Of the North American plan: `214`. */
  | { readonly kind: 'area_code'; readonly areaCode: string }
  /** As postal codes have it: `TX`, `ON`. */
  | { readonly kind: 'state'; readonly state: string };

/** Freephone of the North American plan, and the international one. */
const tollFree = /^\+(?:1(?:800|833|844|855|866|877|888)\d{7}|800\d{8})$/;

export function fits(number: string, choice: NumberChoice): boolean {
  switch (choice.kind) {
    case 'any':
      return true;
    case 'toll_free':
      return tollFree.test(number);
    case 'area_code':
      return number.startsWith(`+1${choice.areaCode}`);
    case 'state':
      return parseNumber(number, '')?.state === choice.state.toUpperCase();
  }
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
