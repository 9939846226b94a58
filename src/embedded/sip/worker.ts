import { entryBeside, startWorker, type RunningWorker } from '../worker/handle.ts';
import type { SipServer, SipServerOptions, SipServerStats } from './server.ts';

/** What the SIP server says of itself once it is up. */
export type SipFacts = Pick<SipServer, 'control' | 'listening'>;
/** Calls are lost when it fails. */
export type SipWorker = SipFacts & RunningWorker<SipServerStats>;

/** `startSipServer` in a thread of its own. Rejects with StartError (`code`, `address`) where a port cannot be had. */
export function startSipWorker({ log, ...data }: SipServerOptions): Promise<SipWorker> {
  return startWorker({ name: 'sip', entry: entryBeside(import.meta.url), data, log });
}
