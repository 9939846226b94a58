/** What runs in a process of its own, so that no other contender's garbage is collected on its time. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Round } from './figures.ts';
import type { Scale } from './made-up-network.ts';
import type { OwnBuild } from './own-decisions.ts';
import type { ProfileEntry } from './profile.ts';
import type { Stalls, SwapOptions } from './swap.ts';

export interface MapBuild {
  readonly ms: number;
  readonly megabytes: number;
}

/** What the process is asked, and what it answers. */
export interface Questions {
  readonly build: { readonly ask: Scale; readonly answer: OwnBuild };
  readonly buildMap: { readonly ask: Scale; readonly answer: MapBuild };
  readonly round: { readonly ask: null; readonly answer: Round };
  /** The first so many calls: who may take each. */
  readonly eligible: { readonly ask: number; readonly answer: readonly (readonly string[])[] };
  /** Of deciding alone. */
  readonly profile: { readonly ask: null; readonly answer: readonly ProfileEntry[] };
  readonly swap: { readonly ask: SwapOptions; readonly answer: Stalls };
}

export type Question = keyof Questions;

export class OwnProcess {
  readonly #child: ChildProcess;
  readonly #died: Promise<never>;

  constructor() {
    const entry = fileURLToPath(new URL('./own-process-entry.js', import.meta.url));
    this.#child = fork(entry, [], { execArgv: ['--expose-gc'], serialization: 'advanced' });
    this.#died = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the measuring process ended with ${String(code)}`);
    });
    this.#died.catch(() => undefined);
  }

  async ask<Q extends Question>(question: Q, ask: Questions[Q]['ask']): Promise<Questions[Q]['answer']> {
    this.#child.send({ question, ask });
    const [answer] = (await Promise.race([once(this.#child, 'message'), this.#died])) as [
      Questions[Q]['answer'],
    ];
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#died.catch(() => undefined);
  }
}
