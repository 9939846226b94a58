const token = /^[\w\-.!%*+`'~]+$/;

/**
 * What a request requires in its Require header, as the 420 that refuses it names it in Unsupported (RFC 3261 8.2.2.3):
 * none of the extensions of SIP is done here. Null: it requires nothing.
 */
export function requiredExtensions(require: string | undefined): string | null {
  const names = (require ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => token.test(name)).join(', ') || null;
}
