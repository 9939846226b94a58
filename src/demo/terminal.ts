/** Plain text that is pleasant to read: headings, columns, and colour where a person looks at a terminal. */

export interface Terminal {
  /** Whether something that is `width` by `height` can be drawn over again. */
  canRedraw(width: number, height: number): boolean;
  readonly paint: Record<Colour, (text: string) => string>;
  write(text: string): void;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Colour = keyof typeof codes;

export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

export function terminalOn(stream: Screen, env: NodeJS.ProcessEnv): Terminal {
  const interactive = stream.isTTY && env['TERM'] !== 'dumb';
  const coloured = interactive && (env['NO_COLOR'] ?? '') === '';
  const paint = (colour: Colour) => (text: string) =>
    coloured && text !== '' ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  return {
    canRedraw: (width, height) => interactive && stream.columns >= width && stream.rows > height,
    paint: {
      bold: paint('bold'),
      dim: paint('dim'),
      red: paint('red'),
      green: paint('green'),
      yellow: paint('yellow'),
      cyan: paint('cyan'),
    },
    write: (text) => void stream.write(text),
  };
}

export function heading(terminal: Terminal, title: string, note = ''): string {
  return `\n${terminal.paint.bold(title)}${note === '' ? '' : `  ${terminal.paint.dim(note)}`}\n\n`;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Rows under their titles, each column as wide as its widest cell. Cells may hold colour. */
export function table(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => visible(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    `  ${columns.map(({ align }, at) => padded(cells[at] ?? '', widths[at] ?? 0, align)).join('  ')}`.trimEnd();
  const titles = line(columns.map(({ title }) => title));
  return [terminal.paint.dim(titles), ...rows.map(line), ''].join('\n');
}

function padded(cell: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - visible(cell)));
  return align === 'right' ? space + cell : cell + space;
}

const colourCode = /\u001b\[\d+m/g;

function visible(text: string): number {
  return text.replaceAll(colourCode, '').length;
}
