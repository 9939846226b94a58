/**
 * What no argument can hold: a line break would begin another header of the event socket, a quote ends what it
 * quotes, a backslash takes the meaning from what follows, and `${…}` is a variable or a command of FreeSWITCH's.
 */
const unsayable = /['$\\\p{Cc}\u2028\u2029]/u;

/** The text as the whole argument of an application, where blanks are its own; null where it cannot be said. */
export function wholeArgument(text: string): string | null {
  return unsayable.test(text) ? null : text;
}

/** One of several arguments, which FreeSWITCH splits at blanks, except inside single quotes; null as above. */
export function argument(text: string): string | null {
  if (unsayable.test(text)) return null;
  return /\s/.test(text) ? `'${text}'` : text;
}
