import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceRing } from '../../../src/trace/ring.ts';
import { traceView } from '../../../src/trace/view.ts';

const id = 'c0dd276c-282a-46a4-b140-2fd8f88c168d';
const callId = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;

interface Said {
  readonly start: string;
  readonly sip: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

const sipText = ({ start, sip, headers = [], body = '' }: Said) =>
  [start, `Call-ID: ${sip}`, 'CSeq: 1 INVITE', ...headers, '', body].join('\r\n');
const received = (said: Said) =>
  `${id}|sip|network|500|udp|127.0.0.1|5081|06:44:32.224|txn||127.0.0.1|5060|\r\n${sipText(said)}`;
const sent = (said: Said) =>
  `${id}|response|${id}|OK|application|500|udp|127.0.0.1|5060|06:44:32.224|txn|Msg sent:|\r\n${sipText(said)}`;

const madeUp = (said: Said) => received(said).replace('|127.0.0.1|5081|', '||0|');

const invite = (sip: string): Said => ({ start: 'INVITE sip:+18005550100@127.0.0.1 SIP/2.0', sip });
const toBuyer = (sip: string, call: string): Said => ({
  start: 'INVITE sip:+12145550200@127.0.0.1:5090 SIP/2.0',
  sip,
  headers: [`X-Tollbridge-Call: ${call}`],
});

function ring(most = 10, isLive: (call: string) => boolean = () => false) {
  let time = 0;
  return new TraceRing(() => most, isLive, { now: () => 1_700_000_000_000 + time, monotonic: () => time++ });
}

function kept(traces: TraceRing, named: string) {
  const found = traces.find(named);
  if (!found.ok) throw new Error(found.reason);
  return traceView(found.kept);
}

describe('the SIP of a call', () => {
  it('is that of all its legs, in the order in which it was seen', () => {
    const traces = ring();
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    traces.saw(sent(toBuyer('buyer@1', callId(1))));
    traces.saw(received({ start: 'SIP/2.0 486 Busy Here', sip: 'buyer@1' }));
    traces.saw(sent(toBuyer('buyer@2', callId(1))));
    traces.saw(received({ start: 'SIP/2.0 200 OK', sip: 'buyer@2' }));
    traces.saw(sent({ start: 'SIP/2.0 200 OK', sip: 'carrier@1' }));
    const view = kept(traces, callId(1));
    expect(view.legs).toEqual(['carrier@1', 'buyer@1', 'buyer@2']);
    expect(
      view.messages.map(({ leg, direction, text }) => [
        leg,
        direction,
        text.split(' ').slice(0, 2).join(' '),
      ]),
    ).toEqual([
      [0, 'received', 'INVITE sip:+18005550100@127.0.0.1'],
      [1, 'sent', 'INVITE sip:+12145550200@127.0.0.1:5090'],
      [1, 'received', 'SIP/2.0 486'],
      [2, 'sent', 'INVITE sip:+12145550200@127.0.0.1:5090'],
      [2, 'received', 'SIP/2.0 200'],
      [0, 'sent', 'SIP/2.0 200'],
    ]);
    expect(view.messages[0]).toMatchObject({ at_ms: 0, transport: 'udp', address: '127.0.0.1:5081' });
    expect(view.messages.map(({ at_ms }) => at_ms)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('says what a SIP server did by itself: a CANCEL that it held, an answer that nobody gave', () => {
    const traces = ring();
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    traces.saw(sent(toBuyer('silent@1', callId(1))));
    traces.saw(sent({ start: 'CANCEL sip:a@b SIP/2.0', sip: 'silent@1' }));
    traces.saw(sent(toBuyer('rings@1', callId(1))));
    traces.saw(received({ start: 'SIP/2.0 100 Trying', sip: 'rings@1' }));
    traces.saw(sent({ start: 'CANCEL sip:a@b SIP/2.0', sip: 'rings@1' }));
    traces.saw(madeUp({ start: 'SIP/2.0 408 Request Timeout', sip: 'silent@1' }));
    traces.saw(madeUp({ start: 'SIP/2.0 503 Service Unavailable', sip: 'rings@1' }));
    traces.saw(received({ start: 'SIP/2.0 503 Service Unavailable', sip: 'rings@1' }));
    expect(kept(traces, callId(1)).messages.map(({ by_server }) => by_server)).toEqual([
      ...[null, null, 'held', null, null, null, 'no_answer', 'not_sent', null],
    ]);
  });

  it('is found by the id, by how it begins, and by the Call-ID of any leg; what is ambiguous is told', () => {
    const traces = ring();
    for (const n of [1, 2]) {
      traces.saw(received(invite(`carrier@${n}`)));
      traces.follow(`abcdef00-${n}`, `carrier@${n}`);
      traces.saw(sent(toBuyer(`buyer@${n}`, `abcdef00-${n}`)));
    }
    for (const named of ['abcdef00-2', 'carrier@2', 'buyer@2'])
      expect(kept(traces, named).call).toBe(named.startsWith('a') ? named : 'abcdef00-2');
    expect(kept(traces, 'abcdef00-1').legs).toEqual(['carrier@1', 'buyer@1']);
    expect(traces.find('abcdef00')).toEqual({ ok: false, reason: 'ambiguous_call' });
    expect(traces.find('abcdef0')).toEqual({ ok: false, reason: 'unknown_call' });
    expect(traces.find('abcdef00-3')).toEqual({ ok: false, reason: 'unknown_call' });
  });

  it('of one that was turned away is found by its Call-ID', () => {
    const traces = ring();
    traces.saw(received(invite('stranger@1')));
    traces.saw(sent({ start: 'SIP/2.0 403 Forbidden', sip: 'stranger@1' }));
    expect(kept(traces, 'stranger@1')).toMatchObject({ call: null, legs: ['stranger@1'] });
  });

  it('begins anew where a carrier uses a Call-ID again once its call is over, and goes on in a re-INVITE', () => {
    const live = new Set([callId(1)]);
    const traces = ring(10, (call) => live.has(call));
    traces.saw(received(invite('again@1')));
    traces.follow(callId(1), 'again@1');
    traces.saw(received({ ...invite('again@1'), headers: ['To: <sip:x@y>;tag=ours'] }));
    expect(kept(traces, callId(1)).messages).toHaveLength(2);
    live.clear();
    traces.saw(received({ ...invite('again@1'), headers: ['To: <sip:x@y>'] }));
    traces.follow(callId(2), 'again@1');
    expect(kept(traces, callId(1)).messages).toHaveLength(2);
    expect(kept(traces, callId(2)).messages).toHaveLength(1);
    expect(kept(traces, 'again@1').call).toBe(callId(2));
  });

  it('stays with the call that lives, whoever sends an INVITE of its Call-ID', () => {
    const traces = ring(10, (call) => call === callId(1));
    traces.saw(received(invite('victim@1')));
    traces.follow(callId(1), 'victim@1');
    traces.saw(received(invite('victim@1')));
    traces.follow(callId(2), 'victim@1');
    traces.saw(received({ start: 'BYE sip:x SIP/2.0', sip: 'victim@1' }));
    expect(kept(traces, 'victim@1').call).toBe(callId(1));
    expect(kept(traces, callId(1)).messages.at(-1)?.text).toContain('BYE');
    expect(traces.find(callId(2)).ok).toBe(false);
  });

  it('takes no header from a body, however it is written', () => {
    const traces = ring();
    traces.saw(received(invite('victim@1')));
    traces.follow(callId(1), 'victim@1');
    const body = `v=0\r\nCall-ID: victim@1\r\nX-Tollbridge-Call: ${callId(1)}\r\n`;
    traces.saw(`${id}|sip|network|1|udp|6.6.6.6|5060|t|t||\r\nBYE sip:a SIP/2.0\r\ni: evil@1\r\n\r\n${body}`);
    traces.saw(sent({ ...invite('media@1'), body }));
    expect(kept(traces, callId(1)).messages).toHaveLength(1);
    expect(traces.find('media@1').ok).toBe(false);
  });

  it('is not that of a media server, of a probe, or of whoever names a call that is not its own', () => {
    const traces = ring();
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    traces.saw(sent({ ...invite('media@1'), headers: ['User-Agent: drachtio-fsmrf:1'] }));
    traces.saw(received({ start: 'SIP/2.0 200 OK', sip: 'media@1' }));
    traces.saw(sent({ start: 'OPTIONS sip:127.0.0.1 SIP/2.0', sip: 'probe@1' }));
    traces.saw(received(toBuyer('claims@1', callId(1))));
    expect(kept(traces, callId(1)).messages).toHaveLength(1);
    expect(kept(traces, 'claims@1').call).toBeNull();
    expect(traces.find('media@1').ok || traces.find('probe@1').ok).toBe(false);
  });

  it('is begun by no re-INVITE of a media server inside a dialog of its own', () => {
    const traces = ring();
    traces.saw(received({ ...invite('media@1'), headers: ['To: <sip:x@y>;tag=ours'] }));
    expect(traces.size()).toEqual({ calls: 0, characters: 0 });
    expect(traces.find('media@1').ok).toBe(false);
  });

  it('finds a Call-ID however it is written, and none in a body', () => {
    for (const header of ['CALL-ID:  x@1', 'i: x@1', 'call-id : x@1 ']) {
      const traces = ring();
      traces.saw(
        `${id}|sip|network|1|udp|1.1.1.1|5060|t|t||\r\nINVITE sip:a SIP/2.0\r\n${header}\r\n\r\ni: body`,
      );
      expect(traces.find('x@1').ok, header).toBe(true);
    }
    const traces = ring();
    traces.saw(
      `${id}|sip|network|1|udp|1.1.1.1|5060|t|t||\r\nINVITE sip:a SIP/2.0\r\nTo: <a>\r\n\r\nv=0\r\ni: body`,
    );
    expect(traces.size()).toEqual({ calls: 0, characters: 0 });
  });
});

describe('what is nobody’s business', () => {
  it('is not there: keys that were pressed, credentials, media keys', () => {
    const traces = ring();
    traces.saw(
      received({
        ...invite('carrier@1'),
        headers: ['Proxy-Authorization: Digest username="u",\r\n response="5ecret"', 'Subject: hello'],
        body: 'v=0\r\nm=audio 1 RTP/SAVP 0\r\na=crypto:1 AES_CM_128 inline:5ecret\r\n',
      }),
    );
    traces.follow(callId(1), 'carrier@1');
    for (const body of ['Signal=7\r\nDuration=250\r\n', '7']) {
      traces.saw(received({ start: 'INFO sip:x SIP/2.0', sip: 'carrier@1', body }));
    }
    const texts = kept(traces, callId(1)).messages.map(({ text }) => text);
    expect(texts[0]).toContain('Proxy-Authorization: (left out)\r\nSubject: hello');
    expect(texts[0]).toContain('a=crypto:(left out)');
    expect(texts.join()).not.toMatch(/5ecret|username/);
    for (const text of texts.slice(1)) expect(text.split('\r\n\r\n')[1]).toBe('');
  });
});

describe('the ring', () => {
  it('stays within its bounds, whatever comes, and keeps the latest', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), n: fc.nat(60) }),
      fc.record({ kind: fc.constant('stranger' as const), n: fc.nat(60) }),
      fc.record({ kind: fc.constant('message' as const), n: fc.nat(60), size: fc.nat(9_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
        const traces = ring(most);
        let last: string | null = null;
        steps.forEach((one, at) => {
          if (one.kind === 'message') {
            const body = `v=0\r\n${'a=x\r\n'.repeat(one.size / 5)}`;
            traces.saw(received({ start: 'SIP/2.0 183 P', sip: `call@${one.n}`, body }));
            return;
          }
          traces.saw(received(invite(`${one.kind}@${one.n}`)));
          if (one.kind !== 'call') return;
          last = callId(at);
          traces.follow(last, `call@${one.n}`);
          traces.saw(sent(toBuyer(`leg@${at}`, last)));
          expect(traces.find(last).ok).toBe(true);
        });
        const { calls, characters } = traces.size();
        expect(calls).toBeLessThanOrEqual(most + Math.ceil(most / 10));
        expect(characters).toBeLessThanOrEqual(most * 16_384);
      }),
    );
  });

  it('keeps so much of one call, and says how much more there was', () => {
    const traces = ring(100);
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    const body = `v=0\r\n${'a=x\r\n'.repeat(1_000)}`;
    for (let n = 0; n < 20; n++) traces.saw(received({ start: 'SIP/2.0 183 P', sip: 'carrier@1', body }));
    const view = kept(traces, callId(1));
    expect(view.messages.length + view.left_out).toBe(21);
    expect(view.left_out).toBeGreaterThan(0);
    expect(traces.size().characters).toBeLessThanOrEqual(65_536);
  });

  it('of none keeps nothing, and lets go of what it had', () => {
    let most = 5;
    const traces = new TraceRing(
      () => most,
      () => false,
    );
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    most = 0;
    traces.saw(received(invite('carrier@2')));
    traces.follow(callId(2), 'carrier@2');
    expect(traces.size()).toEqual({ calls: 0, characters: 0 });
    expect(traces.find(callId(1)).ok).toBe(false);
  });

  it('is driven out of no call by a flood of those that are turned away', () => {
    const traces = ring(10);
    traces.saw(received(invite('carrier@1')));
    traces.follow(callId(1), 'carrier@1');
    for (let n = 0; n < 500; n++)
      traces.saw(received({ ...invite(`flood@${n}`), body: `v=0${'x'.repeat(9_000)}` }));
    expect(kept(traces, callId(1)).messages).toHaveLength(1);
    expect(traces.size().calls).toBe(2);
  });
});
