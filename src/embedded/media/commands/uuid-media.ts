import { sendDigits } from '../applications/call-control.ts';
import { startRecording, stopRecording } from '../channel/recordings.ts';
import { splitWords } from '../words.ts';
import { noSuchChannel, ok, type Command } from './command.ts';

/** `uuid_record <uuid> start|stop <path> [seconds]`; a path with blanks stands in single quotes; `stop all` stops every recording. */
export const uuidRecord: Command = async (argument, { channels }) => {
  const [uuid = '', action, path, seconds = '0'] = splitWords(argument);
  const isKnown = action === 'start' || action === 'stop';
  if (!isKnown || path === undefined || !/^\d+$/.test(seconds))
    return '-USAGE: <uuid> [start|stop] <path> [<limit>]\n';
  const channel = channels.get(uuid);
  if (channel === undefined) return '-ERR Cannot locate session!\n';
  if (action === 'stop')
    return (await stopRecording(channel, path)) ? '+OK Success\n' : '-ERR Cannot stop record session!\n';
  const started = await startRecording(channel, path, { seconds: Number(seconds) });
  return started.ok ? '+OK Success\n' : '-ERR Cannot record session!\n';
};

/** `uuid_audio <uuid> start read|write mute <level>`: -1 and below silence, 0 gives sound again. */
export const uuidAudio: Command = (argument, { channels }) => {
  const [uuid = '', action, direction, what, level = '0'] = argument.trim().split(/\s+/);
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  if (action === 'stop') channel.muted = channel.deafened = false;
  else if (action === 'start' && what === 'mute' && (direction === 'read' || direction === 'write')) {
    if (direction === 'read') channel.muted = Number(level) !== 0;
    else channel.deafened = Number(level) !== 0;
  } else return '-USAGE: <uuid> [start [read|write] mute <level>|stop]\n';
  return ok;
};

/** `uuid_send_dtmf <uuid> digits[@ms]` */
export const uuidSendDtmf: Command = (argument, { channels }) => {
  const [uuid = '', digits] = argument.trim().split(/\s+/);
  if (digits === undefined) return '-USAGE: <uuid> <dtmf_data>\n';
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  sendDigits(channel, digits);
  return ok;
};
