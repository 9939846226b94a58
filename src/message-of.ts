/** What was thrown, as a person may be told it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
