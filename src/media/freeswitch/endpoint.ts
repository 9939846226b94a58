import type Mrf from 'drachtio-fsmrf';
import { settleable, within } from '../../deadline.ts';
import { dtmfRelay } from '../../dtmf-relay.ts';
import type { Log } from '../../log.ts';
import type { Collect, Collected, Endpoint, EndpointEnd, Playing, RtpFigures } from '../media.ts';
import { argument, wholeArgument } from './argument.ts';
import { figuresOf } from './figures.ts';
import { isSdp } from '../../sdp/sdp-in-body.ts';
import { isOnHold } from './hold.ts';
import { watchForSilence } from './silence-watch.ts';

/** FreeSWITCH answers a command in milliseconds; past this its socket hangs. */
const answerWithin = 4_000;
/** No prompt lasts so long: where FreeSWITCH has not told of its end by then, it never will. */
const longestSource = 300_000;
/** How long FreeSWITCH's own BYE may take after `hangup` before the channel is killed over the control connection. */
const byeWithin = 2_000;
/** FreeSWITCH tells a channel's counts as soon as it has hung up, over the control connection. */
const figuresWithin = 1_000;
/** FreeSWITCH's own word for the end of a channel that heard nothing. */
const silence = 'MEDIA_TIMEOUT';

/** One channel of a FreeSWITCH. Every command in flight is raced against the channel's end: the library's promise would hang. */
export class FreeswitchEndpoint implements Endpoint {
  readonly id: string;
  readonly ended: Promise<EndpointEnd>;
  readonly figures: Promise<RtpFigures | null>;
  readonly #endpoint: Mrf.MrfEndpoint;
  readonly #server: Mrf.MrfMediaServer;
  readonly #log: Log;
  readonly #settleEnd: (end: EndpointEnd) => void;
  readonly #settleFigures: (figures: RtpFigures | null) => void;
  readonly #dialog: Mrf.MrfDialog | null;
  #sdp: string;
  #isHeld = false;
  #unwatch: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #isOver = false;

  constructor(endpoint: Mrf.MrfEndpoint, server: Mrf.MrfMediaServer, log: Log) {
    this.#endpoint = endpoint;
    this.#server = server;
    this.#log = log;
    this.#dialog = endpoint.dialog;
    this.id = endpoint.uuid;
    this.#sdp = endpoint.local.sdp;
    const end = settleable<EndpointEnd>();
    this.ended = end.promise;
    const figures = settleable<RtpFigures | null>();
    this.figures = figures.promise;
    this.#settleFigures = figures.settle;
    this.#settleEnd = (how) => {
      this.#isOver = true;
      this.#unwatch?.();
      end.settle(how);
    };
    endpoint.once('destroy', (how?: { reason?: string }) =>
      this.#settleEnd(how?.reason === silence ? 'rtp_timeout' : 'media_lost'),
    );
    this.#dialog?.once('destroy', () => this.#settleEnd('media_lost'));
  }

  get sdp(): string {
    return this.#sdp;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async connect(remoteSdp: string): ReturnType<Endpoint['connect']> {
    // Anything but a session description has no business there: not even as the body of a re-INVITE.
    if (!isSdp(remoteSdp)) return { ok: false, reason: 'no session description' };
    const answer = this.#dialog && (await this.#settled(this.#dialog.modify(remoteSdp)));
    if (!answer || !isSdp(answer))
      return { ok: false, reason: 'the media server did not take the session description' };
    this.#sdp = answer;
    this.#isHeld = isOnHold(remoteSdp);
    return { ok: true, sdp: this.#sdp };
  }

  play(...sources: string[]): Playing {
    const stopping = new AbortController();
    const done = (async () => {
      for (const source of sources) {
        const said = wholeArgument(source);
        if (said === null) return 'failed';
        const event = await this.#heard(
          this.#endpoint.execute('playback', said),
          isEndless(source) ? null : longestSource,
        );
        if (stopping.signal.aborted || this.#isOver) return 'stopped';
        if (event === null || event.getHeader('Application-Response') === 'FILE NOT FOUND') return 'failed';
      }
      return 'played';
    })();
    const stop = async () => {
      if (stopping.signal.aborted || this.#isOver) return;
      stopping.abort();
      await this.#settled(this.#endpoint.api('uuid_break', [this.id, 'all']));
    };
    return { done, stop };
  }

  async collect(ask: Collect): Promise<Collected> {
    const file = argument(ask.play);
    if (file === null) return { ok: false, reason: 'failed' };
    const result = await this.#heard(
      this.#endpoint.playCollect({
        file,
        min: ask.min,
        max: ask.max,
        tries: 1,
        timeout: ask.timeout,
        digitTimeout: ask.timeout,
        // No digit is the letter n: FreeSWITCH has no word for "no terminator", and fsmrf takes '' for '#'.
        terminators: ask.terminators === '' ? 'n' : ask.terminators,
        regexp: '.*',
        varName: 'tollbridge_digits',
      }),
      longestSource + ask.max * ask.timeout,
    );
    if (this.#isOver) return { ok: false, reason: 'ended' };
    if (result === null) return { ok: false, reason: 'failed' };
    return { ok: true, digits: result.digits ?? '' };
  }

  async digit(digit: string): Promise<void> {
    const dialog = this.#dialog;
    const info = dtmfRelay(digit);
    if (this.#isOver || !dialog || !info) return;
    const sent = settleable<undefined>();
    dialog.request(info, () => sent.settle(undefined));
    await within(answerWithin, sent.promise, undefined);
  }

  async press(digits: string): Promise<void> {
    if (!/^[0-9A-D*#w]+$/i.test(digits)) return;
    await this.#settled(this.#endpoint.api('uuid_send_dtmf', [this.id, `${digits}@160`]));
  }

  onDigit(handler: (digit: string) => void): void {
    this.#endpoint.on('dtmf', (event: { dtmf: string }) => handler(event.dtmf));
  }

  async bridge(other: Endpoint): Promise<boolean> {
    if (!(other instanceof FreeswitchEndpoint)) return false;
    const bridged = await this.#settled(this.#endpoint.bridge(other.#endpoint).then(() => true));
    return bridged === true;
  }

  async unbridge(): Promise<void> {
    await this.#settled(this.#endpoint.unbridge());
  }

  expectRtp(withinMs: number): Promise<void> {
    this.#unwatch?.();
    if (!this.#isOver)
      this.#unwatch = watchForSilence(withinMs, {
        packets: () => this.#packetsReceived(),
        expectsAudio: () => !this.#isHeld,
        silent: () => {
          this.#settleEnd('rtp_timeout');
          void this.#server.api(`uuid_kill ${this.id} ${silence}`);
        },
      });
    return Promise.resolve();
  }

  async #packetsReceived(): Promise<number | null> {
    // One connection's commands are done in their order: the second need not wait for the answer to the first.
    const [, told] = await Promise.all([
      this.#settled(this.#endpoint.api('uuid_set_media_stats', [this.id])),
      this.#settled(this.#endpoint.api('uuid_getvar', [this.id, 'rtp_audio_in_packet_count'])),
    ]);
    const count = told?.getBody() ?? '';
    return /^\d+\s*$/.test(count) ? Number(count) : null;
  }

  /** By `uuid_record`, which says whether it could: the application `record_session` completes either way. */
  async record(file: string): Promise<boolean> {
    await this.#settled(this.#endpoint.execute('set', 'RECORD_STEREO=true'));
    return this.#recording('start', file);
  }

  async stopRecording(file: string): Promise<void> {
    await this.#recording('stop', file);
  }

  async #recording(what: 'start' | 'stop', file: string): Promise<boolean> {
    const path = argument(file);
    const answer =
      path === null ? null : await this.#settled(this.#endpoint.api('uuid_record', [this.id, what, path]));
    const isDone = answer?.getBody().startsWith('+OK') === true;
    if (!isDone && !this.#isOver) this.#log('warn', 'recording_failed', { endpoint: this.id, what });
    return isDone;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  /** Its channel has hung up, and this is the last that its server tells of it. */
  hungUp(last: Mrf.EslEvent): void {
    this.#settleFigures(figuresOf(last));
  }

  /** The control connection of its server broke: nobody could kill the channel any more, so it counts as gone. */
  lost(): void {
    this.#settleEnd('media_lost');
    this.#settleFigures(null);
    this.#endpoint.conn?.disconnect();
    void this.close();
  }

  async #finish(): Promise<void> {
    await this.#release();
    await within(figuresWithin, this.figures, null);
    this.#settleFigures(null);
  }

  async #release(): Promise<void> {
    const ended = this.#isOver;
    this.#settleEnd('closed');
    if (!ended) {
      const gone = settleable<boolean>();
      this.#dialog?.once('destroy', () => gone.settle(true));
      this.#endpoint.destroy().then(
        () => gone.settle(true),
        () => gone.settle(false),
      );
      if (await within(byeWithin, gone.promise, false)) return;
      this.#log('warn', 'endpoint_killed', { endpoint: this.id });
      await within(answerWithin, this.#server.api(`uuid_kill ${this.id}`), '');
    }
    await this.#byeIfUp();
  }

  /** A channel that is gone leaves its SIP dialog behind where FreeSWITCH could not send the BYE. */
  async #byeIfUp(): Promise<void> {
    const dialog = this.#dialog;
    if (!dialog?.connected) return;
    const bye = settleable<undefined>();
    dialog.destroy({}, () => bye.settle(undefined));
    await within(answerWithin, bye.promise, undefined);
  }

  /** The result of a command that FreeSWITCH answers at once; null where it failed, was late, or the channel ended. */
  #settled<T>(command: Promise<T>): Promise<T | null> {
    return within(answerWithin, this.#untilEnd(command), null);
  }

  /** The result of what takes its time; null where it failed, the channel ended, or its end was not told within `longest`. */
  async #heard<T>(command: Promise<T>, longest: number | null): Promise<T | null> {
    const outcome = this.#untilEnd(command);
    if (longest === null) return outcome;
    const heard = await within(longest, outcome, late);
    if (heard !== late) return heard;
    this.#log('warn', 'media_command_late', { endpoint: this.id });
    await this.#settled(this.#endpoint.api('uuid_break', [this.id, 'all']));
    return null;
  }

  async #untilEnd<T>(command: Promise<T>): Promise<T | null> {
    const outcome = command.catch((error: unknown) => {
      if (!this.#isOver)
        this.#log('warn', 'media_command_failed', { endpoint: this.id, error: String(error) });
      return null;
    });
    return Promise.race([outcome, this.ended.then(() => null)]);
  }
}

const late = Symbol('late');

/** As FreeSWITCH reads it: a ringing tone lasts until it is stopped. */
const isEndless = (source: string): boolean => /^silence_stream:\/\/-1|;loops=-1\b/.test(source);
