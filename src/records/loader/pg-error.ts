/**
 * Is it what was written that is wrong, or the road to the database? Another try helps only the latter. SQLSTATE class
 * 22 is a bad value, 23 a broken constraint; a TypeError is ours, from an entry that is not what it should be.
 */
export function isAboutTheData(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}
