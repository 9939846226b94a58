/**
 * The few members of drachtio-srf that are used, as they are (its own types miss some and promise others that do not
 * hold). Callback forms throughout: they run in the tick in which the message came, promise forms do not, and a BYE in
 * the same chunk as the 200 would find nobody listening.
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import { sdpIn } from '../../sdp/sdp-in-body.ts';

interface SrfMessage {
  readonly body?: string;
  readonly source?: string;
  readonly source_address?: string;
  readonly source_port?: number;
  readonly protocol?: string;
  get(name: string): string | undefined;
}

export interface SrfRequest extends SrfMessage, EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly stackTxnId: string;
  readonly stackDialogId?: string;
  cancel(callback?: (error: unknown) => void): void;
}

export interface SrfResponse extends SrfMessage {
  /** Of a response that came: what it answers. */
  readonly req: SrfRequest;
  readonly status: number;
  readonly reason?: string;
  readonly stackDialogId?: string;
  send(
    status: number,
    reason: string | undefined,
    options: { headers?: Record<string, string>; body?: string },
    callback?: (error: unknown) => void,
  ): void;
}

export interface SrfDialog extends EventEmitter {
  readonly sip: { readonly callId: string };
  readonly local: { sdp: string; readonly contact: string };
  readonly remote: { sdp: string };
  readonly connected: boolean;
  readonly agent?: SrfAgent;
  /** Called with each request that comes within it. */
  handle(req: SrfRequest, res: SrfResponse): void;
  /** `callback` is called once the BYE was answered. */
  destroy(options: object, callback: (error: unknown, bye?: SrfRequest) => void): void;
  /** `callback` is called with each response, provisional ones too; those of an INVITE that are final get their ACK. */
  request(
    options: { method: string; headers?: Record<string, string>; body?: string },
    callback: (error: unknown, response?: SrfResponse) => void,
  ): void;
}

export interface CreateUacOptions {
  headers: Record<string, string>;
  localSdp: string;
  auth?: { username: string; password: string };
}

type SrfHandler = (req: SrfRequest, res: SrfResponse) => void;

export interface SrfConnection extends EventEmitter {
  connect(options: {
    host: string;
    port: number;
    secret: string;
    reconnect?: { retryMaxDelay: number };
  }): void;
  disconnect(): void;
  invite(handler: SrfHandler): void;
  options(handler: SrfHandler): void;
  register(handler: SrfHandler): void;
  message(handler: SrfHandler): void;
  subscribe(handler: SrfHandler): void;
  publish(handler: SrfHandler): void;
  notify(handler: SrfHandler): void;
  refer(handler: SrfHandler): void;
  info(handler: SrfHandler): void;
  update(handler: SrfHandler): void;
  prack(handler: SrfHandler): void;
  request(
    uri: string,
    options: { method: string; headers?: Record<string, string> },
    callback: (error: unknown, req?: SrfRequest) => void,
  ): void;
  createUAS(
    req: SrfRequest,
    res: SrfResponse,
    options: { localSdp: string; headers?: Record<string, string> },
    callback: (error: unknown, dialog?: SrfDialog) => void,
  ): void;
  createUAC(
    uri: string,
    options: CreateUacOptions,
    progress: {
      cbRequest(error: unknown, req?: SrfRequest): void;
      cbProvisional(response: SrfResponse): void;
    },
    callback: (error: unknown, dialog?: SrfDialog) => void,
  ): void;
  /** By the id under which the server knows them. */
  readonly _dialogs: ReadonlyMap<string, SrfDialog>;
  /** `client` is there once `connect` was called. */
  readonly app: { readonly client?: SrfAgent };
}

/** Its events come in the tick in which they happen, those of the connection itself some turns later. */
export interface SrfAgent extends EventEmitter {
  readonly wp: SrfWire;
  /** By the connections that are up. */
  readonly mapServer: ReadonlyMap<Socket, SrfUnderWay>;
  /** Requests that were challenged, by the server's id of their transaction. */
  readonly pendingSipAuthTxnIdUpdate: Map<string, unknown>;
}

/** What a connection has under way, by the server's ids of transactions; INVITEs from the network by their Call-ID. */
interface SrfUnderWay {
  readonly pendingSipRequests: ReadonlyMap<string, { readonly req: SrfRequest }>;
  readonly pendingNetworkInvites: ReadonlyMap<string, { readonly req: SrfRequest }>;
  /** Those that were challenged, by their Call-ID. */
  readonly pendingSipAuthRequests: Map<string, unknown>;
}

/** The connection to the server, made anew by itself until `closing`. */
export interface SrfWire {
  listeners(event: 'msg'): unknown[];
  removeAllListeners(event: 'msg'): unknown;
  closing?: boolean;
  /** The one made last, except for the first. */
  readonly socket?: Socket;
  readonly reconnectVars: { readonly retryTimer?: NodeJS.Timeout | null };
  /** Returns the id under which it is answered. */
  send(socket: Socket, message: string): string;
  emit(event: 'msg', socket: Socket, frame: string): unknown;
  prependListener(event: 'close', listener: (socket: Socket) => void): unknown;
  on(event: 'connect' | 'close', listener: (socket: Socket) => void): unknown;
  on(event: 'msg', listener: (socket: Socket, message: string) => void): unknown;
  prependListener(event: 'msg', listener: (socket: Socket, frame: string) => void): unknown;
  on(event: 'reconnecting', listener: (next: { delay: number }) => void): unknown;
}

export function openSrf(): SrfConnection {
  return new Srf() as unknown as SrfConnection;
}

/** The session description that a message bears, alone or among other parts; null where there is none. */
export function sdpOf({ body }: Pick<SrfMessage, 'body'>): string | null {
  return body ? sdpIn(body) : null;
}

export function hasBody({ body }: Pick<SrfMessage, 'body'>): boolean {
  return body !== undefined && body.trim() !== '';
}

/** The SIP answer in whatever the library called back with: a SipError, an Error, or bare text. */
export function statusOf(
  error: unknown,
): { readonly status: number; readonly reason: string; readonly retryAfter: number | null } | null {
  if (
    typeof error !== 'object' ||
    error === null ||
    !('status' in error) ||
    typeof error.status !== 'number'
  ) {
    return null;
  }
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
  const response = 'res' in error ? (error.res as SrfMessage | undefined) : undefined;
  // `Retry-After: 120 (in a meeting);duration=60`: the seconds come first (RFC 3261 20.33).
  const retryAfter = Number.parseInt(response?.get('Retry-After') ?? '', 10);
  return { status: error.status, reason, retryAfter: Number.isNaN(retryAfter) ? null : retryAfter };
}
