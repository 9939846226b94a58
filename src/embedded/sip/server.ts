/**
 * A SIP server that speaks the drachtio server's wire protocol to drachtio-srf.
 *
 *   const server = await startSipServer({
 *     listen: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'],
 *     control: { host: '127.0.0.1', port: 0 },
 *     secret: 'cymru',
 *   });
 *   srf.connect({ ...server.control, secret: 'cymru' });
 */
import { createServer, type Server } from 'node:net';
import { AppConnection, type AppMessage } from './front/app-connection.ts';
import { FromApp } from './front/from-app.ts';
import { FromNetwork } from './front/from-network.ts';
import { ownFrame } from './front/frame-lines.ts';
import { Ledger } from './front/ledger.ts';
import { Routes } from './front/routes.ts';
import { guardedClock } from './guarded-clock.ts';
import { hostText } from './message/uri.ts';
import { parseListenAddress } from './listen-address.ts';
import { sparingLog } from './sparing-log.ts';
import {
  SipStack,
  type ConnectionLimits,
  type HostPort,
  type Listening,
  type StackLog,
  type StackStats,
  type TimerValues,
} from './stack.ts';
import { standardTimers, systemClock } from './timers.ts';
import type { OnOwn } from './transaction/environment.ts';
import { ListenError } from './transport/transports.ts';

export interface SipServerOptions {
  /** `udp:127.0.0.1:5060`, `tcp:0.0.0.0:5060`, `udp:[::1]:5060`; port 0 takes a free one. */
  readonly listen: readonly string[];
  /** Where apps connect. */
  readonly control: HostPort;
  readonly secret: string;
  readonly timers?: TimerValues;
  readonly connectionLimits?: ConnectionLimits;
  /** Whether apps are told what is sent in their calls without their doing, too: more than a drachtio server tells. */
  readonly tellsOwn?: boolean;
  readonly log?: StackLog;
}

export interface SipServerStats extends StackStats {
  readonly apps: number;
  /** Requests from the network that an app has not answered finally. */
  readonly asked: number;
  /** Requests of apps without a final response. */
  readonly sent: number;
}

export interface SipServer {
  readonly control: HostPort;
  readonly listening: readonly Listening[];
  stats(): SipServerStats;
  /** Releases every socket and timer; apps see their connection end. */
  close(): Promise<void>;
}

/**
 * What apps are told: they ask for a version that knows pings, from v0.8.2 on. The wire protocol here is that of 0.9.10.
 */
const version = 'v0.9.10-tollbridge';

/** Rejects with ListenError (`code`, `address`) where a port cannot be had; nothing is then left open. */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const log: StackLog = sparingLog(options.log ?? (() => undefined));
  const timers = options.timers ?? standardTimers;
  const ledger = new Ledger();
  const routes = new Routes<AppConnection>();
  let defects = 0;
  const defect = (error: unknown) => {
    defects += 1;
    log('error', 'sip.defect', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  };
  const clock = guardedClock(systemClock, defect);
  const apps = new Set<AppConnection>();
  // Once apps have heard what it is said to.
  const tellOwn: OnOwn = (message, channel) =>
    queueMicrotask(() => {
      const bytes = ownFrame(message, channel);
      for (const app of apps) if (app.authenticated) app.send(bytes);
    });
  const fromNetwork = new FromNetwork({ ledger, routes, clock, timers, log });
  const stack = await SipStack.open({
    listen: options.listen.map(parseListenAddress),
    request: (incoming) => fromNetwork.request(incoming),
    timers,
    log,
    ...(options.tellsOwn && { onOwn: tellOwn }),
    ...(options.connectionLimits && { connectionLimits: options.connectionLimits }),
  });
  const fromApp = new FromApp(stack, ledger, fromNetwork);
  const handlers = {
    message: (app: AppConnection, message: AppMessage) => {
      try {
        obey(app, message);
      } catch (error) {
        defect(error);
        app.reply(message.id, 'NOK', 'Server error: internal error');
      }
    },
    closed: (app: AppConnection) => {
      apps.delete(app);
      routes.removeApp(app);
      try {
        fromNetwork.appLeft(app);
        fromApp.appLeft(app);
      } catch (error) {
        defect(error);
      }
      log('info', 'sip.app_left', { apps: apps.size });
    },
  };
  const control = createServer((socket) => apps.add(new AppConnection(socket, handlers)));
  try {
    await listen(control, options.control);
  } catch (error) {
    await stack.close();
    throw error;
  }

  function obey(app: AppConnection, message: AppMessage): void {
    const { id, tokens } = message;
    const [, command = '', argument = ''] = tokens;
    if (command === 'authenticate') {
      authenticate(app, id, argument);
      return;
    }
    if (!app.authenticated) {
      app.reply(id, 'NO', 'not authenticated');
      app.end();
      return;
    }
    switch (command) {
      case 'ping': {
        app.reply(id, 'OK', 'pong');
        return;
      }
      case 'route':
        if (argument.startsWith('cdr:')) {
          refuse(app, id, `route|${argument}`);
          return;
        }
        routes.add(argument, app);
        {
          app.reply(id, 'OK');
          return;
        }
      case 'remove_route':
        routes.remove(argument, app);
        {
          app.reply(id, 'OK');
          return;
        }
      case 'sip': {
        fromApp.sip(app, message);
        return;
      }
      default: {
        refuse(app, id, command);
        return;
      }
    }
  }

  function authenticate(app: AppConnection, id: string, secret: string): void {
    app.authenticated = secret === options.secret;
    if (!app.authenticated) {
      log('warn', 'sip.app_refused', { reason: 'incorrect secret' });
      app.reply(id, 'NO', 'incorrect secret');
      app.end();
      return;
    }
    const places = hostPorts(stack.listening);
    app.reply(id, 'OK', places, version, places);
  }

  function refuse(app: AppConnection, id: string, command: string): void {
    log('warn', 'sip.unsupported_command', { command });
    app.reply(id, 'NOK', `${command} is not supported`);
  }

  return {
    control: { host: options.control.host, port: portOf(control) },
    listening: stack.listening,
    stats() {
      const below = stack.stats();
      const own = { apps: apps.size, asked: ledger.asked.size, sent: ledger.sent.size };
      return { ...below, ...own, timers: below.timers + clock.running, defects: below.defects + defects };
    },
    async close() {
      const closed = new Promise<void>((resolve) => void control.close(() => resolve()));
      for (const app of apps) app.destroy();
      ledger.clear();
      await stack.close();
      await closed;
    },
  };
}

async function listen(server: Server, { host, port }: HostPort): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError({ protocol: 'tcp', host, port }, error)));
    server.listen({ host, port }, resolve);
  });
  server.removeAllListeners('error').on('error', () => undefined);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** `tcp/127.0.0.1:5060,udp/127.0.0.1:5060` */
function hostPorts(listening: readonly Listening[]): string {
  return listening
    .map(({ transport, host, port }) => `${transport}/${hostText(host)}:${port}`)
    .sort()
    .join(',');
}
