/** An entry of the journal that says what cannot be: no other try will make more of it. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/**
 * Is it what was written that is wrong, or the road to the database? Another try helps only the latter. SQLSTATE class
 * 21 is a statement that its rows contradict, 22 a bad value, 23 a broken constraint, 54 more than fits.
 */
export function isAboutTheData(error: unknown): boolean {
  if (error instanceof UnreadableEntry) return true;
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(2[123]|54)...$/.test(error.code)
  );
}

/** A fault of ours, such as an entry may bring to light: the connection has no part in it. */
export function isDefect(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
