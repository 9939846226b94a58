import { expect, test } from 'vitest';
import { faults } from '../../scripts/drill/faults/index.ts';
import { runFault } from '../../scripts/drill/faults/run.ts';

/** Those of half a minute at most; a full disk and kill -9 have suites of their own, the others are `npm run drill -- all`. */
const short = [
  ...['drachtio-killed', 'freeswitch-killed', 'freeswitch-cut', 'trunk-503'],
  ...['stalled', 'terminated'],
];

/** A real server is its owner's to kill: without a command for that, the drills that kill one are not run. */
const mayKill = ['TOLLBRIDGE_DRACHTIO', 'TOLLBRIDGE_FREESWITCH'].every(
  (server) => process.env[server] === undefined || process.env[`${server}_COMMAND`] !== undefined,
);
const rehearsed = faults.filter(
  ({ name, engines }) => short.includes(name) && (mayKill || engines === 'inside'),
);

test.each(rehearsed)('$name: $line', { timeout: 240_000 }, async (fault) => {
  expect((await runFault(fault)).faults).toEqual([]);
});
