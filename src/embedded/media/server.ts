import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SipStack, type IncomingRequest, type Listening } from '../sip/stack.ts';
import { applications } from './applications/index.ts';
import { Admission } from './channel/admission.ts';
import { Channels, type Surroundings } from './channel/surroundings.ts';
import type { Channel } from './channel/channel.ts';
import type { CommandContext } from './commands/command.ts';
import { FrameClock } from './clock.ts';
import { EventBus } from './event-socket/event-bus.ts';
import { Identity } from './event-socket/event.ts';
import { InboundControl } from './event-socket/inbound.ts';
import { OutboundControl } from './event-socket/outbound.ts';
import { messageOf } from '../../message-of.ts';
import type { Log } from '../log.ts';
import { AudioLibrary } from './playback/library.ts';
import { RtpPorts } from './rtp-ports.ts';
import { common, Leg } from './signalling/leg.ts';

export interface MediaServerOptions {
  /** Where the SIP side listens, by UDP; port 0 for any free one. */
  readonly sip: { readonly host: string; readonly port: number };
  readonly eventSocket: { readonly host: string; readonly port: number };
  /** The password of the event socket. */
  readonly secret: string;
  /**
   * The sockets of the SIP server that calls come from: an INVITE from anywhere else is refused, for it says where the
   * event socket goes that may command every channel. Those of TCP do not count.
   */
  readonly trust: readonly Listening[];
  /** Recordings lie below this folder, or are refused; the system's folder for temporary files unless given. */
  readonly recordings?: string;
  /** `host` is bound, and written in SDP. Even ports from `portMin` (16384) to `portMax` (32767). */
  readonly rtp: { readonly host: string; readonly portMin?: number; readonly portMax?: number };
  /** Channels that hear nothing for so long are hung up, unless they set their own `media_timeout`; 0 or absent: never. */
  readonly rtpTimeoutMs?: number;
  readonly log?: Log;
}

export interface MediaServerStats {
  readonly channels: number;
  readonly rtpSockets: number;
  /** The media clock, while it runs, and lingering connections. */
  readonly timers: number;
  readonly eventSockets: number;
  readonly sipDialogs: number;
  /** SIP transactions; RFC 3261 keeps each for up to 32 s after its end. */
  readonly sipTransactions: number;
  /** Frames of the media clock that were run a frame or more too late, since the start. */
  readonly latePackets: number;
  /** Frames that were never run, since the process stood still. */
  readonly skippedFrames: number;
  readonly recordings: number;
  /** Exceptions caught on the way of a message or a frame: each is a bug. */
  readonly defects: number;
}

export interface MediaServer {
  readonly sip: { readonly host: string; readonly port: number };
  readonly eventSocket: { readonly host: string; readonly port: number };
  stats(): MediaServerStats;
  /** Ends every channel with BYE and closes every socket. */
  close(): Promise<void>;
}

const goodbyeMs = 1000;
const defaultPorts = { min: 16_384, max: 32_767 };

/**
 * A media server that is to drachtio-fsmrf what FreeSWITCH is: reached by SIP, controlled over event sockets.
 * Runs in the calling thread; `startMediaWorker` gives it one of its own. Rejects where an address cannot be had.
 */
export async function startMediaServer(options: MediaServerOptions): Promise<MediaServer> {
  const log = options.log ?? (() => undefined);
  let defects = 0;
  const defect: Surroundings['defect'] = (error, channel, fields = {}) => {
    defects++;
    const stack = error instanceof Error ? error.stack : undefined;
    log('error', 'media.defect', { channel: channel?.uuid, ...fields, error: messageOf(error), stack });
    channel?.hangup('NORMAL_TEMPORARY_FAILURE');
  };
  const channels = new Channels();
  const clock = new FrameClock<Channel>((channel, error) => defect(error, channel));
  const around: Surroundings = {
    clock,
    log,
    defect,
    events: new EventBus((error, about) => defect(error, channels.get(about))),
    identity: new Identity(options.rtp.host),
    audio: new AudioLibrary(),
    channels,
    admission: new Admission(),
    applications,
    rtpTimeoutMs: options.rtpTimeoutMs ?? 0,
    recordings: resolve(options.recordings ?? tmpdir()),
  };
  const ports = new RtpPorts(
    options.rtp.host,
    options.rtp.portMin ?? defaultPorts.min,
    options.rtp.portMax ?? defaultPorts.max,
  );
  let closed: Promise<void> | undefined;
  // By UDP alone, which shows who sends; a sender of more than a datagram holds falls back to it (RFC 3261 §18.1.1).
  const stack = await SipStack.open({
    listen: [{ protocol: 'udp', ...options.sip }],
    log,
    request: (incoming) => {
      if (closed !== undefined) incoming.respond(503);
      else request(incoming);
    },
  });
  const sip = stack.listening[0] ?? { host: options.sip.host, port: options.sip.port };
  const context: CommandContext = {
    ...around,
    sip: { host: sip.host, port: sip.port },
    globals: new Map([
      ['local_ip_v4', options.rtp.host],
      ['core_uuid', around.identity.coreUuid],
      ['hostname', around.identity.hostname],
    ]),
  };
  const outbound = new OutboundControl(context);
  const host = {
    around,
    ports,
    rtpHost: options.rtp.host,
    trust: options.trust,
    control: (channel: Channel, controller: { host: string; port: number }) =>
      outbound.control(channel, controller),
  };

  function request(incoming: IncomingRequest): void {
    const { method } = incoming.request;
    if (method === 'OPTIONS') incoming.respond(200, { headers: common() });
    else if (method !== 'INVITE') incoming.respond(405, { headers: common() });
    else void Leg.answer(incoming, host);
  }

  let inbound: InboundControl;
  try {
    inbound = await InboundControl.listen(options.eventSocket, options.secret, context);
  } catch (error) {
    await stack.close();
    throw error;
  }

  return {
    sip: context.sip,
    eventSocket: inbound.address,
    stats: () => ({
      channels: around.channels.live,
      rtpSockets: ports.open,
      timers: (clock.running ? 1 : 0) + outbound.timers,
      eventSockets: inbound.open + outbound.open,
      sipDialogs: stack.stats().dialogs,
      sipTransactions: stack.stats().clientTransactions + stack.stats().serverTransactions,
      latePackets: clock.late,
      skippedFrames: clock.skipped,
      recordings: [...around.channels].reduce((sum, channel) => sum + channel.recorders.size, 0),
      defects: defects + stack.stats().defects,
    }),
    close: () => (closed ??= close()),
  };

  async function close(): Promise<void> {
    const ended = [...around.channels].map((channel) => {
      channel.hangup('MANAGER_REQUEST');
      return channel.ended;
    });
    await Promise.all(ended);
    outbound.close();
    // A BYE has gone out once it is answered; a far end that is gone itself must not hold us up.
    const deadline = Date.now() + goodbyeMs;
    while (stack.stats().dialogs > 0 && Date.now() < deadline) await setTimeout(10);
    await Promise.all([inbound.close(), stack.close()]);
  }
}
