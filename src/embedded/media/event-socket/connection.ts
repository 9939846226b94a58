import type { Socket } from 'node:net';
import type { Channel } from '../channel/channel.ts';
import { commands } from '../commands/index.ts';
import type { CommandContext, Reply } from '../commands/command.ts';
import type { EventListener } from './event-bus.ts';
import type { MediaEvent, Subject } from './event.ts';
import { FrameReader, type CommandFrame } from './frames.ts';
import { Subscription } from './subscription.ts';
import { randomUUID } from 'node:crypto';

const goodbye = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';

interface ConnectionOptions {
  readonly context: CommandContext;
  /** What must be said first; undefined where no one need (we called them). */
  readonly secret: string | undefined;
  /** The channel that this connection controls, on connections that we opened. */
  readonly channel?: Channel;
  /** What `connect` is answered with. */
  readonly channelData?: () => string;
}

/** One event-socket connection, whoever opened it: commands in, replies and events out, each in its order. */
export class EventSocketConnection implements EventListener {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #context: CommandContext;
  readonly #subscription = new Subscription();
  readonly #reader = new FrameReader((frame) => this.#enqueue(frame));
  #format: 'json' | 'plain' | undefined;
  #isTrusted: boolean;
  #lingerSeconds: number | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#context = options.context;
    this.#isTrusted = options.secret === undefined;
    // Replies and events are small and follow each other: none must wait for the ACK of the one before.
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      try {
        if (!this.#reader.push(data)) socket.destroy();
      } catch (error) {
        this.#context.defect(error, options.channel);
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#context.events.remove(this));
    if (!this.#isTrusted) this.#write('Content-Type: auth/request\n\n');
  }

  get lingerSeconds(): number | undefined {
    return this.#lingerSeconds;
  }

  wants(subject: Subject): boolean {
    return this.#format !== undefined && this.#subscription.wants(subject);
  }

  deliver(event: MediaEvent): void {
    if (this.#subscription.passes(event)) this.#write(this.#format === 'json' ? event.json : event.plain);
  }

  /** Says goodbye and closes once that is sent. */
  disconnect(): void {
    const { channel } = this.#options;
    const session =
      channel === undefined
        ? ''
        : `Controlled-Session-UUID: ${channel.uuid}\nContent-Disposition: disconnect\n`;
    if (!this.#socket.writable) return;
    this.#socket.end(
      `Content-Type: text/disconnect-notice\n${session}Content-Length: ${goodbye.length}\n\n${goodbye}`,
    );
    // A peer that does not close its side must not keep ours.
    this.#socket.setTimeout(2000, () => this.#socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Commands are answered in the order in which they came, even where one takes its time. */
  #enqueue(frame: CommandFrame): void {
    this.#tail = this.#tail
      .then(() => this.#command(frame))
      .catch((error: unknown) => {
        this.#context.defect(error, this.#options.channel, { command: wordsOf(frame.line)[0] ?? '' });
        this.#reply('-ERR internal');
      });
  }

  async #command(frame: CommandFrame): Promise<void> {
    const [verb = '', ...words] = wordsOf(frame.line);
    const rest = frame.line.slice(verb.length).trim();
    if (verb === 'exit') {
      this.#reply('+OK bye');
      this.disconnect();
    } else if (verb === 'auth') this.#authenticate(rest);
    else if (!this.#isTrusted) this.#reply('-ERR command not found');
    else if (verb === 'api') this.#answer(await this.#api(rest));
    else if (verb === 'bgapi') this.#background(rest, frame);
    else if (verb === 'sendmsg') this.#sendMessage(words[0], frame);
    else this.#control(verb, words);
  }

  #authenticate(secret: string): void {
    if (secret === this.#options.secret) {
      this.#isTrusted = true;
      this.#reply('+OK accepted');
      return;
    }
    this.#context.log('warn', 'media.wrong_secret', { from: this.#socket.remoteAddress ?? '' });
    this.#reply('-ERR invalid');
    this.disconnect();
  }

  #control(verb: string, words: string[]): void {
    switch (verb) {
      case 'connect': {
        const data = this.#options.channelData?.();
        if (data === undefined) this.#reply('-ERR command not found');
        else
          this.#write(
            `${data}Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n\n`,
          );
        return;
      }
      case 'event':
      case 'myevents':
        this.#subscribe(verb, words);
        return;
      case 'nixevent':
        this.#subscription.remove(words);
        this.#reply('+OK events nixed');
        return;
      case 'noevents':
        this.#subscription.clear();
        this.#format = undefined;
        this.#reply('+OK no longer listening for events');
        return;
      case 'filter':
        this.#filter(words);
        return;
      case 'linger':
        this.#lingerSeconds = words[0] === undefined ? 60 : Number(words[0]) || 0;
        this.#reply('+OK will linger');
        return;
      case 'nolinger':
        this.#lingerSeconds = undefined;
        this.#reply('+OK will not linger');
        return;
      case 'divert_events':
        this.#reply('+OK events not diverted');
        return;
      default:
        this.#context.log('warn', 'media.unsupported_command', { command: verb });
        this.#reply('-ERR command not found');
        return;
    }
  }

  #subscribe(verb: string, words: string[]): void {
    const format = words[0] === 'json' || words[0] === 'plain' ? words.shift() : undefined;
    if (verb === 'myevents') {
      this.#subscription.add(['ALL']);
      const uuid = this.#options.channel?.uuid ?? words[0];
      if (uuid !== undefined) this.#subscription.filter('Unique-ID', uuid);
    } else if (words[0] === 'xml') {
      this.#reply('-ERR xml events are not supported');
      return;
    } else this.#subscription.add(words);
    this.#format = format === 'json' ? 'json' : 'plain';
    this.#listen();
    this.#reply(verb === 'myevents' ? '+OK Events Enabled' : `+OK event listener enabled ${this.#format}`);
  }

  #listen(): void {
    if (this.#format !== undefined) this.#context.events.add(this, this.#subscription.channels);
  }

  #filter(words: string[]): void {
    const [first = '', ...others] = words;
    if (first === 'delete') {
      this.#subscription.unfilter(others[0] ?? 'all', others[1]);
      this.#listen();
      this.#reply(`+OK filter deleted. [${others[0] ?? 'all'}]=[${others[1] ?? ''}]`);
      return;
    }
    this.#subscription.filter(first, others.join(' '));
    this.#listen();
    this.#reply(`+OK filter added. [${first}]=[${others.join(' ')}]`);
  }

  /** `sendmsg [uuid]` with `call-command: execute` or `hangup` */
  #sendMessage(uuid: string | undefined, { headers, body }: CommandFrame): void {
    const channel = uuid === undefined ? this.#options.channel : this.#context.channels.get(uuid);
    if (channel === undefined || channel.hangupCause !== undefined) {
      this.#reply('-ERR invalid session id');
      return;
    }
    const call = headers.get('call-command');
    if (call === 'hangup') {
      this.#reply('+OK');
      channel.hangup((headers.get('hangup-cause') ?? 'NORMAL_CLEARING').toUpperCase());
      return;
    }
    if (call !== 'execute') {
      this.#context.log('warn', 'media.unsupported_command', { command: `sendmsg ${call ?? ''}` });
      this.#reply('-ERR invalid command');
      return;
    }
    this.#reply('+OK');
    channel.stack.execute({
      name: headers.get('execute-app-name') ?? '',
      argument: headers.get('execute-app-arg') ?? body ?? '',
      uuid: headers.get('event-uuid') ?? randomUUID(),
      locks: headers.get('event-lock') === 'true',
    });
  }

  /** What a command sets going tells its events only after its reply. */
  #answer({ text, after }: Reply): void {
    this.#write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`);
    void this.#goOn(after);
  }

  async #goOn(after: Reply['after']): Promise<void> {
    try {
      await after?.();
    } catch (error) {
      this.#context.defect(error, this.#options.channel);
    }
  }

  async #api(text: string): Promise<Reply> {
    const [name = ''] = wordsOf(text);
    const command = commands.get(name);
    if (command === undefined) {
      this.#context.log('warn', 'media.unsupported_api', { api: name });
      return { text: `-ERR ${name} Command not found!\n` };
    }
    try {
      const reply = await command(text.slice(name.length).trim(), this.#context);
      return typeof reply === 'string' ? { text: reply } : reply;
    } catch (error) {
      this.#context.defect(error, undefined, { api: name });
      return { text: '-ERR internal\n' };
    }
  }

  /** `bgapi`: answered at once with a job, whose result is an event. */
  #background(text: string, { headers }: CommandFrame): void {
    const job = headers.get('job-uuid') ?? randomUUID();
    this.#reply(`+OK Job-UUID: ${job}\nJob-UUID: ${job}`);
    const [name = '', ...words] = wordsOf(text);
    void this.#api(text).then(({ text: body, after }) => {
      this.#context.events.publish(
        { name: 'BACKGROUND_JOB' },
        () => ({
          ...this.#context.identity.headers('BACKGROUND_JOB'),
          'Job-UUID': job,
          'Job-Command': name,
          ...(words.length === 0 ? {} : { 'Job-Command-Arg': words.join(' ') }),
        }),
        { body },
      );
      void this.#goOn(after);
    });
  }

  #reply(text: string): void {
    this.#write(`Content-Type: command/reply\nReply-Text: ${text}\n\n`);
  }

  /** What is said in one turn of the event loop leaves in one packet. */
  #write(text: string): void {
    if (!this.#socket.writable) return;
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
    this.#socket.write(text);
  }
}

function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter(Boolean);
}
