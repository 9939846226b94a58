/** `tollbridge trace`: the SIP of a call, from the memory of the running switch. */
import { Command } from 'commander';
import { ladder } from '../trace/ladder.ts';
import type { TraceView } from '../trace/view.ts';
import { askSwitch, detailOf } from './ask-switch.ts';
import { loadedConfig, printJson, refuse } from './context.ts';
import { reading, type ReadingOptions } from './reading.ts';

interface TraceOptions extends ReadingOptions {
  readonly full?: boolean;
}

export function traceCommand(): Command {
  return reading(new Command('trace'))
    .description('the SIP of a call, both legs, as the running switch spoke it: one of its last calls')
    .argument('<call>', 'its id, or the beginning of it; or the SIP Call-ID of a leg')
    .option('--full', 'with every message below its arrow')
    .action(async (call: string, options: TraceOptions) => {
      const config = await loadedConfig(options);
      if (!config) return;
      const answer = await askSwitch(config, 'GET', `/api/v1/calls/${encodeURIComponent(call)}/trace`);
      if (!answer.ok) refuse(answer.message, answer.hint);
      else if (answer.status !== 200) refuse(detailOf(answer.body));
      else print(answer.body as TraceView, options);
    });
}

function print(trace: TraceView, { full = false, json = false }: TraceOptions): void {
  if (json) printJson(trace);
  else process.stdout.write(`${ladder(trace, { full }).join('\n')}\n`);
}
