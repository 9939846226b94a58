import { nothing } from './application.ts';
import type { Channel } from './channel.ts';
import { Turn, type Stop, type TurnRequest } from './turn.ts';

interface ExecuteRequest extends TurnRequest {
  /** `event-lock`: later requests wait until this one is done. */
  readonly locks: boolean;
}

export const responseVariable = 'current_application_response';
const endDeadlineMs = 1000;

/**
 * What is being executed on a channel. As in FreeSWITCH, a new application starts at once on top of the one that runs,
 * which goes on after it; only `event-lock` makes later ones wait.
 */
export class ApplicationStack {
  readonly #channel: Channel;
  readonly #turns: Turn[] = [];
  readonly #queue: ExecuteRequest[] = [];
  #isLocked = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get running(): Turn | undefined {
    return this.#turns.at(-1);
  }

  /** Who has the audio and the digits; one that only works on files (a recording that starts) does not ask for them. */
  get floor(): Turn | undefined {
    return this.#turns.findLast((turn) => turn.hasFloor);
  }

  execute(request: ExecuteRequest): void {
    if (this.#channel.hangupCause !== undefined) return;
    if (this.#isLocked) this.#queue.push(request);
    else this.#run(request);
  }

  /** Ends the application that has the floor; with `all`, everything, and what waits is forgotten. */
  break(all = false): void {
    if (!all) {
      this.floor?.stop('break');
      return;
    }
    this.#queue.length = 0;
    for (const turn of this.#turns.toReversed()) turn.stop('break');
  }

  /** Resolves when all have ended, from the top down, and were told complete. */
  async stopAll(why: Stop): Promise<void> {
    this.#queue.length = 0;
    for (let turn = this.running; turn !== undefined; turn = this.running) {
      turn.stop(why);
      if (!(await isLate(turn.finished))) continue;
      // It hangs on a file that does not come; what it says later is not heard.
      this.#turns.splice(this.#turns.indexOf(turn), 1);
      this.#log('error', 'media.application_stuck', turn.request, {});
    }
  }

  #run(request: ExecuteRequest): void {
    const channel = this.#channel;
    const application = channel.around.applications.get(request.name);
    if (application === undefined) {
      this.#log('warn', 'media.unsupported_application', request, {});
      channel.hangup('DESTINATION_OUT_OF_ORDER');
      return;
    }
    const turn = new Turn(channel, request);
    this.#turns.push(turn);
    this.#isLocked = request.locks;
    channel.setVariable('current_application', request.name);
    channel.setVariable('current_application_data', request.argument);
    channel.setVariable(responseVariable, undefined);
    channel.publish('CHANNEL_EXECUTE', told(request));
    try {
      const answer = application(turn);
      if (typeof answer === 'string') this.#complete(turn, request, answer);
      else
        answer
          .then((text) => this.#complete(turn, request, text))
          .catch((error: unknown) => this.#failed(turn, request, error));
    } catch (error) {
      this.#failed(turn, request, error);
    }
  }

  #failed(turn: Turn, request: ExecuteRequest, error: unknown): void {
    this.#channel.around.defect(error, this.#channel, { application: request.name });
    this.#complete(turn, request, '-ERR');
  }

  #complete(turn: Turn, request: ExecuteRequest, answer: string): void {
    const at = this.#turns.indexOf(turn);
    if (at < 0) return;
    this.#turns.splice(at, 1);
    if (answer !== nothing) this.#channel.setVariable(responseVariable, answer);
    this.#channel.publish('CHANNEL_EXECUTE_COMPLETE', told(request, answer));
    turn.finish();
    if (!request.locks) return;
    this.#isLocked = false;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.execute(next);
      if (next.locks) break;
    }
  }

  #log(level: 'warn' | 'error', event: string, request: TurnRequest, fields: Record<string, string>): void {
    const { uuid, around } = this.#channel;
    around.log(level, event, { channel: uuid, application: request.name, ...fields });
  }
}

/** The headers that name an application in its events; an empty argument is not told. */
export function told(
  { name, argument, uuid }: { name: string; argument: string; uuid?: string | undefined },
  response?: string,
): Record<string, string> {
  return {
    Application: name,
    ...(argument === '' ? {} : { 'Application-Data': argument }),
    ...(response === undefined ? {} : { 'Application-Response': response }),
    ...(uuid === undefined ? {} : { 'Application-UUID': uuid }),
  };
}

async function isLate(finished: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), endDeadlineMs);
  });
  const result = await Promise.race([finished.then(() => false), late]);
  clearTimeout(timer);
  return result;
}
