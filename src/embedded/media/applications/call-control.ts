import type { Channel } from '../channel/channel.ts';
import { defaultDuration, keyOf } from '../digits.ts';
import { nothing, type Application } from '../channel/application.ts';

/** Every channel here was answered before it came to execute anything. */
export const answer: Application = () => nothing;

/** `hangup [cause]` */
export const hangup: Application = ({ channel, request }) => {
  channel.hangup(request.argument.trim().toUpperCase() || 'NORMAL_CLEARING');
  return nothing;
};

/** Waits, with silence, until it is stopped. */
export const park: Application = async (turn) => {
  await turn.rest(Infinity);
  return nothing;
};

/** `sleep ms` */
export const sleep: Application = async (turn) => {
  await turn.rest(Number.parseInt(turn.request.argument, 10) || 0);
  return nothing;
};

/** `set_mute read|write|both true|false`: read is what the far end says, write what it hears. */
export const setMute: Application = ({ channel, request }) => {
  const [direction, value = 'true'] = request.argument.trim().split(/\s+/);
  const on = value === 'true';
  if (direction === 'read' || direction === 'both') channel.muted = on;
  if (direction === 'write' || direction === 'both') channel.deafened = on;
  return nothing;
};

/** `send_dtmf digits[@ms]` */
export const sendDtmf: Application = ({ channel, request }) => {
  sendDigits(channel, request.argument);
  return nothing;
};

/** Sends the keys of `digits[@ms]`; what is no key is left out. */
export function sendDigits(channel: Channel, text: string): void {
  const [digits = '', ms = ''] = text.trim().split('@');
  const duration = 8 * Number.parseInt(ms, 10) || defaultDuration;
  for (const one of digits) {
    const key = keyOf(one);
    if (key !== undefined) channel.send({ key, duration, source: 'APP' });
  }
}
