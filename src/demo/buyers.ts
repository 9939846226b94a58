/** The demo's three buyers: one answers, one is busy, one takes its time and sometimes does not pick up at all. */
import { join } from 'node:path';
import type { IncomingCall } from '../phone/incoming.ts';
import type { Phone } from '../phone/phone.ts';
import { packageRoot } from './package-root.ts';
import { pause } from './pause.ts';

/** Numbers as config/demo.yaml dials them. */
const sunrise = '+12145550111';
const helio = '+13125550122';
const brightside = '+16025550133';

/** Callers to whom Brightside behaves in its own way. */
const ringsOutFor = '+15055550106';
const hangsUpOn = '+17735550112';

const voice = (name: string) => join(packageRoot, 'config/voices', `buyer-${name}.wav`);

export function letBuyersAnswer(phone: Phone): void {
  phone.onIncoming((call) => void take(call));
}

async function take(call: IncomingCall): Promise<void> {
  switch (call.to) {
    case sunrise:
      await answer(call, { after: 400, voice: voice('sunrise'), talks: 'till_the_end' });
      break;
    case helio:
      call.refuse(486, 'Busy Here');
      break;
    case brightside:
      if (call.from === ringsOutFor) call.ring();
      else await answer(call, { after: 2_500, voice: voice('brightside'), talks: brightsideTalks(call) });
      break;
    default:
      call.refuse(404);
  }
}

function brightsideTalks(call: IncomingCall): Manner['talks'] {
  return call.from === hangsUpOn ? 3_500 : 'till_the_end';
}

interface Manner {
  /** How long it rings; milliseconds. */
  readonly after: number;
  readonly voice: string;
  readonly talks: 'till_the_end' | number;
}

async function answer(call: IncomingCall, manner: Manner): Promise<void> {
  call.ring();
  await pause(manner.after);
  if (call.cancelled.aborted) return;
  const talk = await call.answer();
  if (talk === null) return;
  void talk.say(manner.voice, 'silence_stream://-1');
  if (manner.talks === 'till_the_end') return;
  await Promise.race([pause(manner.talks), talk.ended]);
  await talk.hangUp();
}
