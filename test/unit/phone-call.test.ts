import { describe, expect, it } from 'vitest';
import { settleable } from '../../src/deadline.ts';
import type { Endpoint, EndpointEnd, Media } from '../../src/media/media.ts';
import { incomingCall } from '../../src/phone/incoming.ts';
import { placeCall } from '../../src/phone/outgoing.ts';
import type {
  Dialling,
  DialOutcome,
  Leg,
  LegEnd,
  Offer,
  OfferAnswer,
  Signalling,
} from '../../src/signalling/signalling.ts';

const uri = 'sip:+18005550100@127.0.0.1:5060';

describe('a call that is placed', () => {
  it('goes to the address with the caller, and tells a refusal with its status', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: '+12145550101' });
    await far.dialled;
    expect(far.destination).toMatchObject({
      trunk: 'sip:127.0.0.1:5060',
      number: '+18005550100',
      from: '+12145550101',
      sdp: 'our offer',
    });
    far.decide({ kind: 'refused', status: 486, reason: 'Busy Here', retryAfter: null });
    const end = { by: 'far_end', cause: 'refused', status: 486, reason: 'Busy Here' };
    expect(await call.answered).toEqual({ ok: false, end });
    expect(await call.ended).toEqual(end);
    expect(far.endpoint.closed).toBe(true);
  });

  it('is cancelled by hanging up before an answer', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: null });
    await far.dialled;
    const hungUp = call.hangUp();
    expect(far.cancelled).toBe(true);
    far.decide({ kind: 'refused', status: 487, reason: 'Request Terminated', retryAfter: null });
    await hungUp;
    expect(await call.ended).toMatchObject({ by: 'us', cause: 'cancelled', status: 487 });
  });

  it('releases a 200 that crossed its CANCEL', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: null });
    await far.dialled;
    const hungUp = call.hangUp();
    far.decide({ kind: 'answered', leg: far.leg });
    await hungUp;
    expect(far.leg.hungUp).toBe(true);
    expect(await call.answered).toMatchObject({ ok: false });
    expect(far.endpoint.closed).toBe(true);
  });

  it('may be hung up before its line is open', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: null });
    const hungUp = call.hangUp();
    await far.dialled;
    expect(far.cancelled).toBe(true);
    far.decide({ kind: 'refused', status: 487, reason: 'Request Terminated', retryAfter: null });
    await hungUp;
  });

  it('connects early media, and not again for the same SDP in the 200', async () => {
    const far = farEnd();
    const progress: unknown[] = [];
    const call = placeCall(far.engine, uri, { from: null, onProgress: (one) => progress.push(one) });
    await far.dialled;
    far.progress(180, null);
    far.progress(183, 'their answer');
    far.decide({ kind: 'answered', leg: far.leg });
    expect(await call.answered).toMatchObject({ ok: true });
    await far.endpoint.recorded;
    expect(far.endpoint.connected).toEqual(['their answer']);
    expect(progress).toMatchObject([
      { status: 180, early: false },
      { status: 183, early: true },
    ]);
  });

  it('answers a re-INVITE by the endpoint, and 488 where no codec is common', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: null });
    await far.dialled;
    far.decide({ kind: 'answered', leg: far.leg });
    await call.answered;
    expect(await far.leg.reinvite('their new offer')).toEqual({ sdp: 'our answer to their new offer' });
    expect(await far.leg.reinvite(null)).toEqual({ sdp: 'our offer' });
    expect(await far.leg.reinvite('video only')).toEqual({ status: 488 });
  });

  it('ends when its media is lost, with a BYE to the far end', async () => {
    const far = farEnd();
    const call = placeCall(far.engine, uri, { from: null });
    await far.dialled;
    far.decide({ kind: 'answered', leg: far.leg });
    await call.answered;
    far.endpoint.end('rtp_timeout');
    expect(await call.ended).toMatchObject({ cause: 'lost', reason: 'rtp_timeout' });
    expect(far.leg.hungUp).toBe(true);
  });

  it.each(['+18005550100', 'sip:127.0.0.1', 'tel:+18005550100'])('is not placed to %s', (address) => {
    expect(() => placeCall(farEnd().engine, address, { from: null })).toThrow(/not an address to call/);
  });
});

describe('a call that comes in', () => {
  it('leaves no endpoint behind when the caller goes while it is answered', async () => {
    const far = farEnd();
    const offer = offerThat(() => ({ ok: false, reason: 'cancelled' }));
    expect(await incomingCall(far.engine, offer).answer()).toBeNull();
    expect(far.endpoint.closed).toBe(true);
  });

  it('is heard from its answer on', async () => {
    const far = farEnd();
    const call = await incomingCall(
      far.engine,
      offerThat(() => ({ ok: true, leg: far.leg })),
    ).answer();
    await far.endpoint.recorded;
    far.leg.end('far_end');
    expect(await call?.ended).toMatchObject({ by: 'far_end', cause: 'hung_up' });
    expect(far.endpoint.closed).toBe(true);
  });
});

/** The two ports with a far end behind them that does what the test says. */
function farEnd() {
  const outcome = settleable<DialOutcome>();
  const dialled = settleable<undefined>();
  const endpoint = fakeEndpoint();
  const leg = fakeLeg();
  let onProgress: Parameters<Dialling['onProgress']>[0] = () => undefined;
  const far = {
    endpoint,
    leg,
    dialled: dialled.promise,
    destination: {} as unknown,
    cancelled: false,
    decide: outcome.settle,
    progress: (status: number, sdp: string | null) => onProgress({ status, sdp }),
    engine: {
      address: '127.0.0.1:1',
      recording: () => '/nowhere/call.wav',
      close: () => Promise.resolve(),
      media: { open: () => Promise.resolve({ ok: true, endpoint }) } as unknown as Media,
      signalling: {
        dial: (to: unknown): Dialling => {
          far.destination = to;
          queueMicrotask(() => dialled.settle(undefined));
          return {
            callId: null,
            onTrying: () => undefined,
            onProgress: (handler) => (onProgress = handler),
            outcome: outcome.promise,
            cancel: () => (far.cancelled = true),
          };
        },
      } as unknown as Signalling,
    },
  };
  return far;
}

function fakeEndpoint() {
  const ended = settleable<EndpointEnd>();
  const recorded = settleable<undefined>();
  const endpoint = {
    id: 'endpoint',
    sdp: 'our offer',
    ended: ended.promise,
    end: ended.settle,
    recorded: recorded.promise,
    connected: [] as string[],
    closed: false,
    onDigit: () => undefined,
    connect: (sdp: string) => {
      if (sdp === 'video only') return Promise.resolve({ ok: false as const, reason: 'no codec' });
      endpoint.connected.push(sdp);
      return Promise.resolve({ ok: true as const, sdp: `our answer to ${sdp}` });
    },
    record: () => {
      recorded.settle(undefined);
      return Promise.resolve(true);
    },
    stopRecording: () => Promise.resolve(),
    close: () => {
      endpoint.closed = true;
      ended.settle('closed');
      return Promise.resolve();
    },
  };
  return endpoint as typeof endpoint & Endpoint;
}

function fakeLeg() {
  const ended = settleable<LegEnd>();
  let answerOffer: (sdp: string | null) => Promise<OfferAnswer> = () => Promise.resolve({ status: 500 });
  const leg = {
    callId: 'leg',
    remoteSdp: 'their answer',
    ended: ended.promise,
    end: (by: LegEnd['by']) => ended.settle({ by }),
    hungUp: false,
    reinvite: (sdp: string | null) => answerOffer(sdp),
    onOffer: (handler: typeof answerOffer) => (answerOffer = handler),
    onDigit: () => undefined,
    acknowledged: Promise.resolve(null),
    hangup: () => {
      leg.hungUp = true;
      ended.settle({ by: 'us' });
      return Promise.resolve();
    },
  };
  return leg as unknown as typeof leg & Leg;
}

function offerThat(answered: () => Awaited<ReturnType<Offer['answer']>>): Offer {
  return {
    callId: 'offer',
    from: '+12145550101',
    to: '+12145550111',
    sdp: 'their offer',
    answer: () => Promise.resolve(answered()),
  } as unknown as Offer;
}
