import type { Ivr, IvrMove, IvrStep } from '../routing/network.ts';
import type { Collected, Endpoint } from '../media/media.ts';
import type { Call } from './call.ts';

/** A menu that leads back to itself ends here; a caller who went round so often wants no buyer. */
const mostSteps = 50;

/** Plays the menu and gathers the answers, which become `ivr.` attributes of the call. */
export async function ask(call: Call, ivr: Ivr, endpoint: Endpoint): Promise<void> {
  call.state = 'menu';
  let at = ivr.start;
  for (let steps = 0; steps < mostSteps && !call.isOver(); steps++) {
    if (at === 'route') return;
    const step = at === 'hangup' ? undefined : ivr.steps.get(at);
    if (!step) break;
    const move = await take(step, call, endpoint);
    if (move === null) return;
    remember(call, move.set);
    at = move.go;
  }
  call.end('menu_hangup', 'switch');
}

/** One step: where it leads, or null where the call is over. */
async function take(step: IvrStep, call: Call, endpoint: Endpoint): Promise<IvrMove | null> {
  switch (step.kind) {
    case 'play': {
      await call.unlessOver(endpoint.play(step.play).done);
      return call.isOver() ? null : step.next;
    }
    case 'menu': {
      for (let tries = 0; tries < step.tries; tries++) {
        const answer = await listen(call, endpoint, {
          play: step.play,
          most: 1,
          timeout: step.timeout,
          end: '',
        });
        if (answer === null) return null;
        const choice = step.choices.get(answer);
        if (choice) return choice;
      }
      return step.otherwise;
    }
    case 'gather': {
      for (let tries = 0; tries < step.tries; tries++) {
        const answer = await listen(call, endpoint, {
          play: step.play,
          most: step.digits,
          timeout: step.timeout,
          end: '#',
        });
        if (answer === null) return null;
        if (answer.length !== step.digits) continue;
        remember(call, { [step.into]: answer });
        return step.next;
      }
      return step.otherwise;
    }
  }
}

/** The digits pressed, '' where none came in time; null where the call is over. */
async function listen(
  call: Call,
  endpoint: Endpoint,
  how: { readonly play: string; readonly most: number; readonly timeout: number; readonly end: string },
): Promise<string | null> {
  const collected = await call.unlessOver<Collected>(
    endpoint.collect({ play: how.play, min: 1, max: how.most, timeout: how.timeout, terminators: how.end }),
  );
  if (call.isOver() || collected === null) return null;
  return collected.ok ? collected.digits : '';
}

function remember(call: Call, answers: Readonly<Record<string, string>>): void {
  const named = Object.entries(answers).map(([name, answer]) => [`ivr.${name}`, answer] as const);
  call.attributes = { ...call.attributes, ...Object.fromEntries(named) };
}
