import { writeChannel, writeVariables } from '../channel/channel-headers.ts';
import type { RtpStatistics } from '../rtp-statistics.ts';
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
  for (const [name, value] of Object.entries(mediaStatistics(channel.rtp.statistics)))
    channel.setVariable(name, value);
  return '+OK:\n';
};

/** FreeSWITCH's names; `flaw_total` is what RFC 3550 counts as lost, the variances are its jitter in ms. */
function mediaStatistics(rtp: RtpStatistics): Record<string, string> {
  const lossRate = (100 * rtp.lost) / Math.max(1, rtp.received + rtp.lost);
  const counted = {
    in_raw_bytes: rtp.receivedOctets,
    in_media_bytes: rtp.receivedMediaOctets,
    in_packet_count: rtp.received,
    in_media_packet_count: rtp.receivedMedia,
    in_skip_packet_count: rtp.skipped,
    in_jitter_packet_count: 0,
    in_dtmf_packet_count: rtp.receivedDigits,
    in_cng_packet_count: 0,
    in_flush_packet_count: rtp.dropped,
    in_largest_jb_size: 0,
    in_jitter_min_variance: rtp.jitterMs.toFixed(2),
    in_jitter_max_variance: rtp.greatestJitterMs.toFixed(2),
    in_jitter_loss_rate: lossRate.toFixed(2),
    in_jitter_burst_rate: '0.00',
    in_mean_interval: rtp.receivedMedia === 0 ? '0.00' : '20.00',
    in_flaw_total: rtp.lost,
    in_quality_percentage: (100 - lossRate).toFixed(2),
    in_mos: meanOpinion(100 - lossRate).toFixed(2),
    out_raw_bytes: rtp.sentOctets,
    out_media_bytes: rtp.sentOctets - 4 * rtp.sentDigits,
    out_packet_count: rtp.sent,
    out_media_packet_count: rtp.sent - rtp.sentDigits,
    out_skip_packet_count: 0,
    out_dtmf_packet_count: rtp.sentDigits,
    out_cng_packet_count: 0,
    rtcp_packet_count: 0,
    rtcp_octet_count: 0,
  };
  return Object.fromEntries(
    Object.entries(counted).map(([name, value]) => [`rtp_audio_${name}`, String(value)]),
  );
}

/** ITU-T G.107 annex B, from a rating of 0 to 100 to a mean opinion score. */
function meanOpinion(rating: number): number {
  return 1 + 0.035 * rating + 0.000007 * rating * (rating - 60) * (100 - rating);
}
