import type { Channel } from '../channel/channel.ts';
import type { Command, CommandContext } from './command.ts';

const rule = '='.repeat(97);

export const status: Command = (_argument, { identity, channels, admission }) =>
  [
    `UP ${upTime(Date.now() - identity.startedAt)}`,
    `FreeSWITCH (Version 1.10.12-tollbridge 64bit) is ${admission.isPaused ? 'not ready' : 'ready'}`,
    `${channels.born} session(s) since startup`,
    `${channels.live} session(s) - peak ${channels.peak}, last 5min ${channels.peak} `,
    `0 session(s) per Sec out of max 1000, peak 0, last 5min 0 `,
    `${admission.most} session(s) max`,
    'min idle cpu 0.00/100.00',
    'Current Stack Size/Max 240K/8192K',
  ].join('\n');

/** `sofia status`, which tells the addresses of the SIP profiles; there is one. */
export const sofiaStatus: Command = (argument, { sip }) => {
  if (argument.trim() !== 'status') return '-ERR only sofia status is supported\n';
  return [
    `${'Name'.padStart(25)}\t${'Type'.padStart(7)}\t${'Data'.padStart(42)}\tState`,
    rule,
    `${'drachtio_mrf'.padStart(25)}\tprofile\t${`sip:mod_sofia@${sip.host}:${sip.port}`.padStart(42)}\tRUNNING (0)`,
    rule,
    '1 profile 0 aliases\n',
  ].join('\n');
};

/** `show channels [count] [as json]` */
export const showChannels: Command = (argument, context) => {
  const words = argument.trim().split(/\s+/);
  const asJson = words.at(-2) === 'as' && words.at(-1) === 'json';
  if (words[0] !== 'channels' && words[0] !== 'calls') return '-ERR only show channels is supported\n';
  const rows = [...context.channels].map((channel) => row(channel, context));
  if (words[1] === 'count')
    return asJson ? JSON.stringify({ row_count: rows.length }) : `\n${rows.length} total.\n`;
  if (asJson) return JSON.stringify(rows.length === 0 ? { row_count: 0 } : { row_count: rows.length, rows });
  const head = rows[0] === undefined ? '' : `${Object.keys(rows[0]).join(',')}\n`;
  return `${head}${rows.map((one) => `${Object.values(one).join(',')}\n`).join('')}\n${rows.length} total.\n`;
};

export const globalGetvar: Command = (argument, { globals }) => globals.get(argument.trim()) ?? '';

function row(channel: Channel, { identity }: CommandContext): Record<string, string> {
  const created = new Date(channel.stamps.created);
  return {
    uuid: channel.uuid,
    direction: 'inbound',
    created: created.toISOString().slice(0, 19).replace('T', ' '),
    created_epoch: String(Math.floor(created.getTime() / 1000)),
    name: channel.name,
    state: channel.state,
    cid_name: 'unknown',
    cid_num: '',
    ip_addr: channel.networkAddress,
    dest: 'drachtio',
    application: channel.stack.running?.request.name ?? channel.base.name,
    // Commas part the columns.
    application_data: (channel.stack.running?.request.argument ?? channel.base.data).replaceAll(',', ' '),
    dialplan: 'XML',
    context: 'mrf',
    read_codec: channel.law,
    read_rate: '8000',
    read_bit_rate: '64000',
    write_codec: channel.law,
    write_rate: '8000',
    write_bit_rate: '64000',
    secure: '',
    hostname: identity.hostname,
    callstate: channel.callState,
    call_uuid: channel.peer?.uuid ?? '',
  };
}

/** `0 years, 1 day, 2 hours, …`, as FreeSWITCH tells how long it is up. */
export function upTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const counts: [number, string][] = [
    [Math.floor(seconds / 31_536_000), 'year'],
    [Math.floor(seconds / 86_400) % 365, 'day'],
    [Math.floor(seconds / 3600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
    [ms % 1000, 'millisecond'],
    [0, 'microsecond'],
  ];
  return counts.map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`).join(', ');
}
