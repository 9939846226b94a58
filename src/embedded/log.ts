/** Structured log lines; digits and audio never go into one. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  event: string,
  fields: Record<string, unknown>,
) => void;

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
