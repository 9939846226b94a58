import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isOnHold } from '../../../src/media/freeswitch/hold.ts';
import { watchForSilence } from '../../../src/media/freeswitch/silence-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A channel whose count the test sets; null: the server does not say. */
function channel(withinMs: number) {
  const far = { packets: 0 as number | null, expects: true, asked: 0, silent: 0 };
  const release = watchForSilence(withinMs, {
    packets: () => {
      far.asked++;
      return Promise.resolve(far.packets);
    },
    expectsAudio: () => far.expects,
    silent: () => far.silent++,
  });
  return { far, release };
}

test('a count that stands still for the time is silence, told once', async () => {
  const { far } = channel(4_000);
  for (far.packets = 1; far.packets < 20; far.packets++) await vi.advanceTimersByTimeAsync(1_000);
  expect(far.silent).toBe(0);
  await vi.advanceTimersByTimeAsync(3_900);
  expect(far.silent).toBe(0);
  await vi.advanceTimersByTimeAsync(1_200);
  expect(far.silent).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(far.silent).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('who never sent anything is silent from the start of the watch', async () => {
  const { far } = channel(1_000);
  await vi.advanceTimersByTimeAsync(1_300);
  expect(far.silent).toBe(1);
});

test('hold, and a server that cannot say, are not silence; the time begins anew after them', async () => {
  const { far, release } = channel(4_000);
  far.expects = false;
  await vi.advanceTimersByTimeAsync(60_000);
  far.expects = true;
  await vi.advanceTimersByTimeAsync(3_900);
  far.packets = null;
  await vi.advanceTimersByTimeAsync(60_000);
  far.packets = 0;
  await vi.advanceTimersByTimeAsync(2_900);
  expect(far.silent).toBe(0);
  await vi.advanceTimersByTimeAsync(1_200);
  expect(far.silent).toBe(1);
  release();
});

test('a watch that is over asks nothing', async () => {
  const { far, release } = channel(1_000);
  await vi.advanceTimersByTimeAsync(600);
  const { asked } = far;
  expect(asked).toBeGreaterThan(0);
  release();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(far).toMatchObject({ asked, silent: 0 });
});

test('what a far end on hold says', () => {
  const sdp = (lines: string) => `v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n${lines}`;
  for (const line of ['a=sendonly\r\n', 'a=recvonly\r\n', 'a=inactive\r\n', 'c=IN IP4 0.0.0.0\r\n'])
    expect(isOnHold(sdp(line)), line).toBe(true);
  for (const line of ['', 'a=sendrecv\r\n', 'a=sendonlyish\r\n'])
    expect(isOnHold(sdp(line)), line).toBe(false);
});

test.each<[string, string, string, boolean]>([
  ['a video that was refused', '', 'm=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 99\r\na=inactive\r\n', false],
  ['the audio of two media', '', 'm=video 4 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 0\r\na=inactive\r\n', true],
  ['the session', 'a=inactive\r\n', 'm=audio 4000 RTP/AVP 0\r\n', true],
  ['the session, and the audio otherwise', 'a=inactive\r\n', 'm=audio 4 RTP/AVP 0\r\na=sendrecv\r\n', false],
  ['the session’s address, and the audio’s own', 'c=IN IP4 0.0.0.0\r\n', 'm=audio 4 RTP/AVP 0\r\n', true],
  [
    'an address of the audio beside that of the session',
    'c=IN IP4 0.0.0.0\r\n',
    'm=audio 4 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n',
    false,
  ],
  [
    'an audio that is not there beside one that is',
    '',
    'm=audio 0 RTP/AVP 0\r\na=inactive\r\nm=audio 4000 RTP/AVP 0\r\n',
    false,
  ],
])('hold is a matter of the audio: %s', (_who, session, media, held) => {
  expect(isOnHold(`v=0\r\n${session}t=0 0\r\n${media}`)).toBe(held);
});
