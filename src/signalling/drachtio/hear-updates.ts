import type { SrfAgent, SrfConnection, SrfRequest, SrfResponse } from './srf.ts';
import { isReceived, sipStart } from './wire-frame.ts';

/**
 * The library gives an UPDATE to a request of ours that is under way in its call, whatever that is, an OPTIONS say, where
 * nobody hears it but an INVITE that makes a call. It is for the call.
 */
export function hearUpdates(srf: SrfConnection, agent: SrfAgent): void {
  const take = (update: SrfRequest, res: SrfResponse): void => {
    const dialog = srf._dialogs.get(update.stackDialogId ?? '');
    if (dialog) dialog.handle(update, res);
    else res.send(481, undefined, {});
  };
  agent.wp.prependListener('msg', (socket, frame) => {
    if (!isReceived(frame) || !frame.startsWith('UPDATE ', sipStart(frame))) return;
    for (const { req } of agent.mapServer.get(socket)?.pendingSipRequests.values() ?? []) {
      const callId = req.get('Call-ID');
      if (callId !== undefined && frame.includes(callId) && req.listenerCount('update') === 0)
        req.on('update', take);
    }
  });
}
