import type Mrf from 'drachtio-fsmrf';
import type { RtpFigures } from '../media.ts';

/** The event that bears a channel's final counts: they are written when it hangs up, before this is told. */
export const figuresEvent = 'CHANNEL_HANGUP_COMPLETE';

/**
 * What a channel's last event says of its RTP; null where it had none. FreeSWITCH's own count of flaws is what the
 * sequence numbers lack, and after a long silence or for losses in a row some more; its jitter comes as a variance;
 * digits are in its count of what came, and beside its count of what it sent.
 */
export function figuresOf(event: Mrf.EslEvent): RtpFigures | null {
  const variable = (name: string) => event.getHeader(`variable_rtp_audio_${name}`);
  const packetsReceived = count(variable('in_packet_count'));
  const packetsSent = count(variable('out_packet_count'));
  if (packetsReceived === null || packetsSent === null) return null;
  const digitsSent = count(variable('out_dtmf_packet_count')) ?? 0;
  const variance = Number.parseFloat(variable('in_jitter_max_variance') ?? '');
  return {
    codec: event.getHeader('Channel-Read-Codec-Name') ?? event.getHeader('variable_read_codec') ?? null,
    packetsSent: packetsSent + digitsSent,
    packetsReceived,
    packetsLost: count(variable('in_flaw_total')) ?? 0,
    jitter: variance >= 0 ? Math.round(Math.sqrt(variance) * 100) / 100 : null,
  };
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
