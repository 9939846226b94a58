/** COPY through `pg`, which knows its messages but offers no call for it. */
import type pg from 'pg';

/** What `pg` has for the messages of COPY, and its types do not tell. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `lines`: rows in COPY's text format. Rejects where the server refuses them. */
export function copyInto(client: pg.Client, into: string, lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignored = (): void => undefined;
    const copy = {
      submit: (connection: CopyConnection) => connection.query(`copy ${into} from stdin`),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(lines);
        connection.endCopyFrom();
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

/** A field of COPY's text format. */
export const field = (value: string | null): string =>
  value === null
    ? '\\N'
    : value.replace(/[\\\t\n\r]/g, (mark) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n' })[mark] ?? '\\r');
