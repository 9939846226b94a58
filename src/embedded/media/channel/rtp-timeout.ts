/**
 * How long, in ms, a channel may hear nothing before it is hung up; Infinity for ever.
 * `media_timeout` is in ms, the older names in seconds. A far end on hold is not expected to send.
 * As in FreeSWITCH the variables count as they are when media are agreed, the first time or anew, and not in between.
 */
export function rtpTimeout(
  variables: ReadonlyMap<string, string>,
  expectsAudio: boolean,
  otherwiseMs: number,
): number {
  const ms = expectsAudio
    ? (read(variables, 'media_timeout', 1) ?? read(variables, 'rtp_timeout_sec', 1000) ?? otherwiseMs)
    : (read(variables, 'media_hold_timeout', 1) ?? read(variables, 'rtp_hold_timeout_sec', 1000) ?? 0);
  return ms > 0 ? ms : Infinity;
}

function read(variables: ReadonlyMap<string, string>, name: string, unitMs: number): number | undefined {
  const value = Number(variables.get(name) ?? NaN);
  return Number.isFinite(value) ? value * unitMs : undefined;
}
