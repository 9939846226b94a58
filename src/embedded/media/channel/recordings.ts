import type { Channel } from './channel.ts';
import { messageOf } from '../../../message-of.ts';
import { makePlace } from '../recording/place.ts';
import { SessionRecorder } from '../recording/session-recorder.ts';

export type Started =
  { readonly ok: true; readonly recorder: SessionRecorder } | { readonly ok: false; readonly wrong: string };

interface RecordingOptions {
  /** Only what the far end says. */
  readonly heardOnly?: boolean;
  /** It stops by itself after so long; 0 for never. */
  readonly seconds?: number;
}

/** Starts to record a channel to `path`; `RECORD_STEREO=true` parts the two directions. One that does not start is logged. */
export async function startRecording(
  channel: Channel,
  path: string,
  options: RecordingOptions = {},
): Promise<Started> {
  const started = await start(channel, path, options).catch(
    (error: unknown) => ({ ok: false, wrong: messageOf(error) }) as const,
  );
  if (!started.ok)
    channel.around.log('warn', 'media.cannot_record', { channel: channel.uuid, path, reason: started.wrong });
  return started;
}

async function start(
  channel: Channel,
  path: string,
  { heardOnly = false, seconds = 0 }: RecordingOptions,
): Promise<Started> {
  const { defect, log, recordings } = channel.around;
  const misplaced = await makePlace(recordings, path);
  if (misplaced !== null) return { ok: false, ...misplaced };
  if (channel.recorders.has(path)) return { ok: false, wrong: 'is being recorded already' };
  const recorder = await SessionRecorder.start({
    path,
    heardOnly,
    stereo: !heardOnly && channel.variables.get('RECORD_STEREO') === 'true',
    seconds: seconds > 0 ? seconds : Infinity,
    onTime: () => void stopRecording(channel, path).catch((error: unknown) => defect(error)),
    onFault: (error) =>
      log('error', 'media.recording_failed', { channel: channel.uuid, path, error: messageOf(error) }),
  });
  if (channel.hangupCause !== undefined) {
    await recorder.finish();
    return { ok: false, wrong: 'the channel has ended' };
  }
  channel.recorders.set(path, recorder);
  channel.publish('RECORD_START', { 'Record-File-Path': path });
  return { ok: true, recorder };
}

/** Stops one recording of a channel, or `all`; resolves once the file is whole. False where there was none. */
export async function stopRecording(channel: Channel, path: string): Promise<boolean> {
  const stopped =
    path === 'all'
      ? [...channel.recorders.values()]
      : [channel.recorders.get(path)].filter((one) => one !== undefined);
  for (const recorder of stopped) channel.recorders.delete(recorder.path);
  await Promise.all(stopped.map((recorder) => recorder.finish()));
  for (const recorder of stopped) channel.publish('RECORD_STOP', { 'Record-File-Path': recorder.path });
  return stopped.length > 0;
}
