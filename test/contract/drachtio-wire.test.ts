import { createSocket, type Socket as Datagram } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameReader, frame } from '../../src/embedded/sip/front/frames.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { readRecording, type Recorded } from './wire/recording.ts';

/**
 * Plays what drachtio-srf once said to a real drachtio server, and holds what our server answers against what that
 * server answered: token for token, header for header. What a server is free to choose (ids, tags, branches, Call-IDs,
 * CSeqs) must be chosen afresh where the recorded one was fresh and repeated where it was repeated.
 */
const folder = new URL('./wire/drachtio/', import.meta.url);
const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));

let server: SipServer;
let far: Datagram;
const connections = new Map<string, Connection>();

interface Connection {
  readonly socket: Socket;
  readonly frames: string[];
  waiting: (() => void) | null;
}

afterEach(async () => {
  for (const { socket } of connections.values()) socket.destroy();
  connections.clear();
  far.close();
  await server.close();
});

describe('the recorded conversation', () => {
  it.each(logs)('%s', async (name) => {
    server = await startSipServer({
      listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
      control: { host: '127.0.0.1', port: 0 },
      secret: 'cymru',
    });
    far = createSocket('udp4').bind(0, '127.0.0.1');
    await once(far, 'listening');
    const known = new Known();
    for (const step of readRecording(new URL(name, folder))) await play(step, known);
    expect(server.stats().defects).toBe(0);
  });
});

async function play(step: Recorded, known: Known): Promise<void> {
  const connection = await connectionOf(step.connection);
  if (step.kind === 'fin') {
    if (step.from === 'app') connection.socket.end();
    else if (!connection.socket.readableEnded) await once(connection.socket, 'end');
    return;
  }
  if (step.from === 'app') {
    connection.socket.write(frame(known.toActual(addressed(step.payload))));
    return;
  }
  const { payload } = step;
  if (payload.split('|')[1] === 'sip') sendFromNetwork(known.toActual(addressed(payload)));
  known.compare(payload, recordedPlaces(await nextFrame(connection)));
}

/** What the far end had sent: the SIP of the frame, without the rport that the server noted on a request. */
function sendFromNetwork(payload: string): void {
  const sip = payload.slice(payload.indexOf('\r\n') + 2);
  const sent = sip.startsWith('SIP/2.0') ? sip : sip.replace(/;rport=\d+/, '');
  far.send(Buffer.from(sent, 'latin1'), udpPort(), '127.0.0.1');
}

async function connectionOf(name: string): Promise<Connection> {
  const existing = connections.get(name);
  if (existing) return existing;
  const socket = connect({ ...server.control });
  const connection: Connection = { socket, frames: [], waiting: null };
  const reader = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const piece of reader.push(chunk)) connection.frames.push(piece.toString('latin1'));
    connection.waiting?.();
  });
  connections.set(name, connection);
  await once(socket, 'connect');
  return connection;
}

async function nextFrame(connection: Connection): Promise<string> {
  while (connection.frames.length === 0) await new Promise<void>((resolve) => (connection.waiting = resolve));
  return connection.frames.shift()!;
}

const udpPort = () => server.listening.find(({ transport }) => transport === 'udp')!.port;
const tcpPort = () => server.listening.find(({ transport }) => transport === 'tcp')!.port;

/** Recorded addresses → ours. */
function addressed(text: string): string {
  const place = `127.0.0.1:${far.address().port}`;
  return text
    .replaceAll('127.0.0.1:5080', `127.0.0.1:${udpPort()}`)
    .replaceAll(/127\.0\.0\.77:150(61|90)/g, place);
}

/** Our addresses → the recorded ones; a far end had 15061 or 15090, which the recording is made to say alike. */
function recordedPlaces(text: string): string {
  const farPort = far.address().port;
  return text
    .replaceAll(new RegExp(`127\\.0\\.0\\.1([:|])(${udpPort()}|${tcpPort()})\\b`, 'g'), '127.0.0.1$15080')
    .replaceAll(new RegExp(`127\\.0\\.0\\.1([:|])${farPort}\\b`, 'g'), '127.0.0.77$115061')
    .replaceAll(`rport=${farPort}`, 'rport=15061');
}

/** What the recorded server had chosen → what ours chose. */
class Known {
  readonly #actual = new Map<string, string>();

  toActual(text: string): string {
    let mapped = text;
    for (const [recorded, actual] of this.#actual) {
      if (recorded !== actual && recorded.length > 5) mapped = mapped.replaceAll(recorded, actual);
    }
    return mapped;
  }

  compare(recordedPayload: string, actualPayload: string): void {
    const recorded = outline(recordedPayload.replaceAll('15090', '15061'));
    const actual = outline(actualPayload);
    expect(actual.shape).toBe(recorded.shape);
    expect(actual.chosen).toHaveLength(recorded.chosen.length);
    recorded.chosen.forEach((value, index) => {
      const chosen = actual.chosen[index]!;
      const seen = this.#actual.get(value);
      if (seen !== undefined) expect(chosen).toBe(seen);
      const before = this.#actual.get(String(Number(value) - 1));
      if (before !== undefined && /^\d{6,}$/.test(value)) expect(Number(chosen)).toBe(Number(before) + 1);
      this.#actual.set(value, chosen);
    });
  }
}

const free =
  /(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|(?<=tag=)(?<tag>[^\s;>|]+)|(?<=branch=)(?<branch>[^\s;]+)|(?<=\r\nCSeq: )(?<cseq>\d+)/g;

/** A frame with everything taken out that a server chooses, and what that was, in order. */
function outline(payload: string): { shape: string; chosen: string[] } {
  const chosen: string[] = [];
  const shape = payload
    .replace(/\|\d\d:\d\d:\d\d\.\d{6}\|/, '|TIME|')
    .replace(/\|(network|application)\|\d+\|/, '|$1|BYTES|')
    .replace(/\|v0\.9\.10-[^|]+\|/, '|VERSION|')
    .replace(free, (value) => {
      chosen.push(value);
      return '*';
    });
  return { shape, chosen };
}
