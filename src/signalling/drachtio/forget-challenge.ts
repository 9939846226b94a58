import type { SrfAgent, SrfRequest } from './srf.ts';

/**
 * The library notes each challenge until the INVITE that answers it is on its way: for ever, where the challenge could
 * not be answered, a 401 without WWW-Authenticate say. To be called once nothing more comes of the INVITE.
 */
export function forgetChallenge(agent: SrfAgent | undefined, invite: SrfRequest): void {
  if (!agent) return;
  agent.pendingSipAuthTxnIdUpdate.delete(invite.stackTxnId);
  const callId = invite.get('Call-ID');
  if (callId === undefined) return;
  for (const { pendingSipAuthRequests } of agent.mapServer.values()) pendingSipAuthRequests.delete(callId);
}
