import type { Command } from './command.ts';

/**
 * `fsctl pause|resume|pause_check`, `fsctl max_sessions [n]`, `fsctl shutdown elegant|cancel`: by these FreeSWITCH is
 * drained. Here a shutdown takes no new channels like a pause: its end comes from the process that it runs in.
 */
export const fsctl: Command = (argument, { admission }) => {
  const [what = '', how = ''] = argument.trim().split(/\s+/);
  switch (what) {
    case 'pause':
    case 'resume':
      admission.isPaused = what === 'pause';
      return '+OK\n';
    case 'pause_check':
      return String(admission.isPaused);
    case 'shutdown':
      if (how !== 'elegant' && how !== 'cancel') return '-ERR only elegant and cancel are supported\n';
      admission.isPaused = how === 'elegant';
      return '+OK\n';
    case 'max_sessions':
      if (/^\d{1,6}$/.test(how)) admission.most = Number(how);
      return `+OK max sessions: ${admission.most}\n`;
    default:
      return '-USAGE: [pause|resume|pause_check|shutdown [elegant|cancel]|max_sessions [n]]\n';
  }
};
