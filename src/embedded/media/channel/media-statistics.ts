import type { RtpStatistics } from '../rtp-statistics.ts';
import type { Channel } from './channel.ts';

/** Writes the RTP counters of this instant into the channel's variables: when asked, and when it hangs up. */
export function setMediaStatistics(channel: Channel): void {
  for (const [name, value] of Object.entries(counted(channel.rtp.statistics)))
    channel.setVariable(`rtp_audio_${name}`, String(value));
}

/** FreeSWITCH's names; `flaw_total` is what RFC 3550 counts as lost, the variances are its jitter, squared. */
function counted(rtp: RtpStatistics): Record<string, string | number> {
  const lossRate = (100 * rtp.lost) / Math.max(1, rtp.received + rtp.lost);
  return {
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
    in_jitter_min_variance: (rtp.jitterMs ** 2).toFixed(2),
    in_jitter_max_variance: (rtp.greatestJitterMs ** 2).toFixed(2),
    in_jitter_loss_rate: lossRate.toFixed(2),
    in_jitter_burst_rate: '0.00',
    in_mean_interval: rtp.receivedMedia === 0 ? '0.00' : '20.00',
    in_flaw_total: rtp.lost,
    in_quality_percentage: (100 - lossRate).toFixed(2),
    in_mos: meanOpinion(100 - lossRate).toFixed(2),
    out_raw_bytes: rtp.sentOctets,
    out_media_bytes: rtp.sentOctets - 4 * rtp.sentDigits,
    // FreeSWITCH leaves digits out of it, and in where they came in.
    out_packet_count: rtp.sent - rtp.sentDigits,
    out_media_packet_count: rtp.sent - rtp.sentDigits,
    out_skip_packet_count: 0,
    out_dtmf_packet_count: rtp.sentDigits,
    out_cng_packet_count: 0,
    rtcp_packet_count: 0,
    rtcp_octet_count: 0,
  };
}

/** ITU-T G.107 annex B, from a rating of 0 to 100 to a mean opinion score. */
function meanOpinion(rating: number): number {
  return 1 + 0.035 * rating + 0.000007 * rating * (rating - 60) * (100 - rating);
}
