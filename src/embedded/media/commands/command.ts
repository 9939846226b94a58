import type { Surroundings } from '../channel/surroundings.ts';

export interface CommandContext extends Surroundings {
  /** Where the SIP side is reached. */
  readonly sip: { readonly host: string; readonly port: number };
  readonly globals: ReadonlyMap<string, string>;
}

/** What is done once the reply is on its way: a bridge's events come after its +OK. */
export interface Reply {
  readonly text: string;
  readonly after?: () => void | Promise<void>;
}

/** An `api` command: its argument text in, the body of its reply out. */
export type Command = (argument: string, context: CommandContext) => string | Reply | Promise<string | Reply>;

export const noSuchChannel = '-ERR No such channel!\n';
export const ok = '+OK\n';
