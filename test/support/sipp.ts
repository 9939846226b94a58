import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { watch, type FSWatcher } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { listensAt } from './listens-at.ts';
import { freePort, freeMediaPort } from './ports.ts';
import { readTrace, type SipMessage } from './sip-trace.ts';
import { sippIn } from './sipp-command.ts';

export interface SippOptions {
  /** A file of test/sipp, without its ending. */
  scenario: string;
  /** Values for the `[name]`s of the scenario. */
  keys?: Readonly<Record<string, string>>;
  /** Where a caller sends to; a buyer has none. */
  to?: { number: string; host: string; port: number };
  /** The port to listen on; any free one unless given. */
  port?: number;
  transport?: 'udp' | 'tcp';
  /** How long a bare `<pause/>` lasts, in ms. */
  pause?: number;
  /** 1 unless given. */
  calls?: number;
  callsPerSecond?: number;
  /** The whole run may last this long, in ms. */
  withinMs?: number;
  /** Octets of audio that callers of `rtp_stream` play, by file name. */
  files?: Readonly<Record<string, Uint8Array>>;
  /** Sends each RTP packet that it hears back to where it came from. */
  echo?: boolean;
  /** Off for many calls at once, where the trace would only cost. */
  trace?: boolean;
}

/** One run of sipp: a far end that plays one scenario, and the messages that it sent and heard. */
export class Sipp {
  readonly scenario: string;
  readonly port: number;
  /** Where it echoes RTP. */
  readonly mediaPort: number;
  readonly messages: SipMessage[] = [];
  readonly #directory: string;
  readonly #process: ChildProcess;
  readonly #trace: FileHandle;
  readonly #watcher: FSWatcher;
  readonly #waiting = new Set<() => void>();
  readonly #exited: Promise<number | NodeJS.Signals>;
  #exitCode: number | NodeJS.Signals | undefined;
  #output = '';
  #unread: Buffer = Buffer.alloc(0);
  #reading: Promise<void> | undefined;
  #cues = 0;

  private constructor(
    options: SippOptions,
    at: { port: number; mediaPort: number; directory: string; process: ChildProcess; trace: FileHandle },
  ) {
    this.scenario = options.scenario;
    this.port = at.port;
    this.mediaPort = at.mediaPort;
    this.#directory = at.directory;
    this.#process = at.process;
    this.#trace = at.trace;
    // What it prints on its screens is told better by its trace; its complaints are on stderr.
    at.process.stdout?.resume();
    at.process.stderr?.on('data', (data: Buffer) => {
      this.#output = (this.#output + data.toString()).slice(-2000);
    });
    this.#exited = new Promise((resolve) => {
      at.process.on('exit', (code, signal) => {
        this.#exitCode = code ?? signal ?? -1;
        resolve(this.#exitCode);
      });
    });
    this.#watcher = watch(join(at.directory, 'messages.log'), () => void this.#read());
    void this.#exited.then(() => this.#read());
  }

  /** Resolves once sipp listens. */
  static async start(options: SippOptions): Promise<Sipp> {
    const directory = await mkdtemp(join(tmpdir(), 'tollbridge-sipp-'));
    const scenario = fileURLToPath(new URL(`../sipp/${options.scenario}.xml`, import.meta.url));
    let text = await readFile(scenario, 'utf8');
    // sipp knows its keys in messages alone, and wants the status of a response to be a number before that.
    for (const [key, value] of Object.entries(options.keys ?? {}))
      if (!value.includes('\n')) text = text.replaceAll(`[${key}]`, value);
    await writeFile(join(directory, 'scenario.xml'), text);
    for (const [name, content] of Object.entries(options.files ?? {}))
      await writeFile(join(directory, name), content);
    await writeFile(join(directory, 'messages.log'), '');
    const trace = await open(join(directory, 'messages.log'), 'r');
    const port = options.port ?? (await freePort());
    const mediaPort = await freeMediaPort();
    const command = sippIn(directory, inject('sipp'));
    const child = spawn(command.program, [...command.arguments, ...argumentsOf(options, port, mediaPort)], {
      cwd: directory,
      // Its trace tells times on the local clock.
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const sipp = new Sipp(options, { port, mediaPort, directory, process: child, trace });
    if (options.to === undefined) await sipp.#listening(options.transport ?? 'udp');
    return sipp;
  }

  /** The first message, from the start of the run, that `matches`; waits until it comes. */
  async message(
    matches: (message: SipMessage) => boolean,
    what: string,
    withinMs = 8000,
  ): Promise<SipMessage> {
    return this.#until(() => this.messages.find(matches), what, withinMs);
  }

  sent(wanted: string | number, withinMs?: number): Promise<SipMessage> {
    return this.message((one) => one.direction === 'sent' && is(one, wanted), `to send ${wanted}`, withinMs);
  }

  received(wanted: string | number, withinMs?: number): Promise<SipMessage> {
    return this.message((one) => one.direction === 'received' && is(one, wanted), `${wanted}`, withinMs);
  }

  /** How many messages of this kind it heard so far, repetitions among them. */
  heard(wanted: string | number): SipMessage[] {
    return this.messages.filter((one) => one.direction === 'received' && is(one, wanted));
  }

  /**
   * Lets a scenario that waits at `<recv request="CUE"/>` go on. A cue repeats the headers of the message that was
   * heard last, so that sipp's [last_…] and [peer_tag_param] still speak of the switch.
   */
  async cue(): Promise<void> {
    const last = this.messages.findLast((one) => one.direction === 'received');
    if (last === undefined) throw new Error(`${this.scenario} has heard nothing yet that a cue could follow`);
    const headers = [...last.headers].filter(([name]) => !['content-length', 'content-type'].includes(name));
    const cue = [
      'CUE sip:cue@localhost SIP/2.0',
      ...headers.map(([name, value]) =>
        last.status !== undefined && name === 'from'
          ? `From: ${last.headers.get('to') ?? ''}`
          : `${headerNames[name] ?? name}: ${value}`,
      ),
      `X-Cue: ${++this.#cues}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    const socket = createSocket('udp4');
    await new Promise((sent) => socket.send(cue, this.port, '127.0.0.1', sent));
    socket.close();
  }

  /** Resolves when the scenario came to its end as written; throws with what was said where it did not. */
  async done(withinMs = 15_000): Promise<void> {
    await this.#until(() => this.#exitCode, 'its end', withinMs).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.story()}`);
    });
    await this.#exited;
    await this.#read();
    if (this.#exitCode !== 0)
      throw new Error(`sipp ${this.scenario} failed (${this.#exitCode}):\n${await this.story()}`);
  }

  /** Everything that is known of this run, for a person to read. */
  async story(): Promise<string> {
    const errors = await readFile(join(this.#directory, 'errors.log'), 'utf8').catch(() => '');
    const messages = this.messages.map((one) => `${one.direction === 'sent' ? '──▶' : '◀──'} ${one.text}`);
    return [
      `── sipp ${this.scenario} on ${this.port} ──`,
      ...messages,
      errors,
      this.#exitCode === 0 ? '' : this.#output,
    ]
      .filter((part) => part !== '')
      .join('\n');
  }

  async close(): Promise<void> {
    if (this.#exitCode === undefined) this.#process.kill('SIGKILL');
    await this.#exited;
    this.#watcher.close();
    await this.#reading;
    await this.#trace.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #until<T>(find: () => T | undefined, what: string, withinMs: number): Promise<T> {
    const found = find();
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = () => {
        const now = find();
        if (now !== undefined) settle(() => resolve(now));
        else if (this.#exitCode !== undefined && this.#ended)
          settle(() =>
            reject(
              new Error(`sipp ${this.scenario} ended (${this.#exitCode}) before ${what}; ${this.#summary()}`),
            ),
          );
      };
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(new Error(`sipp ${this.scenario} waited ${withinMs} ms for ${what}; ${this.#summary()}`)),
          ),
        withinMs,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** The trace has been read to its end after sipp's. */
  #ended = false;

  #read(): Promise<void> {
    this.#reading = (this.#reading ?? Promise.resolve()).then(async () => {
      const over = this.#exitCode !== undefined;
      for (;;) {
        const { bytesRead, buffer } = await this.#trace.read(Buffer.alloc(65_536));
        if (bytesRead === 0) break;
        this.#unread = Buffer.concat([this.#unread, buffer.subarray(0, bytesRead)]);
      }
      const { messages, read } = readTrace(this.#unread);
      this.#unread = this.#unread.subarray(read);
      this.messages.push(...messages);
      this.#ended = over;
      for (const look of [...this.#waiting]) look();
    });
    return this.#reading.catch(() => undefined);
  }

  #summary(): string {
    const lines = this.messages.map((one) => `${one.direction === 'sent' ? '▶' : '◀'} ${one.startLine}`);
    return `so far: ${lines.length === 0 ? 'nothing' : lines.join(', ')} ${this.#exitCode === 0 ? '' : this.#output}`;
  }

  /** sipp says nothing when it starts to listen, and ignores the keep-alives that find out. */
  async #listening(transport: 'udp' | 'tcp'): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (this.#exitCode === undefined && performance.now() < deadline) {
      if (await listensAt(this.port, transport)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`sipp ${this.scenario} does not listen on ${this.port}:\n${await this.story()}`);
  }
}

const headerNames: Readonly<Record<string, string>> = {
  via: 'Via',
  from: 'From',
  to: 'To',
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  contact: 'Contact',
  'record-route': 'Record-Route',
};

function is(message: SipMessage, wanted: string | number): boolean {
  return typeof wanted === 'number'
    ? message.status === wanted
    : message.status === undefined && message.method === wanted;
}

function argumentsOf(options: SippOptions, port: number, mediaPort: number): string[] {
  const seconds = Math.ceil((options.withinMs ?? 30_000) / 1000);
  const to = options.to;
  return [
    ...(to === undefined ? [] : [`${to.host}:${to.port}`, '-s', to.number]),
    ...['-sf', 'scenario.xml', '-i', '127.0.0.1', '-p', `${port}`],
    ...['-mi', '127.0.0.1', '-mp', `${mediaPort}`, ...(options.echo === true ? ['-rtp_echo'] : [])],
    ...['-t', options.transport === 'tcp' ? 't1' : 'u1'],
    ...['-m', `${options.calls ?? 1}`, '-r', `${options.callsPerSecond ?? 10}`],
    ...['-d', `${options.pause ?? 0}`],
    ...['-timeout', `${seconds}`, '-timeout_error', '-nostdin'],
    ...(options.trace === false ? [] : ['-trace_msg', '-message_file', 'messages.log']),
    ...['-trace_err', '-error_file', 'errors.log'],
    ...Object.entries(options.keys ?? {}).flatMap(([key, value]) => ['-key', key, value]),
  ];
}
