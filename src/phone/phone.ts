/**
 * A small telephone for trying things, in no path of the switch: it stands on the same engine from the other side.
 * One phone carries many calls, placed and taken.
 */
import type { PhoneCall } from './call.ts';
import { type Engine, type EngineOptions, startEngine } from './engine.ts';
import { type IncomingCall, incomingCall } from './incoming.ts';
import { type Placing, placeCall } from './outgoing.ts';

export interface Phone {
  /** `host:port`, by UDP. */
  readonly address: string;
  /** `uri`: `sip:NUMBER@HOST[:PORT][;transport=tcp]`. */
  call(uri: string, placing: Placing): PhoneCall;
  /** Until it is set, whoever calls is told 480. */
  onIncoming(take: (call: IncomingCall) => void): void;
  /** Hangs up every call. */
  close(): Promise<void>;
}

/** Throws where the address cannot be had, in words. */
export async function openPhone(options: EngineOptions): Promise<Phone> {
  return phoneOn(await startEngine(options));
}

/** The engine is closed with the phone. */
export async function phoneOn(engine: Engine): Promise<Phone> {
  const calls = new Set<PhoneCall>();
  const remember = (call: PhoneCall) => {
    calls.add(call);
    void call.ended.then(() => calls.delete(call));
    return call;
  };
  let take = (call: IncomingCall) => call.refuse(480);
  const isReached = await engine.signalling.onInvite((offer) => {
    const call = incomingCall(engine, offer);
    take({
      ...call,
      answer: async () => {
        const answered = await call.answer();
        return answered === null ? null : remember(answered);
      },
    });
  });
  if (!isReached) {
    await engine.close();
    throw new Error('the telephone gets no calls from its own SIP server');
  }

  return {
    address: engine.address,
    call: (uri, placing) => remember(placeCall(engine, uri, placing)),
    onIncoming: (handler) => {
      take = handler;
    },
    close: async () => {
      await Promise.all([...calls].map((call) => call.hangUp()));
      await engine.close();
    },
  };
}
