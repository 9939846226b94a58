import type { Channel } from '../channel/channel.ts';
import { reasonOf } from '../log.ts';
import { makePlace } from './place.ts';
import { SessionRecorder } from './session-recorder.ts';

export type Started =
  { readonly ok: true; readonly recorder: SessionRecorder } | { readonly ok: false; readonly wrong: string };

/** Starts to record a channel to `path`; only the far end with `heardOnly`. `RECORD_STEREO=true` parts the two directions. */
export async function startRecording(channel: Channel, path: string, heardOnly = false): Promise<Started> {
  if (channel.recorders.has(path)) return { ok: false, wrong: 'is being recorded already' };
  const { log, recordings } = channel.around;
  const onFault = (error: unknown) =>
    log('error', 'media.recording_failed', { channel: channel.uuid, path, error: reasonOf(error) });
  try {
    const misplaced = await makePlace(recordings, path);
    if (misplaced !== null) return { ok: false, ...misplaced };
    const stereo = !heardOnly && channel.variables.get('RECORD_STEREO') === 'true';
    const recorder = await SessionRecorder.start({ path, stereo, heardOnly, onFault });
    if (channel.hangupCause !== undefined) {
      await recorder.finish();
      return { ok: false, wrong: 'the channel has ended' };
    }
    channel.recorders.set(path, recorder);
    channel.publish('RECORD_START', { 'Record-File-Path': path });
    return { ok: true, recorder };
  } catch (error) {
    onFault(error);
    return { ok: false, wrong: reasonOf(error) };
  }
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
