import { decode, type Law } from '../g711.ts';
import type { Turn } from '../channel/turn.ts';
import { startRecording, stopRecording } from '../recording/record.ts';
import { nothing, type Application } from './application.ts';

/** `record path [seconds [threshold [hits]]]`: what the far end says, until the time is up or it falls silent. */
export const record: Application = async (turn) => {
  const { channel } = turn;
  const [path = '', seconds, threshold, hits] = turn.request.argument.trim().split(/\s+/);
  const started = await startRecording(channel, path, true);
  if (!started.ok) {
    channel.around.log('warn', 'media.cannot_record', { channel: channel.uuid, path, reason: started.wrong });
    return nothing;
  }
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

/** `record_session path`: both directions, until it is stopped or the channel ends. */
export const recordSession: Application = async ({ channel, request }) => {
  const [path = ''] = request.argument.trim().split(/\s+/);
  const started = await startRecording(channel, path);
  if (!started.ok)
    channel.around.log('warn', 'media.cannot_record', { channel: channel.uuid, path, reason: started.wrong });
  return nothing;
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
