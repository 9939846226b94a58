/** One line: `event` is what to search for, the message says it in words. */
export type LineFields = Readonly<Record<string, unknown>> & { readonly event: string };

/** What journal, loader and retention log through. */
export interface RecordsLog {
  info(fields: LineFields, message: string): void;
  warn(fields: LineFields, message: string): void;
  error(fields: LineFields, message: string): void;
}
