import { Headers } from './headers.ts';

/** The order in which we write headers; those not named stand at the end, after Content-Length. */
const order = [
  'via', 'route', 'record-route', 'max-forwards', 'proxy-require', 'from', 'to', 'call-id', 'cseq', 'contact', 'rseq',
  'rack', 'request-disposition', 'accept-contact', 'reject-contact', 'expires', 'date', 'retry-after', 'timestamp',
  'min-expires', 'subject', 'priority', 'call-info', 'organization', 'server', 'user-agent', 'in-reply-to', 'accept',
  'accept-encoding', 'accept-language', 'allow', 'require', 'supported', 'unsupported', 'event', 'allow-events',
  'subscription-state', 'proxy-authenticate', 'proxy-authorization', 'authorization', 'www-authenticate',
  'error-info', 'warning', 'refer-to', 'referred-by', 'replaces', 'session-expires', 'min-se', 'path',
  'service-route', 'reason', 'identity', 'mime-version', 'content-type', 'content-encoding', 'content-language',
  'content-disposition', 'content-length',
]; // prettier-ignore

const ranks = new Map(order.map((key, rank) => [key, rank]));

export function inWireOrder(headers: Headers): Headers {
  const rank = (key: string) => ranks.get(key) ?? order.length;
  return new Headers([...headers].sort((a, b) => rank(a.key) - rank(b.key)));
}
