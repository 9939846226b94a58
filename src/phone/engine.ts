/** The phone's own engine: what the switch stands on, a second time, with recordings of what is heard beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngines } from '../engines.ts';
import type { Log } from '../log.ts';
import type { Media } from '../media/media.ts';
import type { Signalling } from '../signalling/signalling.ts';

export interface EngineOptions {
  /** The address to listen on and to send from. */
  readonly host: string;
  /** Any free one unless given. */
  readonly port?: number;
  readonly log: Log;
}

export interface Engine {
  readonly signalling: Signalling;
  readonly media: Media;
  /** `host:port` by UDP. */
  readonly address: string;
  /** A new path for the recording of one call; all are removed by `close`. */
  recording(): string;
  close(): Promise<void>;
}

/** Nobody's call on a phone for trying things lasts longer. */
const limits = {
  maxCalls: 1000,
  cps: null,
  stall: null,
  maxCall: 2 * 3_600_000,
  drain: 0,
  rtpTimeout: 60_000,
};

/** Throws where the address cannot be had, in words. */
export async function startEngine({ host, port = 0, log }: EngineOptions): Promise<Engine> {
  const listen = [`udp:${host}:${port}`, `tcp:${host}:${port}`];
  const engine = { sip: { kind: 'embedded', listen }, media: { kind: 'embedded' } } as const;
  const recordings = await mkdtemp(join(tmpdir(), 'tollbridge-phone-'));
  const clear = () => rm(recordings, { recursive: true, force: true });
  const up = await startEngines({ engine, limits }, { recordings, owner: 'phone', log });
  if (!up.ok) {
    await clear();
    throw new Error(`the phone has no line: ${up.problem}`);
  }
  const { engines } = up;
  const { signalling, media, listening } = engines;

  let calls = 0;
  return {
    signalling,
    media,
    address: listening.find((one) => one.startsWith('udp:'))?.slice('udp:'.length) ?? `${host}:${port}`,
    recording: () => join(recordings, `${++calls}.wav`),
    close: async () => {
      await engines.close();
      await clear();
    },
  };
}
