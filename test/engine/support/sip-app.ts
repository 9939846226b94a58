import { once, type EventEmitter } from 'node:events';
import Srf from 'drachtio-srf';

/** What the tests use of drachtio-srf; its own types leave some of it out. */
export interface App extends EventEmitter {
  connect(options: { host: string; port: number; secret: string }): void;
  disconnect(): void;
  invite(handler: Handler): void;
  options(handler: Handler): void;
  request(uri: string, options: { method: string }): Promise<EventEmitter>;
  createUAS(req: Req, res: Res, options: { localSdp: string }): Promise<AppDialog>;
  createUAC(
    uri: string,
    options: Dialling,
    progress?: { cbRequest(error: unknown, req: Req): void },
  ): Promise<AppDialog>;
}

export type Handler = (req: Req, res: Res) => unknown;

interface Dialling {
  localSdp: string;
  headers?: Record<string, string>;
  auth?: { username: string; password: string };
}

export interface Req extends EventEmitter {
  readonly body: string;
  readonly callingNumber: string;
  get(header: string): string;
  cancel(): void;
}

export interface Res {
  send(
    status: number,
    options?: { headers?: Record<string, string>; body?: string },
    sent?: (error: unknown) => void,
  ): void;
}

export interface AppDialog {
  on(event: 'destroy' | 'ack', handler: (req: Req) => unknown): void;
  on(event: 'modify' | 'info', handler: Handler): void;
  once(event: string, handler: () => void): void;
  modify(sdp: string): Promise<string>;
  request(options: { method: string; headers: Record<string, string>; body: string }): Promise<unknown>;
  destroy(): Promise<unknown>;
}

export async function connectApp(control: { host: string; port: number }, secret: string): Promise<App> {
  const app = new Srf() as unknown as App;
  app.connect({ ...control, secret });
  app.on('error', () => undefined);
  await once(app, 'connect');
  return app;
}

/** An app's frames are obeyed in order: the answer to this one says that its routes stand. */
export async function routed(app: App): Promise<void> {
  await app.request('sip:nobody@[::', { method: 'OPTIONS' }).catch(() => undefined);
}
