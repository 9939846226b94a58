/** What the routes of publishers, applications and numbers share. */
import { z } from 'zod';
import type { NumberChoice } from '../../publishers/choice.ts';
import type { Page, PageQuery, Refused } from '../../publishers/publishing.ts';
import { cursor, positionOf, type PageAsked, type Paged } from '../paging.ts';
import type { Problem } from '../problem.ts';
import { line } from '../schemas.ts';

/** What a list of publishers, applications or numbers takes; null where the cursor never was told by one like it. */
export function pageQuery({ limit, cursor: told }: PageAsked, position: z.ZodType<string>): PageQuery | null {
  if (told === undefined) return { limit: Number(limit) };
  const after = positionOf(told, position);
  return after === null ? null : { limit: Number(limit), after };
}

export const positions = {
  publisher: z.string().regex(/^\P{Cc}{1,128}$/u),
  /** When it was applied for, and its id. */
  application: z.string().refine((text) => {
    const [, time, id] = /^([^_]*)_([\w-]{1,64})$/.exec(text) ?? [];
    return id !== undefined && z.iso.datetime().safeParse(time).success;
  }),
  number: z.string().regex(/^\+\d{3,15}$/),
} as const;

/** A list as it is told: where the rest of it begins is nobody's to make up. */
export const paged = <T>({ items, next }: Page<T>): Paged<T> => ({
  items,
  next: next === null ? null : cursor(next),
});

/** Nobody has to say why. */
export const decision = z.strictObject({ why: line.optional() }).nullish();

/** Which number is wanted. */
export const wanted = z
  .union([
    z.strictObject({ toll_free: z.literal(true) }),
    z.strictObject({ area_code: z.string().max(8) }),
    z.strictObject({ state: z.string().max(8) }),
  ])
  .describe('Whichever is free if not said');

export function numberChoice(asked: z.output<typeof wanted>): NumberChoice {
  if ('toll_free' in asked) return { kind: 'toll_free' };
  if ('area_code' in asked) return { kind: 'area_code', areaCode: asked.area_code };
  return { kind: 'state', state: asked.state };
}

/** What is not there is 404, what is malformed 422, what the state of things forbids 409. */
export function refusalOf({ reason, message: detail }: Refused<string>): Problem {
  return { status: statusOf(reason), reason, detail };
}

/** The campaign of an application and the publisher of a request of the network's are in the body, not the address. */
function statusOf(reason: string): number {
  if (reason === 'unknown_campaign') return 422;
  if (reason.startsWith('unknown_')) return 404;
  return reason.startsWith('bad_') || reason === 'not_in_pool' ? 422 : 409;
}
