/** Comma-separated values (RFC 4180), safe to open in a spreadsheet. */

export type Cell = string | number | null;

/** A head and rows; lines end in CRLF. `null` is an empty cell. */
export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  const text = cell === null ? '' : disarmed(String(cell));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes a text that begins like this for a formula, and runs it; a number is none. */
function disarmed(text: string): string {
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(text);
  return /^[=+\-@\t\r\n]/.test(text) && !isNumber ? `'${text}` : text;
}
