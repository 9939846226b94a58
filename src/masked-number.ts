/**
 * A telephone number as it is shown to whom it is not meant for: one form wherever that is, and of each number the same
 * digits, so that two places never tell together what neither does.
 */

const shown = 4;
const hiddenAtLeast = 5;

/** `+12145550199` as `+1214***`: the country and the area stay, the person does not. Of a short one less. */
export function maskedNumber(number: string): string {
  const sign = number.startsWith('+') ? 1 : 0;
  const kept = Math.max(0, Math.min(shown, number.length - sign - hiddenAtLeast));
  return `${number.slice(0, sign + kept)}***`;
}
