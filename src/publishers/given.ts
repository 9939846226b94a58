/** What the YAML says, as far as publishers are concerned. A Config is one. */
import type { Numbers } from '../routing/network.ts';

export interface Given {
  /** ISO 3166 alpha-2: how numbers without a country code are meant. */
  readonly country: string;
  readonly pools: ReadonlyMap<string, GivenPool>;
  readonly network: {
    readonly campaigns: ReadonlyMap<string, { readonly name: string; readonly advertiser: string | null }>;
    readonly publishers: ReadonlyMap<string, { readonly name: string }>;
    readonly numbers: Numbers;
  };
}

export interface GivenPool {
  /** E.164; those that the YAML gives are among them. */
  readonly numbers: readonly string[];
  /** Milliseconds that a released number rests. */
  readonly coolOff: number;
  /** The campaigns that draw from it. */
  readonly campaigns: readonly string[];
}

export function poolOf({ pools }: Given, campaign: string): string | null {
  for (const [id, { campaigns }] of pools) if (campaigns.includes(campaign)) return id;
  return null;
}
