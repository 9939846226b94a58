/** The switch and its database are killed in the middle of approvals: no number goes to two, and nothing is half done. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { killDatabase } from '../../scripts/drill/database-processes.ts';
import { useSwitch } from '../support/stage.ts';

const token = 'the-networks-own-token';
const howMany = 60;

const stage = useSwitch({
  http: { token },
  buyers: { sunrise: {} },
  campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
});

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly number?: string };
}

async function post(path: string, body: object): Promise<Answer> {
  const response = await fetch(`${stage.switch.http}/api/v1${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

let applications: readonly string[];
beforeAll(async () => {
  await post('/publishers', { id: 'manifold', name: 'Manifold' });
  applications = await Promise.all(
    Array.from({ length: howMany }, async (_, n) => {
      const { body } = await post('/applications', {
        ...{ publisher: 'manifold', campaign: 'solar', source: `source ${n}` },
      });
      return String(body.id);
    }),
  );
});

/** Approves them all at once; once `after` have been told their number, `kill`. What was told, by application. */
async function approveAndKill(
  those: readonly string[],
  after: number,
  kill: () => unknown,
): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  let killed: unknown;
  await Promise.all(
    those.map(async (id) => {
      // Whoever was cut off knows nothing.
      const answer = await post(`/applications/${id}/approve`, {}).catch(() => null);
      if (answer?.status !== 200 || answer.body.number === undefined) return;
      told.set(id, answer.body.number);
      if (told.size >= after) killed ??= kill();
    }),
  );
  await killed;
  return told;
}

/** Of each application, its state and the number that it holds. */
async function standing(): Promise<{ id: string; state: string; number: string | null }[]> {
  const url = await readFile(join(stage.switch.directory, 'data', 'database.url'), 'utf8');
  const client = new pg.Client(url.trim());
  await client.connect();
  const { rows } = await client.query<{ id: string; state: string; number: string | null }>(
    `select applications.id, state, number from applications
       left join holdings on application = applications.id and held_until is null
      where applications.publisher = 'manifold'`,
  );
  await client.end();
  return rows;
}

/** What was told is so; who is approved holds one number, who waits none, and nobody another's. */
async function expectWhole(told: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const rows = await standing();
  expect(rows).toHaveLength(howMany);
  for (const { state, number } of rows) expect(state).toBe(number === null ? 'applied' : 'approved');
  const numbers = rows.flatMap(({ number }) => number ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const [id, number] of told) expect(rows.find((row) => row.id === id)?.number).toBe(number);
  return rows.filter(({ state }) => state === 'applied').map(({ id }) => id);
}

test('kill -9 of the switch, then of its database, while applications are approved', async () => {
  const first = await approveAndKill(applications, 10, async () => {
    stage.switch.signal('SIGKILL');
    await stage.switch.exited;
  });
  expect(first.size).toBeLessThan(howMany);
  await stage.again();
  const waiting = await expectWhole(first);

  stage.expectError(/./);
  const second = await approveAndKill(waiting, 5, () => killDatabase(join(stage.switch.directory, 'data')));
  await expect.poll(() => standing().catch(() => []), { timeout: 20_000 }).toHaveLength(howMany);
  const left = await expectWhole(new Map([...first, ...second]));

  const third = new Map<string, string>();
  for (const id of left) {
    await expect
      .poll(
        () =>
          post(`/applications/${id}/approve`, {}).then(({ status, body }) => {
            if (body.number !== undefined) third.set(id, body.number);
            return status;
          }),
        { timeout: 20_000 },
      )
      .toBe(200);
  }
  console.info(
    `told before the switch died ${first.size}, before the database did ${second.size}, then ${third.size}`,
  );
  expect(await expectWhole(new Map([...first, ...second, ...third]))).toEqual([]);
});
