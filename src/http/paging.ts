/** Lists are told a page at a time. */
import { z } from 'zod';

export interface PageAsked {
  readonly limit: string;
  readonly cursor?: string | undefined;
}

export interface Paged<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

export const cursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** Null where the text never was a cursor of this kind. */
export function positionOf<T>(text: string, kind: z.ZodType<T>): T | null {
  try {
    return kind.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}

/** Of a list that is held whole, in an order that its names tell: what comes behind the one named last. */
export function pageOfAll<T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  asked: PageAsked,
): Paged<T> | null {
  const last = asked.cursor === undefined ? undefined : positionOf(asked.cursor, z.string());
  if (last === null) return null;
  const at = last === undefined ? 0 : all.findIndex((item) => nameOf(item) === last) + 1;
  if (last !== undefined && at === 0) return null;
  return cut(all.slice(at, at + Number(asked.limit) + 1), Number(asked.limit), nameOf);
}

/** Of one more than was asked for, where there is one. */
export function cut<T>(found: readonly T[], limit: number, positionOf: (item: T) => unknown): Paged<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursor(positionOf(last)) : null };
}
