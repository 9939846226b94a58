import { bridge, park } from '../channel/bridge.ts';
import { noSuchChannel, ok, type Command } from './command.ts';

/** `uuid_bridge <uuid> <other>`: whatever the two do ends, and they are put through to each other. */
export const uuidBridge: Command = (argument, { channels }) => {
  const [uuid = '', otherUuid = ''] = argument.trim().split(/\s+/);
  if (uuid === '' || otherUuid === '') return '-USAGE: <uuid> <other_uuid>\n';
  const [one, other] = [channels.get(uuid), channels.get(otherUuid)];
  const isLive = one?.hangupCause === undefined && other?.hangupCause === undefined;
  if (one === undefined || other === undefined || one === other || !isLive) return '-ERR Invalid uuid\n';
  return { text: `+OK ${other.uuid}\n`, after: () => bridge(one, other) };
};

/** `uuid_transfer <uuid> [-both|-bleg] park inline`: the one destination there is. */
export const uuidTransfer: Command = (argument, { channels, log }) => {
  const words = argument.trim().split(/\s+/);
  const [uuid = '', ...rest] = words;
  const flag = rest[0]?.startsWith('-') === true ? rest.shift() : undefined;
  const [destination, dialplan] = rest;
  if (destination === undefined)
    return '-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n';
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  if (destination !== 'park' || dialplan !== 'inline') {
    log('warn', 'media.unsupported_transfer', { channel: channel.uuid, destination });
    return `-ERR transfer to ${destination} is not supported\n`;
  }
  const peer = channel.peer;
  const moved = flag === '-both' ? [peer, channel] : flag === '-bleg' ? [peer] : [channel];
  return {
    text: ok,
    after: async () => {
      await Promise.all(moved.filter((one) => one !== undefined).map((one) => park(one)));
    },
  };
};

/** `uuid_break <uuid> [all]` */
export const uuidBreak: Command = (argument, { channels }) => {
  const [uuid = '', all] = argument.trim().split(/\s+/);
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  return { text: ok, after: () => channel.stack.break(all === 'all') };
};

/** `uuid_kill <uuid> [cause]` */
export const uuidKill: Command = (argument, { channels }) => {
  const [uuid = '', cause = 'NORMAL_CLEARING'] = argument.trim().split(/\s+/);
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  return { text: ok, after: () => channel.hangup(cause.toUpperCase()) };
};

export const uuidExists: Command = (argument, { channels }) =>
  String(channels.get(argument.trim()) !== undefined);
