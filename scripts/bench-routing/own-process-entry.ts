import { NumberMap } from './number-map.ts';
import { OwnDecisions } from './own-decisions.ts';
import type { Question, Questions } from './own-process.ts';
import { profiled } from './profile.ts';
import { swapUnderLoad } from './swap.ts';

let own: OwnDecisions | null = null;
let map: NumberMap | null = null;

type Answers = { readonly [Q in Question]: (ask: Questions[Q]['ask']) => Promise<Questions[Q]['answer']> };

const answers: Answers = {
  build: async (scale) => {
    own = await OwnDecisions.build(scale);
    return own.build;
  },
  buildMap: async (scale) => {
    map = await NumberMap.build(scale);
    return { ms: map.ms, megabytes: map.megabytes };
  },
  round: () => Promise.resolve({ ...own?.round(), ...map?.round() }),
  eligible: (count) => {
    const ofCall = (_: unknown, at: number): readonly string[] => own?.eligible(at) ?? [];
    return Promise.resolve(Array.from({ length: count }, ofCall));
  },
  profile: () => profiled(() => own?.decideAll(), 100),
  swap: (options) => swapUnderLoad(options),
};

interface Asked<Q extends Question> {
  readonly question: Q;
  readonly ask: Questions[Q]['ask'];
}

process.on('message', (asked: Asked<Question>) => void reply(asked));

async function reply<Q extends Question>({ question, ask }: Asked<Q>): Promise<void> {
  process.send?.(await answers[question](ask));
}
