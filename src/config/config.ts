/** The validated config: what `load` yields once YAML, references, files and numbers were all found right. */
import type { Network } from '../routing/network.ts';
import type { TermsBook } from '../settlement/terms.ts';

export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string;
  /** Every file that was read, this one first. */
  readonly files: readonly string[];
  /** The folders in which `include` looked: a file that comes to be there may belong to the config. */
  readonly folders: readonly string[];
  /** A digest of everything that routes or settles a call; names the table in each record. */
  readonly hash: string;
  readonly name: string;
  readonly country: string;
  readonly timezone: string;
  readonly currency: string;
  readonly engine: Engine;
  /** Absolute path. */
  readonly data: string;
  /** `embedded`, or a postgres:// URL. */
  readonly database: 'embedded' | { readonly url: string };
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly token: string | null;
    /** Requests of the API a minute, of one token and from one address. */
    readonly rate: { readonly token: number; readonly address: number };
  };
  /** By buyer: with which token it speaks of its calls over HTTP. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly webhooks: readonly Webhook[];
  readonly limits: {
    readonly maxCalls: number;
    /** New calls in a second, all carriers together; null: no limit. */
    readonly cps: number | null;
    /** With the event loop held up for longer, milliseconds, no call is taken; null: nothing is made of it. */
    readonly stall: number | null;
    readonly maxCall: number;
    readonly drain: number;
    /** An anchored leg that sends no RTP for this long has gone. */
    readonly rtpTimeout: number;
  };
  readonly log: {
    /** Lines of lower levels are not written. */
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    /** How telephone numbers stand in a line: without their last four digits, or whole. */
    readonly numbers: 'masked' | 'full';
  };
  /** Of how many calls the SIP is kept, to be looked at; 0: of none. */
  readonly trace: { readonly calls: number };
  /** How long records of calls are kept, milliseconds; null: for ever. */
  readonly records: { readonly keep: number | null };
  readonly carriers: readonly Carrier[];
  readonly pools: ReadonlyMap<string, Pool>;
  readonly network: Network;
  readonly terms: TermsBook;
}

export interface Engine {
  readonly sip:
    | { readonly kind: 'embedded'; readonly listen: readonly string[] }
    | { readonly kind: 'drachtio'; readonly host: string; readonly port: number; readonly secret: string };
  readonly media:
    { readonly kind: 'embedded' } | { readonly kind: 'freeswitch'; readonly servers: readonly MediaServer[] };
}

export interface MediaServer {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Its part of the calls, against the weights of the others. */
  readonly weight: number;
  /** Sessions that it may have; null: as many as it says itself. */
  readonly sessions: number | null;
  /** It keeps the calls that it has, and gets no others. */
  readonly drain: boolean;
}

export type WebhookOwner =
  { readonly kind: 'network' } | { readonly kind: 'publisher' | 'buyer'; readonly name: string };

/** Who is told of which events, where, and how much. */
export interface Webhook {
  /** Of the endpoint: the same for as long as it has the same owner and URL. */
  readonly id: string;
  readonly owner: WebhookOwner;
  readonly url: string;
  /** `whsec_` and a key in base64. */
  readonly secret: string;
  readonly events: readonly (
    'call.started' | 'call.connected' | 'call.ended' | 'call.settled' | 'call.corrected'
  )[];
  readonly caller: 'masked' | 'full';
  /** Of the attributes of a call it is told these alone. */
  readonly attributes: readonly string[];
}

export interface Carrier {
  readonly id: string;
  /** CIDR blocks. */
  readonly from: readonly string[];
  readonly concurrency: number | null;
  readonly cps: number | null;
  /** What it gets where others get 503. */
  readonly refuseWith: number;
}

/** Numbers we own, waiting for a publisher. */
export interface Pool {
  readonly id: string;
  readonly carrier: string;
  /** E.164, in the order of the config; those that `numbers` gives out are among them. */
  readonly numbers: readonly string[];
  /** How long a released number rests before it is given out again. */
  readonly coolOff: number;
  /** The pool runs low where fewer numbers are free. */
  readonly low: number;
  /** The campaigns that draw from it. */
  readonly campaigns: readonly string[];
}

/** What is wrong, where, and what would be right. `file` is an absolute path; lines and columns count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string;
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly problems: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** As of a config: where what is wrong may be put right. */
      readonly files: readonly string[];
      readonly folders: readonly string[];
    };
