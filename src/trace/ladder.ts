/** The SIP of a call as a ladder: time down, carrier left, buyers right, an arrow for each message. */
import { sipInWords } from './sip-in-words.ts';
import type { MessageView, TraceView } from './view.ts';

/** Of the space between two posts: with the times, and the number of an attempt, a line fits into 120 columns. */
const gap = 50;
const timeWidth = 9;

/** Lines of text. With `full`, each message stands below its arrow. */
export function ladder(trace: TraceView, { full = false }: { readonly full?: boolean } = {}): string[] {
  const several = trace.legs.length > 2;
  const lines = [
    ...title(trace),
    '',
    heading(),
    ...trace.messages.flatMap((message) => [
      rung(message, several),
      ...(full && message.by_server !== 'no_answer' ? ['', ...printed(message), ''] : []),
    ]),
    ...(trace.left_out > 0 ? ['', `${trace.left_out} more messages were not kept`] : []),
  ];
  return lines.map((line) => line.replace(controls, ''));
}

function title({ call, began_at, legs, messages }: TraceView): string[] {
  const named = call === null ? 'turned away' : `call ${call}`;
  return [
    `${named} · ${began_at}`,
    ...legs.map((sipCallId, leg) => {
      const first = messages.find((message) => message.leg === leg);
      const who = leg === 0 ? 'carrier' : `buyer ${leg}`;
      return `  ${who.padEnd(8)} ${placeOf(first, leg)} · Call-ID ${sipCallId}`;
    }),
  ];
}

/** A carrier is known by the address it came from, a buyer by the URI that was asked for. */
function placeOf(first: MessageView | undefined, leg: number): string {
  if (!first) return '–';
  if (leg === 0) return `${first.transport}:${first.address}`;
  return first.text.split(' ', 2)[1] ?? '–';
}

function heading(): string {
  const posts = `${'carrier'.padEnd(gap - 3)}tollbridge${' '.repeat(gap - 8)}buyer`;
  return `${'ms'.padStart(timeWidth)}  ${posts}`;
}

function rung(message: MessageView, several: boolean): string {
  const { what, cseq, sdp } = sipInWords(message.text);
  // Of a request the method is said once.
  const counted = cseq.endsWith(` ${what}`) ? cseq.slice(0, -what.length - 1) : cseq;
  const label = [counted === '' ? what : `${what} (${counted})`, sdp]
    .filter((part) => part !== null)
    .join(' · ');
  const isBuyers = message.leg > 0;
  const rightward = isBuyers === (message.direction === 'sent');
  const drawn = message.by_server ? note(notes[message.by_server](cseq)) : arrow(label, rightward);
  const empty = ' '.repeat(gap);
  const posts = isBuyers ? `│${empty}│${drawn}│` : `│${drawn}│${empty}│`;
  const attempt = isBuyers && several ? ` ${message.leg}` : '';
  return `${message.at_ms.toFixed(1).padStart(timeWidth)}  ${posts}${attempt}`;
}

/** What went over no wire is no arrow. */
const notes = {
  no_answer: (cseq: string) => `(no answer to ${cseq})`,
  not_sent: (cseq: string) => `(could not be sent: ${cseq})`,
  held: () => '(CANCEL held until an answer comes)',
} as const;

const note = (text: string): string => `  ${fitting(text)}`.padEnd(gap);

function arrow(label: string, rightward: boolean): string {
  const text = fitting(label);
  const line = '─'.repeat(gap - 4 - text.length);
  return rightward ? `─ ${text} ${line}▶` : `◀${line} ${text} ─`;
}

function fitting(text: string): string {
  const room = gap - 6;
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

/** What would steer a terminal, or turn the direction of reading. */
const controls = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** As it was, line by line. */
function printed({ text }: MessageView): string[] {
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) => `${' '.repeat(timeWidth + 2)}${line}`);
}
