import type { SipRequest } from '../message/message.ts';
import type { Channel, HostPort, Protocol } from './channel.ts';
import type { Transports } from './transports.ts';

/**
 * The way back to the sender of a request (RFC 3261 §18.2.2): the connection it came by, or where that is gone by now
 * a new one to where its Via says.
 */
export class ReplyChannel implements Channel {
  readonly protocol: Protocol;
  readonly reliable: boolean;
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly #request: SipRequest;
  readonly #transports: Transports;
  #channel: Channel;

  constructor(request: SipRequest, channel: Channel, transports: Transports) {
    this.protocol = channel.protocol;
    this.reliable = channel.reliable;
    this.local = channel.local;
    this.remote = channel.remote;
    this.#request = request;
    this.#channel = channel;
    this.#transports = transports;
  }

  get open(): boolean {
    return this.#channel.open;
  }

  send(bytes: Buffer, failed?: (error: Error) => void): void {
    if (!this.#channel.open) {
      const port = this.#request.topVia?.port ?? 5060;
      this.#channel =
        this.#transports.channelTo(this.protocol, { host: this.remote.host, port }) ?? this.#channel;
    }
    this.#channel.send(bytes, failed);
  }
}
