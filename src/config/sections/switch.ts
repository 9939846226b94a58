/** The switch itself: network, engine, data, http, limits, records. */
import { z } from 'zod';
import { parseDatabase, parseHost, parseHttpListen, parseSipListen } from '../values/address.ts';
import { parseServerSecret } from '../values/scalars.ts';
import { parseCountry, parseCurrency, parseZone } from '../values/locale.ts';
import {
  duration,
  field,
  integer,
  name,
  pause,
  timer,
  timerOrOff,
  timeSpan,
  words,
  yesNo,
} from './fields.ts';
import { networkWebhooks } from './webhooks.ts';

export const networkSection = () =>
  z.strictObject({
    name: name(),
    country: field(parseCountry),
    timezone: field(parseZone),
    currency: field(parseCurrency),
    hold: duration().default(0),
    webhooks: networkWebhooks(),
  });

const embedded = z.literal('embedded');

const reached = (port: number) =>
  z.strictObject({
    host: field(parseHost).default('127.0.0.1'),
    port: integer(1, 65_535).default(port),
    secret: field(parseServerSecret),
  });

const mediaServer = () =>
  reached(8021).extend({
    weight: integer(1, 100).default(1),
    sessions: integer(1).optional(),
    drain: yesNo().default(false),
  });

export const engineSection = () =>
  z.strictObject({
    sip: z.union([embedded, z.strictObject({ drachtio: reached(9022) })]).default('embedded'),
    media: z
      .union([embedded, z.strictObject({ freeswitch: z.array(mediaServer()).min(1) })])
      .default('embedded'),
    listen: z.array(field(parseSipListen)).min(1).default(['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060']),
  });

export const databaseField = () => field(parseDatabase);

export const httpSection = () =>
  z.strictObject({
    listen: field(parseHttpListen).default({ host: '127.0.0.1', port: 8080 }),
    token: words().default(''),
    rate: z.strictObject({ token: integer(1).default(1200), address: integer(1).default(3000) }).prefault({}),
  });

export const limitsSection = () =>
  z.strictObject({
    max_calls: integer(1).default(500),
    cps: integer(1).optional(),
    stall: timerOrOff().default(200),
    max_call: timer().default(7_200_000),
    drain: pause().default(30_000),
    rtp_timeout: timer().default(300_000),
  });

export const logSection = () =>
  z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    numbers: z.enum(['masked', 'full']).default('masked'),
  });

export const traceSection = () => z.strictObject({ calls: integer(0, 100_000).default(1000) });

export const recordsSection = () => z.strictObject({ keep: timeSpan().optional() });
