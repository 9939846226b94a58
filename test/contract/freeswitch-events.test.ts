/** Everything that a FreeSWITCH said in the recordings is heard as the library hears it, in pieces of any size. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { byLibrary, byOurs, inPieces } from '../support/event-socket.ts';
import { readLog } from './wire/freeswitch-log.ts';

const folder = new URL('./wire/freeswitch/', import.meta.url);
/** A folder was renamed in them afterwards, so that lengths no longer add up; the last is no conversation. */
const others = /28-record|29-recordSession|summary|14-/;
const logs = [...readdirSync(folder), ...readdirSync(new URL('extra/', folder)).map((log) => `extra/${log}`)]
  .filter((log) => log.endsWith('.log') && !others.test(log))
  .map((log) => log.replace('.log', ''));

/** What it said, by connection. */
function saidIn(log: string): Map<string, Buffer> {
  const said = new Map<string, Buffer>();
  for (const entry of readLog(log)) {
    if (entry.kind !== 'sent' || entry.from !== 'freeswitch') continue;
    const before = said.get(entry.connection) ?? Buffer.alloc(0);
    said.set(entry.connection, Buffer.concat([before, Buffer.from(entry.bytes)]));
  }
  return said;
}

test.each(logs)('%s', (log) => {
  for (const bytes of saidIn(log).values()) {
    const whole = byLibrary([bytes]);
    expect(whole.length).toBeGreaterThan(0);
    for (const size of [1, 7, 1460, 65_536]) {
      const pieces = inPieces(
        bytes,
        Array.from({ length: bytes.length / size }, () => size),
      );
      expect(byOurs(pieces)).toEqual({ events: whole, gibberish: 0, thrown: [], isEnded: false });
    }
  }
});
