import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import type { Floor } from './floor.ts';

/**
 * Nobody may or will take the call: the prompt, where the campaign has one, and the end. A busy switch spares itself the
 * prompt for whom nothing was answered yet: where trunks fail because of the load, one for each caller would keep it up.
 */
export async function noBuyer(call: Call, caller: Caller, { overload }: Floor): Promise<void> {
  if (call.isOver()) return;
  const prompt = call.campaign.routing.noBuyer?.play;
  const isAffordable = caller.isAnswered || (caller.canBeAnchored && !overload.isOn);
  if (prompt !== undefined && !caller.isBoundToBuyer && isAffordable) {
    const endpoint = await caller.anchor();
    await caller.stopRinging();
    if (endpoint && (await caller.answer(endpoint.sdp))) await call.unlessOver(endpoint.play(prompt).done);
  }
  const { attempts } = call;
  const isCodec = attempts.length > 0 && attempts.every(({ result }) => result === 'no_common_codec');
  call.end(isCodec && !caller.isAnswered ? 'no_common_codec' : 'no_buyer', 'switch');
}
