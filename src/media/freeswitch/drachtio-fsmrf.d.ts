/** drachtio-fsmrf 4.1.2 ships no types: the few members that are used, as they are. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events';
  import type { Server, Socket } from 'node:net';

  interface EslEvent {
    getHeader(name: string): string | undefined;
    getBody(): string;
  }

  interface EslConnection extends EventEmitter {
    readonly socket: Socket | null;
    /** It reconnects by itself when this fires, `closing` or not. */
    readonly reconnectVars: { readonly retryTimer?: NodeJS.Timeout | null };
    /** What reads its socket; it does so no more once its listener is gone. */
    readonly parser: {
      /** What was not enough for a message yet. */
      buffer: Buffer;
    };
    disconnect(): void;
    /** `event json NAME…`, beside what was subscribed to before: what fsmrf asks for by itself. */
    subscribe: (events: string) => void;
    /** `event FORMAT NAME…`; the format is of all that is subscribed to. */
    events(format: 'plain', events: readonly string[]): void;
    /** What its parser calls with a message: as an event, the two headers of it that it looks at, its body. */
    _onEvent(
      event: EslEvent,
      headers: { 'Content-Type': string | undefined; 'Event-Name': string | undefined },
      body: string,
    ): void;
    /** `*` stands for one part of a name: `esl::event::NAME::*` hears of every channel. */
    on(name: `esl::event::${string}`, listener: (event: EslEvent) => void): this;
  }

  interface EslServer {
    readonly server: Server;
    readonly connections: Readonly<Record<string, EslConnection>>;
    /** It has come, and nothing was heard of it yet; it has said which channel it is of. */
    on(name: 'connection::open' | 'connection::ready', listener: (connection: EslConnection) => void): this;
  }

  interface MrfDialog extends EventEmitter {
    readonly connected: boolean;
    /** Resolves to the session description of the answer. */
    modify(sdp: string): Promise<string>;
    destroy(options?: object, callback?: (error: unknown) => void): void;
    request(
      options: { method: string; headers?: Record<string, string>; body?: string },
      callback: (error: unknown) => void,
    ): void;
  }

  interface MrfEndpoint extends EventEmitter {
    readonly uuid: string;
    readonly local: { readonly sdp: string };
    readonly conn: EslConnection | null;
    /** Null once the endpoint is gone. */
    readonly dialog: MrfDialog | null;
    modify(sdp: string): Promise<string>;
    api(command: string, args: string[]): Promise<EslEvent>;
    execute(app: string, arg: string): Promise<EslEvent>;
    playCollect(options: {
      file: string;
      min: number;
      max: number;
      tries: number;
      timeout: number;
      digitTimeout: number;
      terminators: string;
      regexp: string;
      varName: string;
    }): Promise<{ digits?: string; invalidDigits?: string; terminatorUsed?: string }>;
    bridge(other: MrfEndpoint): Promise<void>;
    unbridge(): Promise<void>;
    destroy(): Promise<void>;
  }

  interface MrfMediaServer extends EventEmitter {
    readonly conn: EslConnection;
    /** The esl.Server whose `server` listens for the outbound connections of FreeSWITCH. */
    readonly _server: EslServer;
    /** Where FreeSWITCH is told to connect to; where it listens unless set. */
    advertisedAddress: string;
    api(command: string): Promise<string>;
    /** Whether its control connection stands. */
    connected(): boolean;
    createEndpoint(options: { remoteSdp?: string }): Promise<MrfEndpoint>;
    disconnect(): void;
  }

  class Mrf {
    constructor(srf: object);
    /** Calls back again where it had failed and its connection comes back to life. */
    connect(
      options: { address: string; port: number; secret: string; listenAddress: string },
      callback: (error: unknown, server?: MrfMediaServer) => void,
    ): void;
  }
  namespace Mrf {
    export type { EslConnection, EslEvent, MrfDialog, MrfEndpoint, MrfMediaServer };
  }
  export = Mrf;
}
