/** What reading a text yields: its value, or what is wrong with it and what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint: string };

export const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const bad = (message: string, hint: string): Parsed<never> => ({ ok: false, message, hint });
