import type { Turn } from './turn.ts';

/**
 * What can be executed on a channel. It resolves with the Application-Response of its completion; one that answers
 * at once with a string never gets in the way of the audio.
 */
export type Application = (turn: Turn) => string | Promise<string>;

/** FreeSWITCH's response of applications that have nothing to say. */
export const nothing = '_none_';
