import type { Logger } from 'pino';

/** What was acquired, in order. */
export type Releases = (() => unknown)[];

/** Gives all of it back, the last first; never rejects. A second time there is nothing left to give back. */
export async function releaseAll(releases: Releases, logger: Logger): Promise<void> {
  for (const release of releases.splice(0).reverse()) {
    try {
      await release();
    } catch (error) {
      // The others still hold locks, ports and a database.
      logger.error({
        event: 'release_failed',
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  }
}
