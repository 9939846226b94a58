import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LinkLoad } from '../../src/signalling/drachtio/link-load.ts';
import type { SrfWire } from '../../src/signalling/drachtio/srf.ts';

const socket = new Socket();
let sent: number;
let wire: SrfWire & EventEmitter;
let load: LinkLoad;
/** Our own event loop's. */
const idle = { delay: 0, busy: 0.1 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  sent = 0;
  wire = Object.assign(new EventEmitter(), {
    reconnectVars: {},
    send: () => `command-${++sent}`,
  });
  load = new LinkLoad(wire);
});
afterEach(() => vi.useRealTimers());

const ask = () => wire.send(socket, 'sip|…');
const answer = (id: string) => wire.emit('msg', socket, `server-1|response|${id}|OK`);

function answered(commands: number, after: number): void {
  const ids = Array.from({ length: commands }, ask);
  vi.advanceTimersByTime(after);
  for (const id of ids) answer(id);
}

test('of few commands nothing is told', () => {
  answered(49, 500);
  expect(load.take(idle)).toBeNull();
  expect(load.take(idle)).toBeNull();
});

test('the way there and back is nobody’s work, however long', () => {
  answered(1, 40);
  answered(99, 54);
  expect(load.take(idle)).toEqual({ delay: 14, busy: 0 });
});

test('busy is the share of those that waited, delay what one in a hundred waited', () => {
  answered(50, 1);
  answered(48, 31);
  answered(2, 81);
  expect(load.take(idle)).toEqual({ delay: 80, busy: 0.5 });
});

test('each second has its own', () => {
  answered(60, 1);
  answered(60, 61);
  expect(load.take(idle)).toMatchObject({ busy: 0.5 });
  answered(60, 2);
  expect(load.take(idle)).toEqual({ delay: 1, busy: 0 });
});

test('those that wait yet have waited so far', () => {
  answered(50, 1);
  const late = Array.from({ length: 50 }, ask);
  vi.advanceTimersByTime(300);
  expect(load.take(idle)).toEqual({ delay: 299, busy: 0.5 });
  for (const id of late) answer(id);
  expect(load.take(idle)).toEqual({ delay: 299, busy: 1 });
});

test('a queue that stays is no way: a way that has become longer is known as such after a minute only', () => {
  const seconds = Array.from({ length: 61 }, (_, second) => {
    answered(50, second === 0 ? 1 : 41);
    return load.take(idle)?.busy;
  });
  expect(seconds).toEqual([0, ...Array<number>(59).fill(1), 0]);
});

test('another link may have another way', () => {
  answered(50, 1);
  load.take(idle);
  wire.emit('close', socket);
  answered(50, 41);
  expect(load.take(idle)).toEqual({ delay: 0, busy: 0 });
});

test('what our own loop read late is not the server’s doing', () => {
  answered(10, 1);
  answered(50, 61);
  expect(load.take({ delay: 60, busy: 0.6 })).toEqual({ delay: 0, busy: 0 });
  answered(10, 1);
  answered(50, 161);
  expect(load.take({ delay: 60, busy: 0.6 })).toEqual({ delay: 100, busy: 50 / 60 });
});

test('what is never answered is forgotten after ten seconds', () => {
  answered(50, 1);
  for (let command = 0; command < 60; command++) ask();
  vi.advanceTimersByTime(9_000);
  expect(load.take(idle)).toMatchObject({ busy: 60 / 110 });
  vi.advanceTimersByTime(1_001);
  expect(load.take(idle)).toBeNull();
});

test('never asked, it keeps no more than it could be asked for', () => {
  answered(30_000, 1);
  answered(200_000, 5);
  expect(load.take(idle)).toEqual({ delay: 0, busy: 0 });
});

test('what a lost link left unanswered is forgotten; what nobody asked is no answer', () => {
  for (let command = 0; command < 50; command++) ask();
  wire.emit('close', socket);
  vi.advanceTimersByTime(1_000);
  for (let other = 0; other < 50; other++) answer(`other-${other}`);
  wire.emit('msg', socket, 'server-2|sip|network|0|udp|127.0.0.1|5060\r\nBYE sip:1@127.0.0.1 SIP/2.0\r\n');
  expect(load.take(idle)).toBeNull();
});
