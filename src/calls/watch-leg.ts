import type { Leg } from '../signalling/signalling.ts';

/**
 * How often a leg from which we hear nothing, for its media go another way or are on hold, is asked whether it still
 * knows of the call: a lost BYE would make it immortal.
 */
const askEvery = 60_000;
/** A lost packet, or a PBX that is busy, must not end a paid call: it is asked again sooner, and given up at the third silence. */
const askAgainAfter = 10_000;
const silencesThatEnd = 3;

/** Asks one leg until it is lost, of which `lost` is told once, or until the watch is ended, by what is returned. */
export function watchLeg(leg: Pick<Leg, 'alive'>, isUnheard: () => boolean, lost: () => void): () => void {
  let silences = 0;
  let isOver = false;
  let timer: NodeJS.Timeout;

  const ask = async () => {
    const found = isUnheard() ? await leg.alive() : 'there';
    if (isOver) return;
    silences = found === 'silent' ? silences + 1 : 0;
    if (found === 'gone' || silences === silencesThatEnd) lost();
    else later(silences === 0 ? askEvery : askAgainAfter);
  };
  const later = (ms: number) => {
    timer = setTimeout(() => void ask(), ms);
  };
  later(askEvery);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
