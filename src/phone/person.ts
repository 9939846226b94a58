/** A person on the phone: listens, presses keys once the prompt has gone quiet, talks, stays a while, hangs up. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CallEnd, PhoneCall } from './call.ts';
import type { Heard } from './hearing.ts';

interface Script {
  /** Groups of keys, each pressed after the line has gone quiet. */
  readonly press: readonly string[];
  /** How long the person listens before pressing, whatever is still being said; milliseconds. */
  readonly patience: number;
  /** What is said after the last key: a WAV file (absolute path) or a `tone_stream://…`. */
  readonly say: string | null;
  /** How long the person stays after the last key; milliseconds. */
  readonly hold: number;
}

/** What was heard, and after what: the dialling, the answer, a group of keys. */
export interface Passage {
  readonly after: 'dialling' | 'answer' | `keys ${string}`;
  readonly heard: Heard;
}

export interface Told {
  /** Each passage at its end. */
  onHeard?(passage: Passage): void;
  onPressed?(keys: string): void;
  /** What was to be said is no sound that can be played. */
  onUnplayable?(source: string): void;
}

const quietMs = 1000;

/** Follows the script to the call's end; `stop` hangs up at once. */
export async function followScript(
  call: PhoneCall,
  script: Script,
  stop: AbortSignal,
  told: Told = {},
): Promise<{ readonly passages: readonly Passage[]; readonly end: CallEnd }> {
  const passages: Passage[] = [];
  let heardUntil = 0;
  let after: Passage['after'] = 'dialling';
  const close = async (next: Passage['after']) => {
    const heard = await call.hear(heardUntil);
    heardUntil += heard.seconds;
    if (heard.seconds > 0) {
      passages.push({ after, heard });
      told.onHeard?.({ after, heard });
    }
    after = next;
  };
  const hangUp = () => void call.hangUp();
  stop.addEventListener('abort', hangUp, { once: true });
  if (stop.aborted) hangUp();

  const answer = await call.answered;
  await close('answer');
  if (answer.ok) {
    for (const keys of script.press) {
      await call.quiet(quietMs, script.patience);
      if (stop.aborted) break;
      await close(`keys ${keys}`);
      told.onPressed?.(keys);
      await call.press(keys);
    }
    if (script.say !== null) void say(call, script.say, told);
    await untilEnded(call, script.hold);
    await call.hangUp();
    await close('answer');
  }
  stop.removeEventListener('abort', hangUp);
  return { passages, end: await call.ended };
}

async function say(call: PhoneCall, source: string, told: Told): Promise<void> {
  if ((await call.say(source)) === 'failed') told.onUnplayable?.(source);
}

async function untilEnded(call: PhoneCall, ms: number): Promise<void> {
  const timer = new AbortController();
  const elapsed = pause(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([call.ended, elapsed]);
  timer.abort();
}
