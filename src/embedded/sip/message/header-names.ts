/** Header names: the compact forms (RFC 3261 §7.3.3 and the registry), and the spelling we write. */

const compactForms: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Names whose spelling is not simply a capital after each dash. */
const irregular: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'mime-version': 'MIME-Version',
  'min-se': 'Min-SE',
  rack: 'RAck',
  rseq: 'RSeq',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
  'www-authenticate': 'WWW-Authenticate',
};

const keys = new Map<string, string>();
const cacheLimit = 1024;

/** The key of a header name: lower case, compact forms expanded. */
export function headerKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const key = compactForms[lower] ?? lower;
  if (keys.size < cacheLimit) keys.set(name, key);
  return key;
}

/** How we spell a header: `call-id` → `Call-ID`, `x-custom` → `X-Custom`. */
export function headerSpelling(name: string): string {
  const key = headerKey(name);
  return (
    irregular[key] ??
    key.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
  );
}
