/** What ids, names, sources and reasons must be like. */

/** As it stands in commands, addresses of pages and metrics. */
export const isId = (text: string): boolean => /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i.test(text);

/** One line that says something; more in a source than people would read out is no label. */
export const isLine = (text: string, longest: number): boolean =>
  text.trim() !== '' && text.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(text);

/** Nobody has to say why; who does, says it in one line. */
export const isWhy = (text: string | undefined): boolean => text === undefined || isLine(text, 500);
