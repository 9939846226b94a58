import type Mrf from 'drachtio-fsmrf';
import { expect, test } from 'vitest';
import type { FreeswitchEndpoint } from '../../../src/media/freeswitch/endpoint.ts';
import { ownerHeader, sweep, type Seen, type Swept } from '../../../src/media/freeswitch/sweep.ts';

const [one, two, three] = ['1', '2', '3'].map((n) => `${n.repeat(8)}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
];
const nothing: Seen = { orphans: new Set(), missing: new Set() };
const dumpOf = (owner: string) =>
  `Event-Name: CHANNEL_DATA\nvariable_sip_h_${ownerHeader}: ${owner}\nvariable_x: 1\n`;

/** A server whose channels and owners are given; keeps what it was told. */
function server(channels: Readonly<Record<string, string>>, shown?: string) {
  const told: string[] = [];
  const rows = Object.keys(channels).map((uuid) => ({ uuid }));
  const api = (command: string) => {
    const [what, uuid = ''] = command.split(' ');
    if (what !== 'show') told.push(command);
    if (what === 'show') return Promise.resolve(shown ?? JSON.stringify({ row_count: rows.length, rows }));
    return Promise.resolve(what === 'uuid_dump' ? dumpOf(channels[uuid] ?? '') : '+OK');
  };
  return { told, media: { api } as unknown as Mrf.MrfMediaServer };
}

const sweeping = (
  on: ReturnType<typeof server>,
  held: ReturnType<typeof books>,
  before: Seen,
  tell: Swept['tell'] = () => undefined,
) => sweep({ server: on.media, owner: 'ours', endpoints: held.books, books: held.books, tell }, before);

/** Our books, and which of them were told that they are lost. */
function books(...uuids: string[]) {
  const lost: string[] = [];
  const entries = uuids.map((uuid) => [uuid, { lost: () => lost.push(uuid) }] as const);
  return { lost, books: new Map(entries) as unknown as ReadonlyMap<string, FreeswitchEndpoint> };
}

test('a channel of ours that is on no books is killed when it is seen again; those of others are not', async () => {
  const freeswitch = server({ [one]: 'ours', [two]: 'another', [three]: 'ours' });
  const held = books(three);
  const tell: string[] = [];
  const first = await sweeping(freeswitch, held, nothing, (event) => tell.push(event));
  expect(freeswitch.told).toEqual([]);
  expect([...first.orphans]).toEqual([one, two]);
  await sweeping(freeswitch, held, first, (event) => tell.push(event));
  expect(freeswitch.told).toEqual([`uuid_dump ${one}`, `uuid_kill ${one}`, `uuid_dump ${two}`]);
  expect(tell).toEqual(['orphan_channel_killed']);
  expect(held.lost).toEqual([]);
});

test('an endpoint whose channel is gone ends when it is missed again', async () => {
  const freeswitch = server({ [one]: 'ours' });
  const held = books(one, two);
  const first = await sweeping(freeswitch, held, nothing);
  expect(held.lost).toEqual([]);
  const second = await sweeping(freeswitch, held, first);
  expect(held.lost).toEqual([two]);
  expect([...second.orphans]).toEqual([]);
});

test.each([
  ['-ERR show Command not found!\n'],
  ['{"row_count": '],
  ['null'],
  [JSON.stringify({ row_count: 1, rows: [{ uuid: 'x\napi fsctl shutdown' }, null, 3] })],
])('an answer that is none changes nothing: %j', async (shown) => {
  const freeswitch = server({}, shown);
  const held = books();
  const seen = await sweeping(freeswitch, held, nothing);
  await sweeping(freeswitch, held, seen);
  expect(freeswitch.told).toEqual([]);
});
