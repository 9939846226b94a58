/** The words of an argument, parted by blanks; as in FreeSWITCH, single quotes hold one together. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}
