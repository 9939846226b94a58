/** The payload types of an m= line, and what those of fixed meaning are called. */

/** RFC 3551 section 6, of what is met in telephony: these need no rtpmap. */
export const staticCodecs: ReadonlyMap<number, string> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
  [9, 'G722'],
  [18, 'G729'],
]);

/** In their order; what does not fit into seven bits is none (RFC 3550 5.1). */
export function payloadTypesOf(media: { readonly payloads?: string | undefined }): number[] {
  // sdp-transform makes a number of a lone payload type, whatever its types say.
  const listed: unknown = media.payloads;
  const types = typeof listed === 'string' ? listed.split(' ').map(Number) : [listed];
  return types.filter((type): type is number => isPayloadType(type));
}

function isPayloadType(type: unknown): boolean {
  return typeof type === 'number' && Number.isInteger(type) && type >= 0 && type <= 127;
}
