/** FreeSWITCH splits an application's arguments at spaces, except inside single quotes; it has no escape for a quote. */
export function argument(text: string): string {
  if (/['\r\n]/.test(text)) throw new Error(`not to be passed to FreeSWITCH: ${JSON.stringify(text)}`);
  return /\s/.test(text) ? `'${text}'` : text;
}
