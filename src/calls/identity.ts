/**
 * Who calls, as the carrier says: From (RFC 3261), P-Asserted-Identity (RFC 3325), Privacy (RFC 3323) and the level of
 * attestation (STIR/SHAKEN: `verstat`, 3GPP TS 24.229 7.2A.20, or the Identity header's PASSporT, RFC 8225). A carrier
 * is trusted to have checked them; nobody else gets this far. Signatures are not checked here.
 */
import { isAnonymous } from '../routing/attributes.ts';
import { normalizeNumber } from '../routing/number.ts';

interface CallerIdentity {
  /** E.164; null where the caller withheld it, or where what is shown is no telephone number. */
  readonly from: string | null;
  /** Withheld: not merely unreadable. */
  readonly anonymous: boolean;
  readonly attestation: 'A' | 'B' | 'C' | null;
}

interface IdentityHeaders {
  /** User part of the From URI. */
  readonly from: string;
  header(name: string): string | undefined;
}

/** `country` tells how a number without its country code is meant. */
export function callerIdentity(message: IdentityHeaders, country: string): CallerIdentity {
  const shown = usersShown(message);
  const number = shown.map((user) => normalizeNumber(user, country)).find((read) => read !== null) ?? null;
  const anonymous = asksForPrivacy(message.header('Privacy')) || (number === null && shown.some(isAnonymous));
  return { from: anonymous ? null : number, anonymous, attestation: attestationOf(message) };
}

/** What stands in place of the caller's number: asserted by the carrier (a sip and a tel URI may be, RFC 3325 9.1), else From. */
function usersShown(message: IdentityHeaders): readonly string[] {
  const asserted = unquoted(message.header('P-Asserted-Identity')).match(/(?:sips?|tel):[^>,\s]+/gi) ?? [];
  return (asserted.length > 0 ? asserted.slice(0, mostAsserted) : [message.from]).map(userOf);
}

/** The RFC allows two; some networks add theirs. */
const mostAsserted = 8;

/** `id`, `user` and `header` ask that nobody downstream be shown who calls; `none` asks for nothing (RFC 3323 4.2). */
function asksForPrivacy(privacy: string | undefined): boolean {
  const asked = (privacy ?? '').toLowerCase().split(/[\s;,]+/);
  return asked.some((value) => ['id', 'user', 'header'].includes(value));
}

/** Without display names, which say what the caller likes: a URI or a parameter in one is text. */
function unquoted(header: string | undefined): string {
  return (header ?? '').replace(/"(?:\\.|[^"\\])*"?/g, '');
}

/** Without scheme, parameters and host: `sip:+12145550111;npdi@host` and `tel:+1-214-555-0111` alike. */
function userOf(uri: string): string {
  return uri
    .replace(/^(?:sips?|tel):/i, '')
    .replace(/@.*$/s, '')
    .replace(/;.*$/s, '')
    .slice(0, 64);
}

function attestationOf(message: IdentityHeaders): 'A' | 'B' | 'C' | null {
  for (const name of ['P-Asserted-Identity', 'From']) {
    const verstat = /;verstat=([\w-]{1,40})/i.exec(unquoted(message.header(name)))?.[1];
    const level = /^TN-Validation-Passed-([ABC])$/i.exec(verstat ?? '')?.[1];
    if (level !== undefined) return asLevel(level);
    // The carrier looked and found the signature missing or wrong: what the caller's side claims counts for nothing.
    if (verstat !== undefined && !/^TN-Validation-Passed/i.test(verstat)) return null;
  }
  const indicated = /^\s*([ABC])\s*$/i.exec(message.header('P-Attestation-Indicator') ?? '')?.[1];
  return indicated === undefined ? claimed(message.header('Identity')) : asLevel(indicated);
}

/** `attest` of the PASSporT: the second part of the token, base64url JSON. */
function claimed(identity: string | undefined): 'A' | 'B' | 'C' | null {
  const payload = /^\s*[\w-]+\.([\w-]{1,2000})\./.exec(identity ?? '')?.[1];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const isClaim = typeof claims === 'object' && claims !== null && 'attest' in claims;
    return isClaim && typeof claims.attest === 'string' ? asLevel(claims.attest) : null;
  } catch {
    return null;
  }
}

function asLevel(text: string): 'A' | 'B' | 'C' | null {
  const level = text.toUpperCase();
  return level === 'A' || level === 'B' || level === 'C' ? level : null;
}
