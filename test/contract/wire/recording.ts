import { readFileSync } from 'node:fs';

/** One frame of a recorded conversation between drachtio-srf and a drachtio server, or the end of a connection. */
export type Recorded =
  | {
      readonly kind: 'frame';
      readonly connection: string;
      readonly from: 'app' | 'server';
      readonly payload: string;
    }
  | { readonly kind: 'fin'; readonly connection: string; readonly from: 'app' | 'server' };

/** Lengths are cut by the recorded byte count, so that blank lines within SIP do not end a frame. */
export function readRecording(file: URL): Recorded[] {
  const bytes = readFileSync(file);
  const recorded: Recorded[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\n', at);
    const line = bytes.toString('latin1', at, end);
    at = end + 1;
    const fin = /^\*\*\* \S+ (\S+) (app|server) FIN$/.exec(line);
    if (fin) recorded.push({ kind: 'fin', connection: fin[1]!, from: fin[2] as 'app' | 'server' });
    const chunk = /^=== \S+ (\S+) (APP|SERVER) -> (?:APP|SERVER) chunk \d+, declared (\d+) bytes ===$/.exec(
      line,
    );
    if (!chunk) continue;
    const start = bytes.indexOf('#', at) + 1;
    at = start + Number(chunk[3]);
    const from = chunk[2] === 'APP' ? 'app' : 'server';
    recorded.push({
      kind: 'frame',
      connection: chunk[1]!,
      from,
      payload: bytes.toString('latin1', start, at),
    });
  }
  return recorded;
}
