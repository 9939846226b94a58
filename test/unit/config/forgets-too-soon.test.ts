import { expect, test } from 'vitest';
import { base, changed, problemsOf } from './support.ts';

const capped = changed(
  'clickwise: { payout',
  'clickwise: { caps: [ { count: converted, limit: 5, per: ever } ], payout_caps: [ { limit: 5.00, per: month }, { limit: 9.00, per: ever } ], payout',
  base,
);

test('a cap that counts longer than records are kept is refused; what publishers were paid outlives the records', async () => {
  const kept = changed('carriers:', 'records: { keep: 7d }\ncarriers:', capped);
  const problems = await problemsOf(kept);
  expect(problems.map(({ severity, path }) => [severity, path])).toEqual([
    ['error', 'publishers.clickwise.caps.0'],
  ]);
});

test('and is right where they are kept for ever', async () => {
  expect(await problemsOf(capped)).toEqual([]);
});
