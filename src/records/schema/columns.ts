import type { ColumnType } from 'kysely';

/** Written as JSON text: the driver would take a JavaScript array for a Postgres one. */
export type Json<T> = ColumnType<T, string, never>;

export type Count = ColumnType<bigint, bigint | number, bigint | number>;
