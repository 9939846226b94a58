import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromTheStart, lostAfter, paced, readStatus } from '../../../src/media/freeswitch/health.ts';
import { watchServer } from '../../../src/media/freeswitch/watch-server.ts';

/** As a FreeSWITCH 1.11.2 says it. */
const status = (ready = 'ready') =>
  [
    'UP 0 years, 0 days, 0 hours, 7 minutes, 51 seconds, 587 milliseconds, 432 microseconds',
    `FreeSWITCH (Version 1.11.2-release git 3f13ad1 2026-08-09 16:23:10Z 64bit) is ${ready}`,
    '17 session(s) since startup',
    '4 session(s) - peak 6, last 5min 5 ',
    '0 session(s) per Sec out of max 1000, peak 2, last 5min 0 ',
    '2000 session(s) max',
    'min idle cpu 0.00/43.97',
    'Current Stack Size/Max 240K/8192K',
  ].join('\n');

describe('what a FreeSWITCH says of itself', () => {
  test('its sessions, and whether it takes more', () => {
    expect(readStatus(status())).toEqual({ takesSessions: true, sessions: 4, most: 2000 });
    expect(readStatus(status('not ready'))).toMatchObject({ takesSessions: false });
  });

  test.each([[''], ['-ERR status Command not found!\n'], [status().replace('is ready', '')]])(
    'is not read from %j',
    (text) => {
      expect(readStatus(text)).toBeNull();
    },
  );
});

test.each<[string, number[], boolean[]]>([
  ['one late answer is a hiccup', [1, 900, 1, 900, 1], [false, false, false, false, false]],
  ['two in a row are slow', [900, 900], [false, true]],
  ['two in time are no recovery', [900, 900, 1, 1, 900, 1], [false, true, true, true, true, true]],
  ['three in time are', [900, 900, 1, 1, 1], [false, true, true, true, false]],
])('%s', (_what, answers, expected) => {
  let pace = fromTheStart;
  const seen = answers.map((ms) => (pace = paced(pace, ms)).isSlow);
  expect(seen).toEqual(expected);
});

describe('the watch', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** A server that answers as late as it is told to, or never. */
  function watched() {
    const told: string[] = [];
    let answer: (text: string) => void = () => undefined;
    const stop = watchServer({
      ask: () => new Promise((resolve) => (answer = resolve)),
      onStatus: ({ sessions }) => told.push(`sessions ${sessions}`),
      onPace: (isSlow) => told.push(isSlow ? 'slow' : 'in time'),
      onSilent: () => told.push('silent'),
    });
    const answered = async () => {
      answer(status());
      await Promise.resolve();
    };
    return { told, stop, answer: answered };
  }

  test('tells once of a server that says nothing more, before 6 s are over', async () => {
    const { told, answer } = watched();
    await answer();
    expect(told).toEqual(['sessions 4']);
    vi.advanceTimersByTime(lostAfter + 2_000);
    expect(told).toEqual(['sessions 4', 'slow', 'silent']);
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(3);
  });

  test('takes no stall of our own for a silence of the server', async () => {
    const { told, answer } = watched();
    // The timers did not run for 10 s, and what was answered meanwhile is read after them.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    vi.advanceTimersByTime(1_000);
    await answer();
    expect(told).toEqual(['sessions 4']);
    vi.restoreAllMocks();
  });

  test('asks no more once it is stopped', async () => {
    const { told, stop, answer } = watched();
    stop();
    await answer();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });
});
