/** Splits at a separator that stands outside "quotes" and <angle brackets>; elements are trimmed, empty ones left out. */
function splitOutside(text: string, separator: ',' | ';'): string[] {
  if (!text.includes(separator)) return text.trim() === '' ? [] : [text.trim()];
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  const take = (end: number) => {
    const part = text.slice(start, end).trim();
    if (part !== '') parts.push(part);
    start = end + 1;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === separator && !bracketed) take(i);
  }
  take(text.length);
  return parts;
}

/** The elements of a comma-separated header. */
export function splitList(value: string): string[] {
  return splitOutside(value, ',');
}

/** `;a=1;b` → a map with lower-case names; a parameter without a value maps to ''. */
export function parseParams(text: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of splitOutside(text, ';')) {
    const equals = part.indexOf('=');
    if (equals < 0) params.set(part.toLowerCase(), '');
    else params.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return params;
}
