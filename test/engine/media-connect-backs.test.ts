/** Where FreeSWITCH connects back for each endpoint, a stranger gets nothing and holds nothing up. */
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Mrf from 'drachtio-fsmrf';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dismiss, openControl } from '../../src/media/freeswitch/control.ts';
import { MediaStage } from './support/media-stage.ts';

let stage: MediaStage;
let server: Mrf.MrfMediaServer;
let strangers: string[];
let gibberish: string[];

beforeEach(async () => {
  strangers = [];
  gibberish = [];
  stage = await MediaStage.open();
  const at = { ...stage.media.eventSocket, secret: 'ClueCon' };
  const opened = await openControl(new Mrf(stage.srf), at, {
    onStranger: (from) => strangers.push(from),
    onGibberish: (from) => gibberish.push(from),
    onThrown: (error) => {
      throw error;
    },
  });
  if (typeof opened === 'string') throw new Error(opened);
  server = opened;
});
afterEach(async () => {
  vi.useRealTimers();
  dismiss(server);
  await stage.close();
});

const port = () => (server._server.server.address() as AddressInfo).port;
const open = () => Object.keys(server._server.connections).length;

async function comes(
  from: string,
): Promise<{ socket: Socket; closed: Promise<unknown>; heard: () => string }> {
  const socket = connect({ host: '127.0.0.1', port: port(), localAddress: from });
  let heard = '';
  socket.on('data', (chunk) => (heard += String(chunk)));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return { socket, closed, heard: () => heard };
}

test('who comes from another address is not spoken to, and is told of once', async () => {
  const first = await comes('127.0.0.2');
  await first.closed;
  const second = await comes('127.0.0.3');
  await second.closed;
  expect(first.heard() + second.heard()).toBe('');
  expect(open()).toBe(0);
  expect(strangers).toEqual(['127.0.0.2']);
  const endpoint = await server.createEndpoint({});
  expect(open()).toBe(1);
  await endpoint.destroy();
});

test('who says more than a channel has to say of itself is cut off', async () => {
  // Not by the time that it takes.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket, closed } = await comes('127.0.0.1');
  socket.write('x'.repeat(200_000));
  await closed;
  await expect.poll(open).toBe(0);
});

test('who names no endpoint that was asked for is cut off after a while; an endpoint stays', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const endpoint = await server.createEndpoint({});
  const silent = await comes('127.0.0.1');
  const impostor = await comes('127.0.0.1');
  impostor.socket.write(
    'Content-Type: command/reply\nEvent-Name: CHANNEL_DATA\nUnique-ID: x\nvariable_sip_user_agent: drachtio-fsmrf:nobody\n\n',
  );
  await expect.poll(impostor.heard).toContain('hangup');
  expect(open()).toBe(3);
  vi.advanceTimersByTime(10_000);
  await Promise.all([silent.closed, impostor.closed]);
  await expect.poll(open).toBe(1);
  expect(endpoint.conn?.socket?.destroyed).toBe(false);
  await endpoint.destroy();
});

test('a header that is encoded wrongly is read as it stands', async () => {
  const { socket, closed, heard } = await comes('127.0.0.1');
  socket.write(
    'Content-Type: command/reply\nEvent-Name: CHANNEL_DATA\nUnique-ID: x\nvariable_sip_h_X-Rate: 100%\n' +
      'variable_sip_user_agent: drachtio-fsmrf:nobody\n\n',
  );
  await expect.poll(heard).toContain('hangup');
  expect(gibberish).toEqual([]);
  socket.end();
  await closed;
});

test('who does not speak as FreeSWITCH does is told of and cut off; an endpoint stays', async () => {
  const endpoint = await server.createEndpoint({});
  const { socket, closed } = await comes('127.0.0.1');
  socket.write('Content-Length: many\n\nContent-Length: more\n\n');
  await closed;
  expect(gibberish).toEqual(['127.0.0.1']);
  expect(strangers).toEqual([]);
  expect(endpoint.conn?.socket?.destroyed).toBe(false);
  await endpoint.destroy();
});

test('of an endpoint only what is needed is asked for', async () => {
  let asked = '';
  server._server.on('connection::open', ({ socket }) => {
    const write = socket?.write.bind(socket) as (text: string) => boolean;
    Object.assign(socket ?? {}, { write: (text: string) => ((asked += text), write(text)) });
  });
  const endpoint = await server.createEndpoint({});
  expect(asked.match(/^event .*$/gm)).toEqual([
    'event plain CHANNEL_EXECUTE_COMPLETE CHANNEL_CALLSTATE DTMF BACKGROUND_JOB',
  ]);
  expect(asked).toContain(`filter Unique-ID ${endpoint.uuid}\n`);
  await endpoint.destroy();
});
