import type { Config } from '../config/config.ts';

/** What the running switch said: a status and JSON; or why it could not be asked. */
type SwitchAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** A switch under load may be slow to compile a network of thousands of buyers. */
const answersWithin = 120_000;

/** Asks the switch of this config over its API: where `http.listen` says, with `http.token`. */
export async function askSwitch(
  { http }: Pick<Config, 'http'>,
  method: 'GET' | 'POST',
  path: string,
): Promise<SwitchAnswer> {
  const address = `http://${reachable(http.host)}:${http.port}`;
  try {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: http.token === null ? {} : { Authorization: `Bearer ${http.token}` },
      signal: AbortSignal.timeout(answersWithin),
    });
    if (response.status === 401) {
      return { ok: false, message: `the switch at ${address} takes another token`, hint: 'see http.token' };
    }
    return { ok: true, status: response.status, body: await response.json() };
  } catch (error) {
    return { ok: false, ...whyNot(error, address) };
  }
}

/** What a problem document says to people. */
export function detailOf(body: unknown): string {
  const isTold = typeof body === 'object' && body !== null && 'detail' in body;
  return isTold && typeof body.detail === 'string' ? body.detail : 'no reason was given';
}

/** One that listens on every address is reached on this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function whyNot(error: unknown, address: string): { readonly message: string; readonly hint: string } {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED') {
    return {
      message: `no switch runs at ${address}`,
      hint: 'tollbridge serve starts one; one that was started with another http.listen still listens there',
    };
  }
  if (cause instanceof SyntaxError) {
    return { message: `what answers at ${address} is no tollbridge`, hint: 'see http.listen' };
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return { message: `the switch at ${address} cannot be asked: ${why}`, hint: 'see http.listen' };
}
