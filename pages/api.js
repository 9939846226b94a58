// The API of the switch that served this page. The session is a cookie that no script can read.

/** What the API refused, in its own words. */
export class Problem extends Error {
  /** @param {number} status @param {string} reason @param {string} detail */
  constructor(status, reason, detail) {
    super(detail);
    this.status = status;
    this.reason = reason;
  }
}

const base = '/api/v1';

/** @type {() => void} */
let onSignedOut = () => undefined;
/** What is done when the session has ended, by time or by a revoked token. @param {() => void} then */
export const whenSignedOut = (then) => (onSignedOut = then);

/**
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export const get = (path, signal) => ask('GET', path, undefined, signal);

/**
 * @template T
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<T>}
 */
export const post = (path, body = {}) => ask('POST', path, body);

/** @param {string} path @returns {Promise<void>} */
export const remove = (path) => ask('DELETE', path);

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function ask(method, path, body, signal) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json' };
  // No form and no page of another site can send a header of its own making: with it the request is this page's.
  if (method !== 'GET') headers['X-Tollbridge'] = 'pages';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error) => {
    if (signal?.aborted === true) throw error;
    throw new Problem(0, 'unreachable', 'the switch cannot be reached');
  });
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401 && path !== '/session') onSignedOut();
  throw new Problem(response.status, answer?.reason ?? '', answer?.detail ?? `refused (${response.status})`);
}

/** A path's query of what is set. @param {Record<string, string | number | null | undefined>} given */
export function query(given) {
  const set = Object.entries(given).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}
