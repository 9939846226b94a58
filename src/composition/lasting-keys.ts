/** What a data directory keeps of its switch from one life to the next. */
import { join } from 'node:path';
import { lastingBytes } from './lasting-bytes.ts';

/**
 * The key under which bidders know callers: a caller has the same hash for as long as the records live, and nobody can
 * go from the hash back to the number.
 */
export const callerKey = (data: string): Promise<Buffer> => lastingBytes(join(data, 'caller.key'), 32);

/** By which a switch knows the channels that are its own on a FreeSWITCH, those that its former life left there among them. */
export const switchId = async (data: string): Promise<string> =>
  (await lastingBytes(join(data, 'switch.id'), 8)).toString('hex');
