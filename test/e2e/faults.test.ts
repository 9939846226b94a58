import { expect, test } from 'vitest';
import { faults } from '../../scripts/drill/faults/index.ts';
import { runFault } from '../../scripts/drill/faults/run.ts';

/** Those of half a minute at most; a full disk and kill -9 have suites of their own, the others are `npm run drill -- all`. */
const short = [
  ...['drachtio-killed', 'freeswitch-killed', 'freeswitch-cut', 'trunk-503'],
  ...['stalled', 'terminated'],
];

test.each(faults.filter(({ name }) => short.includes(name)))(
  '$name: $line',
  { timeout: 240_000 },
  async (fault) => {
    expect((await runFault(fault)).faults).toEqual([]);
  },
);
