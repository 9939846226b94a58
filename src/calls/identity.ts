/**
 * Who calls, as the carrier says: From (RFC 3261), P-Asserted-Identity (RFC 3325), Privacy (RFC 3323) and the level of
 * attestation (STIR/SHAKEN: `verstat`, 3GPP TS 24.229 7.2A.20, or the Identity header's PASSporT, RFC 8225). A carrier
 * is trusted to have checked them; nobody else gets this far. Signatures are not checked here.
 */
export interface CallerIdentity {
  /** User part as sent; null where the caller withheld it. */
  readonly from: string | null;
  readonly attestation: 'A' | 'B' | 'C' | null;
}

export interface IdentityHeaders {
  /** User part of the From URI. */
  readonly from: string;
  header(name: string): string | undefined;
}

export function callerIdentity(message: IdentityHeaders): CallerIdentity {
  const asserted = firstUri(message.header('P-Asserted-Identity'));
  const shown = asserted ?? message.from;
  return {
    from: isWithheld(message.header('Privacy'), shown) ? null : userOf(shown),
    attestation: attestationOf(message),
  };
}

/** `id`, `user` and `header` ask that nobody downstream be shown who calls; `none` asks for nothing. */
function isWithheld(privacy: string | undefined, shown: string): boolean {
  const asked = (privacy ?? '').toLowerCase().split(/[\s;,]+/);
  return (
    asked.some((value) => ['id', 'user', 'header'].includes(value)) || /^anonymous$/i.test(userOf(shown))
  );
}

/** The first sip, sips or tel URI of a list; the header may hold one of each (RFC 3325 9.1). */
function firstUri(header: string | undefined): string | undefined {
  return /(?:sips?|tel):[^>,\s]+/i.exec(unquoted(header))?.[0];
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
