import { writeChannel, writeVariables } from '../channel/channel-headers.ts';
import { setMediaStatistics } from '../channel/media-statistics.ts';
import { plainHeaders } from '../event-socket/event.ts';
import { noSuchChannel, ok, type Command } from './command.ts';

/** `uuid_dump <uuid>`: all that is known of a channel, as `Name: value` lines. */
export const uuidDump: Command = (argument, { channels, identity }) => {
  const channel = channels.get(argument.trim().split(/\s+/)[0] ?? '');
  if (channel === undefined) return noSuchChannel;
  const headers = writeVariables(writeChannel(identity.headers('CHANNEL_DATA'), channel), channel);
  return `${plainHeaders(headers)}\n`;
};

/** `uuid_getvar <uuid> <name>` */
export const uuidGetvar: Command = (argument, { channels }) => {
  const [uuid = '', name] = argument.trim().split(/\s+/);
  if (name === undefined) return '-USAGE: <uuid> <var>\n';
  const channel = channels.get(uuid);
  return channel === undefined ? noSuchChannel : (channel.variables.get(name) ?? '_undef_');
};

/** `uuid_setvar <uuid> <name> [value]`; without a value the variable is taken away. */
export const uuidSetvar: Command = (argument, { channels }) => {
  const [, uuid = '', name, value] = /^(\S+)\s+(\S+)(?:\s+(.*))?$/s.exec(argument.trim()) ?? [];
  if (name === undefined) return '-USAGE: <uuid> <var> [value]\n';
  const channel = channels.get(uuid);
  if (channel === undefined) return noSuchChannel;
  channel.setVariable(name, value);
  return ok;
};

/** `uuid_set_media_stats <uuid>`: writes the RTP counters of this instant into the channel's variables. */
export const uuidSetMediaStats: Command = (argument, { channels }) => {
  const channel = channels.get(argument.trim());
  if (channel === undefined) return noSuchChannel;
  setMediaStatistics(channel);
  return '+OK:\n';
};
