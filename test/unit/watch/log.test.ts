import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gather, openLog } from '../../../src/logger.ts';
import { maskNumbers } from '../../../src/mask-numbers.ts';

function lines(settings: Parameters<typeof openLog>[0]) {
  const written: Record<string, unknown>[] = [];
  const log = openLog(settings, {
    write: (line) => void written.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { ...log, written };
}

describe('numbers', () => {
  it.each([
    [{ from: '+12145550123' }, { from: '+1214***' }],
    [
      { to: '12145550123', number: 'tel 0214 5550123' },
      { to: '1214***', number: 'tel 0214 55***' },
    ],
    [{ call: '12345678-1234-4000-8000-123456789012', table: '861111277380' }, null],
    [{ time: '2026-11-22T14:47:18.925+00:00', status: 486, revenue: '12345.00' }, null],
    [{ error: 'Key (from)=(+12145550123) exists' }, { error: 'Key (from)=(+1214***) exists' }],
    [{ left_out: [{ buyer: 'b', seen: '+12145550123' }] }, { left_out: [{ buyer: 'b', seen: '+1214***' }] }],
    [{ deep: { to: ['+12145550123', null, 7] } }, { deep: { to: ['+1214***', null, 7] } }],
  ])('%j', (fields, masked) => {
    expect(maskNumbers(fields)).toEqual(masked ?? fields);
  });

  it('are nowhere in a masked line, whatever it says', () => {
    const number = fc.stringMatching(/^\+[1-9]\d{7,13}$/);
    const around = fc.string({ maxLength: 20 }).map((text) => text.replace(/[\d+]/g, ''));
    fc.assert(
      fc.property(number, around, fc.constantFrom('error', 'from', 'seen', 'problems'), (one, text, key) => {
        const { logger, written } = lines({ level: 'info', numbers: 'masked' });
        logger.info({ event: 'x', [key]: [`${text}${one}${text}`, { [key]: one }] });
        expect(JSON.stringify(written)).not.toContain(one.slice(1));
      }),
    );
  });

  it('are whole where the config says so, from a reload on, too', () => {
    const { logger, written, useSettings } = lines({ level: 'info', numbers: 'full' });
    logger.info({ from: '+12145550123' });
    useSettings({ level: 'info', numbers: 'masked' });
    logger.info({ from: '+12145550123' });
    expect(written).toMatchObject([{ from: '+12145550123' }, { from: '+1214***' }]);
  });
});

describe('the level', () => {
  it('keeps lower lines out, and is changed by a reload', () => {
    const { logger, written, useSettings } = lines({ level: 'warn', numbers: 'full' });
    logger.info({ event: 'one' });
    logger.warn({ event: 'two' });
    useSettings({ level: 'debug', numbers: 'full' });
    logger.debug({ event: 'three' });
    expect(written).toMatchObject([
      { level: 'warn', event: 'two' },
      { level: 'debug', event: 'three' },
    ]);
  });
});

describe('lines that are gathered', () => {
  let written: string[];
  beforeEach(() => {
    written = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function gathered(write: (text: string) => void = (text) => written.push(text)) {
    const before = process.listeners('exit');
    const log = openLog({ level: 'debug', numbers: 'full' }, gather({ write }));
    const [atExit] = process.listeners('exit').filter((one) => !before.includes(one));
    if (atExit) process.off('exit', atExit);
    return { ...log, exit: () => atExit?.(0) };
  }
  const events = () =>
    written.map((text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    );

  it('go out in one piece, 20 ms after the first of them', () => {
    const { logger } = gathered();
    logger.info({ event: 'one' });
    vi.advanceTimersByTime(19);
    logger.debug({ event: 'two' });
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events()).toEqual([['one', 'two']]);
  });

  it('wait for no warning, which comes behind them', () => {
    const { logger } = gathered();
    logger.info({ event: 'one' });
    logger.warn({ event: 'two' });
    logger.error({ event: 'three' });
    expect(events()).toEqual([['one', 'two'], ['three']]);
    vi.advanceTimersByTime(1_000);
    expect(written).toHaveLength(2);
  });

  it('are written when the process ends, and when it is asked for', () => {
    const { logger, flush, exit } = gathered();
    logger.info({ event: 'one' });
    flush();
    logger.info({ event: 'two' });
    exit();
    expect(events()).toEqual([['one'], ['two']]);
  });

  it('are bounded while nothing turns', () => {
    const { logger } = gathered();
    for (let line = 0; line < 100; line++) logger.info({ event: 'long', text: 'x'.repeat(1_000) });
    expect(written).toHaveLength(1);
  });

  it('that cannot be written stop nobody', () => {
    const { logger, exit } = gathered(() => {
      throw new Error('ENOSPC');
    });
    logger.info({ event: 'one' });
    expect(() => vi.advanceTimersByTime(20)).not.toThrow();
    expect(() => logger.error({ event: 'two' })).not.toThrow();
    exit();
  });
});
