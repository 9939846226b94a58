import { expect, it } from 'vitest';
import { mostLines } from '../../../src/publishers/number-csv.ts';
import { entriesOf } from '../../../src/publishers/numbers-of-file.ts';
import { aGiven } from '../../records/support/publishing-stage.ts';

const given = aGiven();
const fileOf = (many: number, line: (at: number) => string): string =>
  ['number,pool', ...Array.from({ length: many }, (_, at) => line(at))].join('\n');

/** How often the event loop came round while it was read. */
async function turnsDuring(reading: Promise<unknown>): Promise<number> {
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  await reading;
  clearImmediate(next);
  return turns;
}

it.each([
  ['as E.164', (at: number) => `+1312${5000000 + at},local`],
  ['as people write them, in quotes', (at: number) => `"(312) ${500 + (at % 400)}-${1000 + at}", "local"`],
  ['with an error in each', (at: number) => `${at},nowhere`],
])('numbers %s are read in portions: calls get a turn after every hundred', async (_, line) => {
  const many = 5_000;
  expect(await turnsDuring(entriesOf(fileOf(many, line), given))).toBeGreaterThanOrEqual(many / 100 - 1);
});

it('of a long file every error is named by its line', async () => {
  const file = fileOf(1_000, (at) => (at % 10 === 7 ? 'twelve,local' : `+1312${5000000 + at},local`));
  const { entries, problems } = await entriesOf(file, given);
  expect(entries).toHaveLength(900);
  expect(problems.map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_, at) => at * 10 + 9));
  expect(entries[0]).toEqual({ line: 2, number: '+13125000000', pool: 'local' });
});

it('a quote that does not close spoils its own line alone', async () => {
  const { entries, problems } = await entriesOf(
    'number,pool\n"+13125550100,local\n"+13125550101",local',
    given,
  );
  expect(problems).toEqual([{ line: 2, message: 'its quotes do not close' }]);
  expect(entries).toEqual([{ line: 3, number: '+13125550101', pool: 'local' }]);
});

it('a file that is longer than any inventory is refused where it grows too long', async () => {
  const { problems } = await entriesOf(`number,pool${'\n'.repeat(mostLines)}+13125550100,local\n`, given);
  expect(problems).toEqual([{ line: mostLines + 1, message: 'a file has 200,000 lines at most' }]);
  const full = await entriesOf(`number,pool${'\n'.repeat(mostLines - 1)}+13125550100,local\n`, given);
  expect(full).toMatchObject({ entries: { length: 1 }, problems: [] });
});

it('a line that is longer than any number is refused by its own', async () => {
  const { entries, problems } = await entriesOf(
    `number,pool\n"${'1'.repeat(100_000)}",local\n+13125550100,local`,
    given,
  );
  expect(problems).toEqual([{ line: 2, message: 'is longer than 1000 characters' }]);
  expect(entries).toHaveLength(1);
});
