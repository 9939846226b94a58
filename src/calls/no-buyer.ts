import type { Call } from './call.ts';
import type { Caller } from './caller.ts';

/** Nobody may or will take the call: the prompt, where the campaign has one, and the end. */
export async function noBuyer(call: Call, caller: Caller): Promise<void> {
  if (call.isOver()) return;
  const prompt = call.campaign.routing.noBuyer?.play;
  if (prompt !== undefined && !caller.isBoundToBuyer) {
    const endpoint = await caller.anchor();
    await caller.stopRinging();
    if (endpoint && (await caller.answer(endpoint.sdp))) await call.unlessOver(endpoint.play(prompt).done);
  }
  const { attempts } = call;
  const isCodec = attempts.length > 0 && attempts.every(({ result }) => result === 'no_common_codec');
  call.end(isCodec && !caller.isAnswered ? 'no_common_codec' : 'no_buyer', 'switch');
}
