/** What FreeSWITCH never tells the end of, ends here: a caller is not left in a prompt until the call is too long. */
import { EventEmitter } from 'node:events';
import type Mrf from 'drachtio-fsmrf';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FreeswitchEndpoint } from '../../../src/media/freeswitch/endpoint.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const minute = 60_000;

/** On a server that takes every command, answers those that are answered at once, and ends no prompt. */
function endpoint() {
  const asked: string[] = [];
  const logged: string[] = [];
  const never = () => new Promise<never>(() => undefined);
  const raw = Object.assign(new EventEmitter(), {
    ...{ uuid: 'one', local: { sdp: '' }, dialog: null, conn: null },
    execute: never,
    playCollect: never,
    api: (command: string, args: string[]) => {
      asked.push([command, ...args].join(' '));
      return Promise.resolve({ getHeader: () => undefined, getBody: () => '+OK' });
    },
  }) as unknown as Mrf.MrfEndpoint;
  const server: unknown = {};
  const made = new FreeswitchEndpoint(
    raw,
    server as Mrf.MrfMediaServer,
    (_level, event) => void logged.push(event),
  );
  return { endpoint: made, asked, logged };
}

function outcomeOf<T>(promise: Promise<T>): { value: T | 'open' } {
  const outcome: { value: T | 'open' } = { value: 'open' };
  void promise.then((value) => (outcome.value = value));
  return outcome;
}

test('a prompt fails after five minutes, and is stopped where it still plays', async () => {
  const { endpoint: end, asked, logged } = endpoint();
  const played = outcomeOf(end.play('/prompt.wav', '/next.wav').done);
  await vi.advanceTimersByTimeAsync(5 * minute - 1);
  expect(played.value).toBe('open');
  await vi.advanceTimersByTimeAsync(1);
  expect(played.value).toBe('failed');
  expect(asked).toEqual(['uuid_break one all']);
  expect(logged).toEqual(['media_command_late']);
  expect(vi.getTimerCount()).toBe(0);
});

test('digits are waited for as long as each may take after that', async () => {
  const { endpoint: end, asked } = endpoint();
  const ask = { play: '/menu.wav', min: 1, max: 4, timeout: 10_000, terminators: '#' };
  const collected = outcomeOf(end.collect(ask));
  await vi.advanceTimersByTimeAsync(5 * minute + 40_000 - 1);
  expect(collected.value).toBe('open');
  await vi.advanceTimersByTimeAsync(1);
  expect(collected.value).toEqual({ ok: false, reason: 'failed' });
  expect(asked).toEqual(['uuid_break one all']);
});

test.each(['tone_stream://%(2000,4000,440,480);loops=-1', 'silence_stream://-1'])(
  'what has no end is not ended: %s',
  async (source) => {
    const { endpoint: end } = endpoint();
    const played = outcomeOf(end.play(source).done);
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(played.value).toBe('open');
  },
);
