/** What was heard and how a call ended, for people. */
import type { CallEnd } from './call.ts';
import type { Heard } from './hearing.ts';

/** `6.1 s of speech, 2.0 s of tone (440 Hz), 0.4 s of silence`. */
export function heardInWords(heard: Heard): string {
  const tone = heard.loudestTone === null ? '' : ` (${heard.loudestTone} Hz)`;
  const parts = [
    heard.speech > 0 ? `${seconds(heard.speech)} of speech` : '',
    heard.tone > 0 ? `${seconds(heard.tone)} of tone${tone}` : '',
    heard.silence > 0 ? `${seconds(heard.silence)} of silence` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export function endInWords({ by, cause, status, reason }: CallEnd): string {
  const said = [status, reason].filter((part) => part !== null && part !== '').join(' ');
  switch (cause) {
    case 'hung_up':
      return by === 'us' ? 'we hung up' : 'the far end hung up';
    case 'refused':
      return `refused: ${said}`;
    case 'cancelled':
      return 'we gave up before an answer';
    case 'no_answer':
    case 'unreachable':
    case 'no_media':
    case 'lost':
      return said;
  }
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
