import type { Config, MediaServer } from '../config.ts';
import { all, instead, where } from './change.ts';
import type { Change } from './change.ts';
import { webhookChanges, webhooksFor } from './webhooks.ts';
import { aSecond, listed, span } from './words.ts';

/** Most of these hold only once the switch is started anew; who reads it knows. */
export function switchChanges(before: Config, after: Config): Change[] {
  const webhooks = webhookChanges(webhooksFor(before, 'network'), webhooksFor(after, 'network'));
  return [
    ...told(before, after).map((said) => `The switch ${said}`),
    ...webhooks.map((said) => `The network ${said}`),
  ].map((text) => ({ about: 'switch', id: after.name, text }));
}

const told = all<Config>(
  instead(({ name }) => name, 'is of', String),
  instead(({ country }) => country, 'reads numbers as dialled in', String),
  instead(({ timezone }) => timezone, 'keeps the time of', String),
  instead(({ currency }) => currency, 'counts in', String),
  instead(({ engine }) => engine.sip.kind, 'speaks SIP by', String),
  instead(
    ({ engine: { sip } }) => (sip.kind === 'embedded' ? sip.listen : [`${sip.host}:${sip.port}`]),
    'takes calls at',
    (at) => listed(at),
  ),
  instead(({ engine }) => engine.media.kind, 'carries media by', String),
  where(
    ({ engine: { media } }) => (media.kind === 'freeswitch' ? media.servers.map(serverInWords) : []),
    (servers) => `has its media at ${listed(servers)}`,
  ),
  instead(({ data }) => data, 'keeps its data in', String),
  where(
    ({ database }) => database,
    (database) => (database === 'embedded' ? 'uses the embedded database' : 'uses another database'),
  ),
  instead(({ http }) => `${http.host}:${http.port}`, 'answers HTTP at', String),
  where(
    ({ http }) => http.token,
    (token) => (token === null ? 'asks for no token' : 'asks for another token'),
  ),
  instead(
    ({ http }) => http.rate.token,
    'answers a token',
    (rate) => `${rate} times a minute`,
  ),
  instead(
    ({ http }) => http.rate.address,
    'answers an address',
    (rate) => `${rate} times a minute`,
  ),
  instead(
    ({ limits }) => limits.maxCalls,
    'takes at most',
    (calls) => `${calls} calls`,
  ),
  instead(({ limits }) => limits.cps, 'takes', aSecond),
  instead(
    ({ limits }) => limits.stall,
    'takes no call',
    (stall) => (stall === null ? 'for nothing but its limits' : `once it is held up for ${span(stall)}`),
  ),
  instead(({ limits }) => limits.maxCall, 'ends a call after', span),
  instead(({ limits }) => limits.drain, 'waits for live calls', span),
  instead(({ limits }) => limits.rtpTimeout, 'takes a silent leg for gone after', span),
  instead(({ log }) => log.level, 'logs from level', String),
  where(
    ({ log }) => log.numbers,
    (numbers) => (numbers === 'full' ? 'logs whole telephone numbers' : 'masks telephone numbers in its log'),
  ),
  instead(
    ({ trace }) => trace.calls,
    'keeps the SIP of',
    (calls) => `${calls} calls`,
  ),
  where(
    ({ records }) => records.keep,
    (keep) => `keeps records of calls ${keep === null ? 'for ever' : `for ${span(keep)}`}`,
  ),
);

function serverInWords({ host, port, weight, sessions, drain }: MediaServer): string {
  const more = [
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(sessions === null ? [] : [`at most ${sessions} sessions`]),
    ...(drain ? ['drained'] : []),
  ];
  return `${host}:${port}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
}
