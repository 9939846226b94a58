/**
 * Money is an integer of micro-units: 45.00 USD is 45_000_000n. Fine enough for per-second rates, exact in every
 * currency; amounts that enter the ledger are whole minor units.
 */
export type Money = bigint;
