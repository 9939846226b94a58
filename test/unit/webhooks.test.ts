import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { atOnce, Endpoints } from '../../src/webhooks/endpoints.ts';
import { signedHeaders } from '../../src/webhooks/sign.ts';
import { pauses, verdictOn } from '../../src/webhooks/verdict.ts';

const manual = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const hourMs = 3_600_000;

describe('the manual', () => {
  const [, head = '', body = ''] = /```http\n([^`]+)\n\n(\{.+\})\n```/.exec(manual) ?? [];
  const headers = Object.fromEntries(
    [...head.matchAll(/^([\w-]+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const [secret = ''] = /whsec_[A-Za-z0-9+/]{20,}=*/.exec(manual) ?? [];
  const [, code = ''] = /```js\n([^`]+`[^`]+`[^`]+)```/.exec(manual) ?? [];
  const id = headers['webhook-id'] ?? '';
  const at = Number(headers['webhook-timestamp']) * 1000;

  it('shows a message that is signed as it says, and as we sign', () => {
    const key = Buffer.from(secret.slice(6), 'base64');
    const expected = createHmac('sha256', key)
      .update(`${id}.${at / 1000}.${body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(signedHeaders(secret, { id, body }, at)).toEqual({
      'webhook-id': id,
      'webhook-timestamp': headers['webhook-timestamp'],
      'webhook-signature': headers['webhook-signature'],
    });
  });

  it('shows code that takes what is ours, and nothing else', async () => {
    const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      isOurs(secret: string, headers: object, body: string, now: number): boolean;
    };
    const isOurs = (given: object, text = body, now = at) =>
      module.isOurs(secret, { ...headers, ...given }, text, now);
    expect(isOurs({})).toBe(true);
    expect(isOurs({ 'webhook-signature': `v1,AAAA v1a,BBBB ${headers['webhook-signature']}` })).toBe(true);
    expect(isOurs({}, body.replace('30.00', '90.00'))).toBe(false);
    expect(isOurs({ 'webhook-id': `${id}0` })).toBe(false);
    expect(isOurs({ 'webhook-signature': 'v1,' })).toBe(false);
    expect(isOurs({}, body, at + 301_000)).toBe(false);
  });

  it('names every pause', () => {
    const written = pauses.map((ms) =>
      ms < 60_000 ? `${ms / 1000} s` : ms < hourMs ? `${ms / 60_000} min` : `${ms / hourMs} h`,
    );
    const last = written.pop() ?? '';
    expect(manual.replaceAll('\n', ' ')).toContain(`${written.join(', ')} and ${last}`);
  });
});

test('a signature is of id, time and body, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.uuid(),
      fc.string({ unit: 'grapheme' }),
      fc.nat(),
      (key, id, body, at) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        const headers = signedHeaders(secret, { id, body }, at);
        const seconds = headers['webhook-timestamp']!;
        expect(seconds).toBe(String(Math.floor(at / 1000)));
        const mac = createHmac('sha256', key)
          .update(Buffer.from(`${id}.${seconds}.${body}`))
          .digest('base64');
        expect(headers['webhook-signature']).toBe(`v1,${mac}`);
      },
    ),
  );
});

describe('what becomes of a delivery', () => {
  const status = (code: number, retryAfterMs: number | null = null) =>
    ({ kind: 'status', status: code, retryAfterMs }) as const;

  it.each([200, 201, 202, 204, 299])('%i: delivered', (code) => {
    expect(verdictOn(status(code), 1, 0.5)).toEqual({ kind: 'delivered' });
  });
  it('410: gone', () => expect(verdictOn(status(410), 1, 0.5).kind).toBe('gone'));
  it.each([100, 300, 301, 302, 307, 400, 401, 404, 408, 409, 429, 500, 503])('%i: again', (code) => {
    expect(verdictOn(status(code), 1, 0.5)).toEqual({
      ...{ kind: 'failed', error: `status ${code}`, againInMs: 5000 },
    });
  });
  it('waits longer each time, about a day in all, a fifth more or less', () => {
    const waits = (dice: number) =>
      pauses.map((_, index) => {
        const verdict = verdictOn({ kind: 'none', why: 'timeout' }, index + 1, dice);
        return verdict.kind === 'failed' ? verdict.againInMs! : Number.NaN;
      });
    expect(waits(0.5)).toEqual(pauses);
    expect(waits(0)).toEqual(pauses.map((ms) => ms * 0.8));
    expect(waits(1)).toEqual(pauses.map((ms) => ms * 1.2));
    const all = pauses.reduce((sum, ms) => sum + ms, 0);
    expect(all / hourMs).toBeCloseTo(23.7, 1);
    expect(verdictOn({ kind: 'none', why: 'timeout' }, pauses.length + 1, 0.5)).toEqual({
      ...{ kind: 'failed', error: 'timeout', againInMs: null },
    });
  });
  it('waits as long as it is asked to, up to an hour', () => {
    expect(verdictOn(status(429, 60_000), 1, 0.5)).toMatchObject({ againInMs: 60_000 });
    expect(verdictOn(status(503, 999 * hourMs), 1, 0.5)).toMatchObject({ againInMs: hourMs });
    expect(verdictOn(status(503, 0), 3, 0.5)).toMatchObject({ againInMs: 120_000 });
  });
});

describe('an endpoint', () => {
  const one = { id: 'a', url: 'http://127.0.0.1/', secret: '' };
  const slots = (endpoints: Endpoints, now: number) => endpoints.free(now)[0]?.slots ?? 0;

  it('that fails rests, longer each time, and is then asked by one message until it answers', () => {
    const endpoints = new Endpoints();
    endpoints.replace([one]);
    expect(slots(endpoints, 0)).toBe(atOnce);
    for (let many = 0; many < atOnce; many++) endpoints.begin('a');
    expect(slots(endpoints, 0)).toBe(0);
    for (let many = 0; many < atOnce; many++) endpoints.end('a', false, 0);
    // What was under way together fails as one.
    expect(slots(endpoints, 999)).toBe(0);
    expect(slots(endpoints, 1000)).toBe(1);
    let now = 1000;
    const rests: number[] = [];
    for (let again = 0; again < 8; again++) {
      endpoints.begin('a');
      endpoints.end('a', false, now);
      let rest = 0;
      while (slots(endpoints, now + rest) === 0) rest += 1000;
      rests.push(rest / 1000);
      now += rest;
    }
    expect(rests).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    endpoints.begin('a');
    endpoints.end('a', true, now);
    expect(slots(endpoints, now)).toBe(atOnce);
  });

  it('that a reload names again stays as it stood, under its new key', () => {
    const endpoints = new Endpoints();
    endpoints.replace([one]);
    endpoints.begin('a');
    endpoints.replace([{ ...one, secret: 'new' }]);
    expect(slots(endpoints, 0)).toBe(atOnce - 1);
    expect(endpoints.begin('a')?.secret).toBe('new');
    endpoints.replace([]);
    expect(endpoints.size).toBe(0);
    expect(endpoints.begin('a')).toBeNull();
  });
});
