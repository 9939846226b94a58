/**
 * Is it the road to the database that failed, or its readiness? Then another try may find it well. Connection lost
 * (SQLSTATE class 08), no room (53), shut down or starting (57), read-only (25006), lock not had in time (55P03), or no
 * connection at all; not: a password, a missing database, a statement that cannot be.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^(08|53|57)...$|^25006$|^55P03$|^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_AGAIN)/.test(code))
    return true;
  return /^Connection terminated|^timeout exceeded when trying to connect|not queryable$/.test(error.message);
}
