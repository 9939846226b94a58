const token = /[\w\-.!%*+`'~]+/;

/**
 * What a request requires in its Require header, as the 420 that refuses it names it in Unsupported (RFC 3261 8.2.2.3):
 * none of the extensions of SIP is done here. What is no
 * name (`100 rel`) is required all the same: the first token in it names it. Null: nothing is required.
 */
export function requiredExtensions(require: string | undefined): string | null {
  const items = (require ?? '').split(',').filter((item) => item.trim() !== '');
  return items.map((item) => token.exec(item)?.[0] ?? 'malformed').join(', ') || null;
}
