/** What the routes of publishers, applications and numbers share. */
import { z } from 'zod';
import type { NumberChoice } from '../../publishers/choice.ts';
import type { PageQuery, Refused } from '../../publishers/publishing.ts';
import type { PageAsked } from '../paging.ts';
import type { Problem } from '../problem.ts';

export const pageQuery = ({ limit, cursor }: PageAsked): PageQuery => ({
  limit: Number(limit),
  ...(cursor !== undefined && { after: cursor }),
});

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
