import type { Ending, Turn } from '../channel/turn.ts';
import type { Application } from '../channel/application.ts';

/** FreeSWITCH parts the files of a list by a quarter of a second, unless `playback_sleep_val` says otherwise. */
const defaultPauseMs = 250;

/** `playback file`, or several parted by `playback_delimiter`. */
export const playback: Application = (turn) => playList(turn, turn.request.argument, 1);

/** `loop_playback +times file`; without times, for ever. */
export const loopPlayback: Application = (turn) => {
  const [, times, list] = /^(?:\+(-?\d+)\s+)?(.*)$/s.exec(turn.request.argument) ?? [];
  const count = times === undefined ? Infinity : Number(times);
  return playList(turn, list ?? '', count < 0 ? Infinity : count);
};

export const endlessPlayback: Application = (turn) => playList(turn, turn.request.argument, Infinity);

async function playList(turn: Turn, list: string, times: number): Promise<string> {
  const delimiter = turn.channel.variables.get('playback_delimiter');
  const files = delimiter === undefined ? [list] : list.split(delimiter);
  const pauseMs = Number(turn.channel.variables.get('playback_sleep_val') ?? defaultPauseMs);
  for (let round = 0; round < times; round++) {
    let before = 0;
    for (const [n, file] of files.entries()) {
      if (n > 0) await turn.rest(pauseMs);
      const { ending, samples } = await playFile(turn, file, { before });
      if (ending !== 'over') return responseOf(ending);
      before += samples;
    }
  }
  return 'FILE PLAYED';
}

function responseOf(ending: Played['ending']): string {
  return ending === 'not_found' ? 'FILE NOT FOUND' : ending === 'time' ? 'PLAYBACK ERROR' : 'FILE PLAYED';
}

interface Played {
  readonly ending: Ending | 'not_found';
  readonly samples: number;
}

/** Plays one file with its two events, and leaves behind how much was played; `before` is what a list played until then. */
export async function playFile(
  turn: Turn,
  file: string,
  { digits = false, before = 0 } = {},
): Promise<Played> {
  const { channel } = turn;
  const { law } = channel;
  const source = await channel.around.audio.open(file, law);
  if ('wrong' in source) {
    channel.around.log('warn', 'media.cannot_play', { channel: channel.uuid, file, reason: source.wrong });
    return { ending: 'not_found', samples: 0 };
  }
  if (turn.stopped !== undefined) return { ending: turn.stopped, samples: 0 };
  const named = {
    ...(source.type === 'tone_stream' ? { 'Playback-File-Type': source.type } : {}),
    'Playback-File-Path': file,
  };
  channel.publish('PLAYBACK_START', named);
  const ending = await turn.play(source, law, { digits, limitMs: limitOf(turn) });
  const ms = Math.round(source.played / 8);
  channel.setVariable('playback_last_offset_pos', String(before + source.played));
  channel.setVariable('playback_seconds', String(Math.floor(ms / 1000)));
  channel.setVariable('playback_ms', String(ms));
  channel.setVariable('playback_samples', String(source.played));
  channel.publish('PLAYBACK_STOP', { ...named, 'Playback-Status': ending === 'break' ? 'break' : 'done' });
  return { ending, samples: source.played };
}

/** FreeSWITCH heeds `playback_timeout_sec` from 2 s upwards only. */
function limitOf({ channel }: Turn): number {
  const seconds = Number.parseInt(channel.variables.get('playback_timeout_sec') ?? '', 10);
  return seconds > 1 ? seconds * 1000 : Infinity;
}
