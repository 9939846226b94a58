/** A key as SIP carries it outside of RTP: `application/dtmf-relay`, which Cisco brought up and everybody reads. */

/** Milliseconds; what a phone's own key press lasts. */
const keyLasts = 160;

/** The INFO that presses one key; null where it is none, for what else would stand there could be another header. */
export function dtmfRelay(
  key: string,
): { readonly method: 'INFO'; readonly headers: Record<string, string>; readonly body: string } | null {
  if (!/^[0-9A-D*#]$/.test(key)) return null;
  return {
    method: 'INFO',
    headers: { 'Content-Type': 'application/dtmf-relay' },
    body: `Signal=${key}\r\nDuration=${keyLasts}\r\n`,
  };
}
