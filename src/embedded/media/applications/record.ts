import { decode, type Law } from '../g711.ts';
import type { Turn } from '../channel/turn.ts';
import { startRecording, stopRecording } from '../channel/recordings.ts';
import { splitWords } from '../words.ts';
import { nothing, type Application } from '../channel/application.ts';

const cannotRecord = '-ERR Cannot record session!';

/** `record path [seconds [threshold [hits]]]`: what the far end says, until the time is up or it falls silent. */
export const record: Application = async (turn) => {
  const { channel } = turn;
  const [path = '', seconds, threshold, hits] = splitWords(turn.request.argument);
  const started = await startRecording(channel, path, { heardOnly: true });
  if (!started.ok) return cannotRecord;
  let exhausted = false;
  if (Number(threshold) > 0 && Number(hits) > 0) {
    turn.hear = silenceWatch(Number(threshold), Number(hits), () => {
      exhausted = true;
      turn.stop('break');
    });
  }
  await turn.rest(Number(seconds) > 0 ? Number(seconds) * 1000 : Infinity);
  await stopRecording(channel, path);
  tellLength(turn, started.recorder.samples, started.recorder.size, exhausted);
  return nothing;
};

/**
 * `record_session path [+seconds]`: both directions, until it is stopped, the time is up or the channel ends. The path
 * is all that stands before the limit, blanks and all. FreeSWITCH says nothing of a recording that does not start.
 */
export const recordSession: Application = async ({ channel, request }) => {
  const [, path = '', seconds] = /^(.*?)(?:\s+\+\s*(\d+))?$/s.exec(request.argument.trim()) ?? [];
  const started = await startRecording(channel, path, { seconds: Number(seconds ?? 0) });
  return started.ok ? nothing : cannotRecord;
};

/** `stop_record_session path`, or `all` */
export const stopRecordSession: Application = async ({ channel, request }) => {
  await stopRecording(channel, request.argument.trim() || 'all');
  return nothing;
};

function tellLength({ channel }: Turn, samples: number, size: number, exhausted: boolean): void {
  const ms = Math.round(samples / 8);
  channel.setVariable('silence_hits_exhausted', String(exhausted));
  channel.setVariable('record_file_size', String(size));
  channel.setVariable('record_seconds', String(Math.floor(ms / 1000)));
  channel.setVariable('record_ms', String(ms));
  channel.setVariable('record_samples', String(samples));
}

/** Calls `exhausted` after so many packets in a row whose mean level lies below the threshold. */
function silenceWatch(
  threshold: number,
  hits: number,
  exhausted: () => void,
): (law: Law, payload: Uint8Array) => void {
  const pcm = new Int16Array(1500);
  let silent = 0;
  return (law, payload) => {
    decode(law, payload, pcm);
    let sum = 0;
    for (let i = 0; i < payload.length; i++) sum += Math.abs(pcm[i] ?? 0);
    silent = sum / Math.max(1, payload.length) < threshold ? silent + 1 : 0;
    if (silent >= hits) exhausted();
  };
}
