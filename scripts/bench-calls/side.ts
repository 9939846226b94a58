import type { Target } from './pairs.ts';

/**
 * Something that calls go through, from callers to buyers. It is up only while it is measured: a drachtio server shares
 * its calls out among all who are linked to it.
 */
export interface Side {
  readonly name: string;
  /** The rate at which the search for its limit begins, calls a second. */
  readonly from: number;
  start(): Promise<SideUp>;
}

export interface SideUp {
  /** Where callers send, and what they dial. */
  readonly target: Target;
  /** The processes that it is, by what they are; each with all that it started. */
  readonly programs: ReadonlyMap<string, readonly number[]>;
  stop(): Promise<void>;
}

/** As callers dial: one for each pair. */
export const numbersFor = (pairs: number, from = 0): readonly string[] =>
  Array.from({ length: pairs }, (_, pair) => `+1800555${String(100 + from + pair).padStart(4, '0')}`);

/** A real drachtio or FreeSWITCH that the environment names as `host:port:secret`; null where it names none. */
export function serverAt(
  variable: 'TOLLBRIDGE_DRACHTIO' | 'TOLLBRIDGE_FREESWITCH',
): { readonly host: string; readonly port: number; readonly secret: string } | null {
  const [host, port, ...secret] = (process.env[variable] ?? '').split(':');
  return host === undefined || port === undefined
    ? null
    : { host, port: Number(port), secret: secret.join(':') };
}
