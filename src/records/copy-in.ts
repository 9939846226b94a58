/** COPY … FROM STDIN, which `pg` has the messages for and no call. */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** What `pg` has for it, and its types do not tell. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows in COPY's text format. */
export interface CopyLines {
  readonly lines: Buffer;
  /** Called once the server has been given them, and is at work on them. */
  readonly onGiven?: () => void;
}

/** `text`: the statement. Rejects where the server refuses it, or the lines. */
export function copyIn(
  client: Pick<pg.Client, 'query'>,
  text: string,
  { lines, onGiven }: CopyLines,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignored = (): void => undefined;
    const copy = {
      submit: (connection: CopyConnection) => connection.query(text),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(lines);
        connection.endCopyFrom();
        onGiven?.();
      },
      handleCommandComplete: ignored,
      handleReadyForQuery: resolve,
      handleError: reject,
      handleRowDescription: ignored,
      handleDataRow: ignored,
      handlePortalSuspended: ignored,
      handleEmptyQuery: ignored,
      callback: ignored,
    };
    client.query(copy as unknown as pg.Submittable);
  });
}

/** A pool whose clients take `copy … from stdin` with its lines as the only parameter. */
export const copyingPool = (pool: pg.Pool): PostgresPool => ({
  connect: async () => copyingClient(await pool.connect()),
  end: () => pool.end(),
});

function copyingClient(client: pg.PoolClient): PostgresPoolClient {
  const query = async (text: string, parameters: readonly unknown[]) => {
    const [given] = parameters;
    if (!isCopyLines(given)) return client.query(text, [...parameters]);
    await copyIn(client, text, given);
    return { command: 'INSERT', rowCount: 0, rows: [] };
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
}

const isCopyLines = (value: unknown): value is CopyLines =>
  typeof value === 'object' && value !== null && 'lines' in value && Buffer.isBuffer(value.lines);

/** A field of COPY's text format; what is neither text nor a number travels as JSON. */
export function copyField(value: unknown): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  const json = JSON.stringify(value ?? null);
  if (json === 'null') return '\\N';
  // Of what is special to COPY, JSON has the backslash alone.
  return json.includes('\\') ? json.replaceAll('\\', '\\\\') : json;
}

/** Nearly all are as they are. */
const escaped = (text: string): string =>
  special.test(text) ? text.replace(specials, (mark) => marks[mark] ?? mark) : text;

const special = /[\\\t\n\r]/;
const specials = /[\\\t\n\r]/g;
const marks: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
