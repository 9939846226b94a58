/** An entry of the journal that says what cannot be: no other try will make more of it. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/**
 * Is it what was written that is wrong, or the road to the database? Another try helps only the latter. SQLSTATE class
 * 22 is a bad value, 23 a broken constraint. Whatever else was thrown, a defect of ours among it, is no reason to keep
 * a sound call out of the records.
 */
export function isAboutTheData(error: unknown): boolean {
  if (error instanceof UnreadableEntry) return true;
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}
