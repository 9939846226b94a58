/** Who is told of which events of which calls, and how much. Where it is told, and by which key, is not said here. */

export const callEvents = [
  'call.started',
  'call.connected',
  'call.ended',
  'call.settled',
  'call.corrected',
] as const;
export type CallEvent = (typeof callEvents)[number];

export type Owner =
  { readonly kind: 'network' } | { readonly kind: 'publisher' | 'buyer'; readonly name: string };

export interface Subscription {
  /** Of the endpoint: the same for as long as it has the same owner and URL. */
  readonly id: string;
  readonly owner: Owner;
  readonly events: readonly CallEvent[];
  readonly caller: 'masked' | 'full';
  /** Of the attributes of a call it is told these alone. */
  readonly attributes: readonly string[];
}

export const ownerName = (owner: Owner): string =>
  owner.kind === 'network' ? 'network' : `${owner.kind}:${owner.name}`;
