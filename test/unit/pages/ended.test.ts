import { afterEach, beforeEach, expect, it, vi } from 'vitest';

type Live = readonly { readonly id: string }[];
interface Ended {
  readonly onEnded: (
    live: { readonly calls: (tell: (calls: Live) => void, signal: AbortSignal) => void },
    tell: () => void,
    every: number,
    signal: AbortSignal,
  ) => void;
}

const { onEnded } = (await import(new URL('../../../pages/ended.js', import.meta.url).href)) as Ended;

let page: AbortController;
let told: number;
let show: (...ids: readonly string[]) => void;
beforeEach(() => {
  vi.useFakeTimers();
  page = new AbortController();
  told = 0;
  const live = {
    calls: (tell: (calls: Live) => void) => {
      show = (...ids) => tell(ids.map((id) => ({ id })));
    },
  };
  onEnded(live, () => (told += 1), 10_000, page.signal);
});
afterEach(() => vi.useRealTimers());

it('calls that come and change state are nothing to tell of; one that ended is, once it is recorded', () => {
  show('a');
  show('a', 'b');
  show('a', 'b');
  vi.advanceTimersByTime(60_000);
  expect(told).toBe(0);
  show('b');
  vi.advanceTimersByTime(1_499);
  expect(told).toBe(0);
  vi.advanceTimersByTime(1);
  expect(told).toBe(1);
});

it('of a busy switch, where a call ends ten times a second, it tells every ten seconds', () => {
  for (let n = 0; n < 600; n++) {
    show(`call-${n}`);
    vi.advanceTimersByTime(100);
  }
  expect(told).toBe(6);
});

it('tells of the last that ended, however soon after another', () => {
  show('a', 'b');
  show('b');
  vi.advanceTimersByTime(2_000);
  show();
  vi.advanceTimersByTime(9_000);
  expect(told).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(told).toBe(2);
});

it('a page that is left tells nothing more', () => {
  show('a');
  show();
  page.abort();
  vi.advanceTimersByTime(60_000);
  expect(told).toBe(0);
});
