/**
 * What a FreeSWITCH has, held against what we think it has. A channel of ours that nobody here has on the books is
 * killed; an endpoint on our books whose channel is gone has ended. Only what two looks in a row find is acted upon:
 * in between a channel may be on its way into the books, or its BYE on its way to us.
 */
import type Mrf from 'drachtio-fsmrf';
import { within } from '../../deadline.ts';
import type { Books } from './books.ts';
import type { FreeswitchEndpoint } from './endpoint.ts';

/** In the INVITE of each endpoint: whose it is, for others may use the same FreeSWITCH. */
export const ownerHeader = 'X-Tollbridge-Switch';

/** By uuid, as the last look found them. */
export interface Seen {
  readonly orphans: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
}

/** A server, as one owner of channels on it sees it. */
export interface Swept {
  readonly server: Mrf.MrfMediaServer;
  readonly owner: string;
  /** By the channel's uuid, as this server opened them. */
  readonly endpoints: ReadonlyMap<string, FreeswitchEndpoint>;
  /** What that owner has on any server. */
  readonly books: Pick<Books, 'has'>;
  readonly tell: (event: string, fields: Record<string, unknown>) => void;
}

const answerWithin = 4_000;

/**
 * Looks at once, and then every so many milliseconds; returns the end of it. `there` are the channels that there were
 * before this connection could have asked for one: those of ours are what a former life or connection left.
 */
export function sweepOften(swept: Swept, there: ReadonlySet<string>, every: number): () => void {
  let before: Seen = { orphans: there, missing: new Set() };
  let isUnderWay = false;
  const look = () => {
    if (isUnderWay) return;
    isUnderWay = true;
    void sweep(swept, before).then((seen) => {
      before = seen;
      isUnderWay = false;
    });
  };
  look();
  const timer = setInterval(look, every);
  return () => clearInterval(timer);
}

/** The uuids of all that there is on it, whosever it is; none where it does not say. */
export async function channelsOn(server: Mrf.MrfMediaServer): Promise<ReadonlySet<string>> {
  return channelsOf(await ask(server, 'show channels as json')) ?? new Set();
}

export async function sweep({ server, owner, endpoints, books, tell }: Swept, before: Seen): Promise<Seen> {
  // Who came while it was asked may not be in its answer.
  const asked = new Set(endpoints.keys());
  const shown = channelsOf(await ask(server, 'show channels as json'));
  if (shown === null) return before;
  const orphans = new Set([...shown].filter((uuid) => !books.has(uuid)));
  const missing = new Set([...asked].filter((uuid) => endpoints.has(uuid) && !shown.has(uuid)));
  for (const uuid of missing) {
    if (!before.missing.has(uuid)) continue;
    tell('endpoint_without_channel', { endpoint: uuid });
    endpoints.get(uuid)?.lost();
  }
  for (const uuid of orphans) {
    if (!before.orphans.has(uuid) || !(await isOf(owner, server, uuid)) || books.has(uuid)) continue;
    tell('orphan_channel_killed', { channel: uuid });
    await ask(server, `uuid_kill ${uuid}`);
  }
  return { orphans, missing };
}

/** `variable_sip_h_X-Tollbridge-Switch: …` in all that it knows of the channel. */
async function isOf(owner: string, server: Mrf.MrfMediaServer, uuid: string): Promise<boolean> {
  const dump = await ask(server, `uuid_dump ${uuid}`);
  const line = `variable_sip_h_${ownerHeader}: ${owner}`.toLowerCase();
  return dump.toLowerCase().split('\n').includes(line);
}

/** The uuids of `show channels as json`; null where the answer is none. */
function channelsOf(answer: string): ReadonlySet<string> | null {
  let shown: unknown;
  try {
    shown = JSON.parse(answer);
  } catch {
    return null;
  }
  if (typeof shown !== 'object' || shown === null || !('row_count' in shown)) return null;
  const rows: readonly unknown[] = 'rows' in shown && Array.isArray(shown.rows) ? shown.rows : [];
  return new Set(rows.flatMap((row) => uuidOf(row)));
}

/** What is no uuid is nothing to be put into a command. */
function uuidOf(row: unknown): string[] {
  const uuid = typeof row === 'object' && row !== null && 'uuid' in row ? row.uuid : null;
  return typeof uuid === 'string' && /^[0-9a-f-]{36}$/i.test(uuid) ? [uuid] : [];
}

const ask = (server: Mrf.MrfMediaServer, command: string): Promise<string> =>
  within(answerWithin, server.api(command), '');
