/** `tollbridge call NUMBER`: places a real call at a running switch and reports what it heard. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/values/duration.ts';
import type { Log } from '../log.ts';
import { endInWords, heardInWords } from '../phone/in-words.ts';
import type { Progress } from '../phone/outgoing.ts';
import { localAddressTowards } from '../phone/local-address.ts';
import { followScript, type Passage } from '../phone/person.ts';
import { argument, configOption, exit, jsonOption, loadedConfig, printJson, refuse } from './context.ts';
import { openPhone, type Phone } from '../phone/phone.ts';
import type { Answer, CallEnd } from '../phone/call.ts';
import { switchAddress } from './switch-address.ts';

interface CallOptions {
  readonly config?: string;
  /** A number, or `anonymous`. */
  readonly from: string;
  readonly to?: string;
  readonly press: readonly string[];
  readonly say?: string;
  readonly hold: number;
  readonly record?: string;
  readonly json?: boolean;
}

/** How long a caller listens before pressing, whatever is still being said. */
const patience = 6_000;

export function callCommand(): Command {
  return new Command('call')
    .description('place a real call at a running switch and report what it heard')
    .argument('<number>', 'the tracking number to call', telephone)
    .requiredOption('--from <number>', 'the caller, in E.164; or "anonymous"', caller)
    .option('--to <uri>', 'where the switch takes calls; from the config unless given', sipAddress)
    .option(
      '--press <keys>',
      'groups of keys, each pressed once the prompt went quiet: 1,75001',
      keyGroups,
      [],
    )
    .option('--say <file>', 'a WAV file (8 kHz mono) to play after the last key', existingFile)
    .option('--hold <time>', 'how long to stay after the last key', argument(parseDuration), 10_000)
    .option('--record <file>', 'keep what was heard as a WAV file')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (number: string, options: CallOptions) => {
      process.exitCode = await call(number, options);
    });
}

async function call(number: string, options: CallOptions): Promise<number> {
  const at = options.to ?? (await addressFromConfig(options));
  if (at === null) return exit.refused;
  const phone = await openPhone({ host: await hostToCallFrom(at), log: logToStderr });
  try {
    const report = await placeAndReport(phone, number, at, options);
    if (options.json === true) printJson(report);
    return report.outcome === 'answered' ? exit.done : exit.refused;
  } finally {
    await phone.close();
  }
}

async function addressFromConfig(options: CallOptions): Promise<string | null> {
  const config = await loadedConfig(options);
  if (config === null) return null;
  const at = switchAddress(config);
  if (at === null)
    refuse('the config names no udp address that calls arrive on', 'name one: --to sip:HOST:PORT');
  return at;
}

async function placeAndReport(phone: Phone, number: string, at: string, options: CallOptions) {
  const say = storyteller(options.json !== true);
  const ringing: Progress[] = [];
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);

  say(`calling ${number} as ${options.from} at ${at}`);
  const call = phone.call(at.replace(/^sip:/, `sip:${number}@`), {
    from: options.from === 'anonymous' ? null : options.from,
    onProgress: (progress) => {
      ringing.push(progress);
      say(
        `${progress.status}${progress.status === 180 ? ' ringing' : ''}${progress.early ? ' with early media' : ''}`,
      );
    },
  });
  void call.answered.then((answer) => {
    if (answer.ok) say(`answered after ${(answer.afterMs / 1000).toFixed(2)} s`);
  });
  const script = {
    press: options.press,
    patience,
    say: options.say ?? null,
    hold: options.hold,
  };
  const { passages, end } = await followScript(call, script, interrupted.signal, {
    onHeard: ({ heard }) => say(`heard ${heardInWords(heard)}`),
    onPressed: (keys) => say(`pressed ${keys}`),
    onUnplayable: (source) => say(`${source} cannot be played: a WAV file of 8 kHz, mono, is needed`),
  });
  say(endInWords(end));

  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
  if (options.record !== undefined) await call.keep(options.record);
  return reportOf(number, at, options.from, ringing, await call.answered, passages, end);
}

/** What `--json` prints. Seconds of sound, milliseconds of time. */
function reportOf(
  to: string,
  at: string,
  from: string,
  ringing: readonly Progress[],
  answer: Answer,
  passages: readonly Passage[],
  end: CallEnd,
) {
  return {
    to,
    from,
    at,
    outcome: answer.ok ? 'answered' : end.cause,
    status: end.status,
    reason: end.reason,
    ringing: ringing.map(({ status, early, afterMs }) => ({ status, early_media: early, after_ms: afterMs })),
    answered_after_ms: answer.ok ? answer.afterMs : null,
    heard: passages.map(({ after, heard }) => ({
      after,
      seconds: heard.seconds,
      speech: heard.speech,
      tone: heard.tone,
      silence: heard.silence,
      loudest_tone: heard.loudestTone,
      stretches: heard.stretches,
    })),
    hung_up_by: answer.ok ? end.by : null,
  };
}

function storyteller(aloud: boolean): (line: string) => void {
  const begun = performance.now();
  return (line) => {
    const since = ((performance.now() - begun) / 1000).toFixed(2).padStart(7);
    if (aloud) process.stdout.write(`${since} s  ${line}\n`);
  };
}

async function hostToCallFrom(at: string): Promise<string> {
  const [host = '127.0.0.1', port = '5060'] = at.replace(/^sip:|;.*$/g, '').split(':');
  return localAddressTowards(host, Number(port));
}

const logToStderr: Log = (level, event, fields = {}) => {
  if (level === 'error') process.stderr.write(`${event} ${JSON.stringify(fields)}\n`);
};

function telephone(text: string): string {
  if (!/^\+?[0-9]{2,15}$/.test(text)) throw new InvalidArgumentError('a number is written +18005550100.');
  return text;
}

function caller(text: string): string {
  return text === 'anonymous' ? text : telephone(text);
}

function sipAddress(text: string): string {
  if (!/^sip:[^@\s]+$/.test(text))
    throw new InvalidArgumentError('an address is written sip:127.0.0.1:5060.');
  return text;
}

function existingFile(text: string): string {
  if (!existsSync(text)) throw new InvalidArgumentError('there is no such file.');
  return resolve(text);
}

function keyGroups(text: string): string[] {
  const groups = text.split(',');
  if (!groups.every((keys) => /^[0-9*#A-Da-d]+$/.test(keys)))
    throw new InvalidArgumentError('keys are written 1,75001: digits, * and #, groups parted by commas.');
  return groups;
}
