import { defaultDuration, keyOf, type Digit } from '../digits.ts';

/** The digit of an INFO: `application/dtmf-relay` (`Signal=5`, `Duration=160` in ms) or `application/dtmf` (`5`). */
export function infoDigit(contentType: string, body: string): Digit | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/dtmf') return digit(body.trim(), undefined);
  if (type !== 'application/dtmf-relay') return undefined;
  return digit(/^\s*Signal\s*=\s*(\S)/im.exec(body)?.[1] ?? '', /^\s*Duration\s*=\s*(\d+)/im.exec(body)?.[1]);
}

function digit(signal: string, ms: string | undefined): Digit | undefined {
  const key = keyOf(signal);
  if (key === undefined) return undefined;
  return { key, duration: ms === undefined ? defaultDuration : 8 * Number(ms), source: 'INFO' };
}

export function infoBody({ key, duration }: Digit): string {
  return `Signal=${key}\r\nDuration=${Math.round(duration / 8)}\r\n`;
}
