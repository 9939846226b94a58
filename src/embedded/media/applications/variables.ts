import type { Channel } from '../channel/channel.ts';
import { nothing, type Application } from '../channel/application.ts';

/** `set name=value`; without a value the variable is taken away. */
export const set: Application = ({ channel, request }) => {
  assign(channel, request.argument);
  return nothing;
};

/** `multiset ^^,a=1,b=2`: the character after `^^` parts the assignments; without it, spaces do. */
export const multiset: Application = ({ channel, request }) => {
  const { argument } = request;
  const parts = argument.startsWith('^^')
    ? argument.slice(3).split(argument.charAt(2))
    : argument.split(/\s+/);
  for (const part of parts) assign(channel, part);
  return nothing;
};

export const unset: Application = ({ channel, request }) => {
  channel.setVariable(request.argument.trim(), undefined);
  return nothing;
};

/** A variable that legs made from this one would inherit; `nolocal:` sets it only for those. */
export const exportVariable: Application = ({ channel, request }) => {
  const { name, value } = split(request.argument);
  const isLocal = !name.startsWith('nolocal:');
  const bare = isLocal ? name : name.slice('nolocal:'.length);
  if (isLocal) channel.setVariable(bare, value);
  const exported = new Set((channel.variables.get('export_vars') ?? '').split(',').filter(Boolean));
  channel.setVariable('export_vars', [...exported.add(bare)].join(','));
  return nothing;
};

function assign(channel: Channel, assignment: string): void {
  const { name, value } = split(assignment);
  if (name !== '') channel.setVariable(name, value);
}

function split(assignment: string): { name: string; value: string } {
  const at = assignment.indexOf('=');
  return at < 0
    ? { name: assignment.trim(), value: '' }
    : { name: assignment.slice(0, at).trim(), value: assignment.slice(at + 1).trim() };
}
