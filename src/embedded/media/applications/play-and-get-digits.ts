import type { Turn } from '../channel/turn.ts';
import { splitWords } from '../words.ts';
import { nothing, type Application } from '../channel/application.ts';
import { playFile } from './playback.ts';

/** The arguments of `play_and_get_digits`, times in ms. */
interface Menu {
  readonly min: number;
  readonly max: number;
  readonly tries: number;
  /** For the first digit after the prompt. */
  readonly timeout: number;
  readonly terminators: string;
  readonly prompt: string;
  readonly invalidPrompt: string;
  readonly variable: string;
  readonly regexp: RegExp | undefined;
  /** Between two digits. */
  readonly digitTimeout: number;
}

/** What one try brought: enough digits, too few in time, or an end from outside. */
interface Collected {
  readonly digits: string;
  readonly terminator: string | undefined;
  readonly how: 'enough' | 'too_few' | 'stopped';
}

const readResult = 'read_result';
const terminatorUsed = 'read_terminator_used';

/**
 * `play_and_get_digits min max tries timeout terminators file invalid_file variable regexp digit_timeout`
 *
 * Each try: the prompt, which the first digit cuts short, then digits up to `max`, a terminator or a pause. What does
 * not fit the regexp goes to `<variable>_invalid`, the invalid prompt is played, and the next try begins.
 */
export const playAndGetDigits: Application = async (turn) => {
  const { channel } = turn;
  const menu = parse(turn);
  if ('wrong' in menu) {
    channel.around.log('warn', 'media.bad_menu', { channel: channel.uuid, reason: menu.wrong });
    return nothing;
  }
  for (let tries = menu.tries; tries > 0; tries--) {
    for (const name of [menu.variable, readResult, terminatorUsed]) channel.setVariable(name, undefined);
    turn.forgetDigits();
    const collected = await collect(turn, menu);
    const fits =
      collected.how === 'enough' && (menu.regexp === undefined || menu.regexp.test(collected.digits));
    channel.setVariable(terminatorUsed, collected.terminator);
    channel.setVariable(readResult, collected.how === 'enough' ? 'success' : 'failure');
    if (fits) {
      channel.setVariable(menu.variable, collected.digits);
      return nothing;
    }
    if (collected.how === 'stopped') return nothing;
    if (menu.min === 0 && collected.digits === '') return nothing;
    if (collected.digits !== '') channel.setVariable(`${menu.variable}_invalid`, collected.digits);
    channel.setVariable(readResult, 'failure');
    if (menu.invalidPrompt !== '') await playFile(turn, menu.invalidPrompt);
  }
  return nothing;
};

async function collect(turn: Turn, menu: Menu): Promise<Collected> {
  const played =
    menu.prompt === 'silence' ? 'over' : (await playFile(turn, menu.prompt, { digits: true })).ending;
  // FreeSWITCH does not listen where it has nothing to ask.
  if (played === 'not_found') return { digits: '', terminator: undefined, how: 'too_few' };
  let digits = '';
  for (;;) {
    if (turn.stopped !== undefined) return { digits, terminator: undefined, how: 'stopped' };
    const waited = digits === '' ? menu.timeout : menu.digitTimeout;
    const ending = played === 'digit' && digits === '' ? 'digit' : await turn.digit(waited);
    const key = ending === 'digit' ? turn.takeDigit() : undefined;
    if (key === undefined)
      return { digits, terminator: undefined, how: ending === 'time' ? enough(digits, menu) : 'stopped' };
    if (menu.terminators.includes(key)) return { digits, terminator: key, how: enough(digits, menu) };
    digits += key;
    if (digits.length >= menu.max) return { digits, terminator: undefined, how: 'enough' };
  }
}

function enough(digits: string, menu: Menu): 'enough' | 'too_few' {
  return digits !== '' && digits.length >= menu.min ? 'enough' : 'too_few';
}

function parse(turn: Turn): Menu | { readonly wrong: string } {
  const words = splitWords(turn.request.argument);
  const [min, max, tries, timeout, terminators, prompt, invalidPrompt, variable, regexp, digitTimeout] =
    words;
  const numbers = [min, max, tries, timeout].map(Number);
  const [least = NaN, most = NaN, rounds = NaN, ms = NaN] = numbers;
  if (prompt === undefined || numbers.some(Number.isNaN))
    return { wrong: 'too few arguments, or not numbers' };
  let fitting: RegExp | undefined;
  try {
    fitting = regexp === undefined || regexp === '' ? undefined : new RegExp(regexp);
  } catch {
    return { wrong: `not a regular expression: ${regexp ?? ''}` };
  }
  return {
    min: least,
    max: Math.max(1, least, most),
    tries: Math.max(1, rounds),
    timeout: ms,
    terminators: terminators === 'none' ? '' : (terminators ?? ''),
    prompt,
    invalidPrompt: invalidPrompt ?? '',
    variable: variable ?? 'digits',
    regexp: fitting,
    digitTimeout: Number(digitTimeout) || ms,
  };
}
