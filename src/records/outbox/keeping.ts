/**
 * How long what was told is remembered. A row stays for longer than its event may still be told, so a journal that is
 * loaded again tells nothing twice: either the row is still there, or the event is too old to be told.
 */
const dayMs = 86_400_000;

/** What comes to the database later than this after it happened is told to nobody. */
export const toldWithin = 7 * dayMs;
export const deliveredKept = 8 * dayMs;
export const deadKept = 30 * dayMs;
/** No call lasts as long: what is still noted of one then is of a journal that was lost. */
export const liveKept = 8 * dayMs;
