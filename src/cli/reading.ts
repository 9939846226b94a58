/** What every command takes that reads the records, and what one takes that changes them. */
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { configOption, dataOption, jsonOption, type ConfigOptions } from './context.ts';

export interface ReadingOptions extends ConfigOptions {
  readonly json?: boolean;
}

export const reading = (command: Command): Command =>
  command.addOption(configOption()).addOption(dataOption()).addOption(jsonOption());

export interface ChangingOptions extends ReadingOptions {
  /** Who answers for it. */
  readonly by: string;
}

export const changing = (command: Command): Command =>
  reading(command).addOption(
    new Option('--by <who>', 'who answers for it').default(userInfo().username, 'who runs the command'),
  );
