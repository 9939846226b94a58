import { randomUUID } from 'node:crypto';
import { told } from './application-stack.ts';
import type { Channel } from './channel.ts';

/** Puts two channels through to each other, whatever they did before. The events come in the order in which FreeSWITCH tells them. */
export async function bridge(one: Channel, other: Channel): Promise<void> {
  for (const [channel, peer] of pairs(other, one)) {
    await channel.rebase({ name: 'uuid_bridge', data: peer.uuid, uuid: undefined });
  }
  if (one.hangupCause !== undefined || other.hangupCause !== undefined) {
    for (const channel of [one, other]) if (channel.hangupCause === undefined) await park(channel);
    return;
  }
  for (const [channel, peer] of pairs(other, one)) {
    channel.peer = peer;
    channel.stamps.bridged = Date.now();
    channel.setVariable('bridge_channel', peer.name);
    channel.setVariable('bridge_uuid', peer.uuid);
    channel.setVariable('signal_bond', peer.uuid);
  }
  for (const [channel, peer] of pairs(other, one))
    channel.publish('CHANNEL_EXECUTE', told({ name: 'uuid_bridge', argument: peer.uuid }));
  one.publish('CHANNEL_BRIDGE', { 'Bridge-A-Unique-ID': one.uuid, 'Bridge-B-Unique-ID': other.uuid });
}

/** Takes a channel out of whatever it does; it waits for what comes. */
export async function park(channel: Channel): Promise<void> {
  const uuid = randomUUID();
  await channel.rebase({ name: 'park', data: '', uuid });
  if (channel.hangupCause !== undefined) return;
  // FreeSWITCH lets a transferred channel ring for an instant.
  channel.callState = 'RINGING';
  channel.publish(
    'CHANNEL_CALLSTATE',
    { 'Original-Channel-Call-State': 'ACTIVE', 'Channel-Call-State-Number': '2' },
    false,
  );
  channel.callState = 'ACTIVE';
  channel.publish(
    'CHANNEL_CALLSTATE',
    { 'Original-Channel-Call-State': 'RINGING', 'Channel-Call-State-Number': '4' },
    false,
  );
  channel.setVariable('current_application', 'park');
  channel.publish('CHANNEL_EXECUTE', told({ name: 'park', argument: '', uuid }));
}

function pairs(first: Channel, second: Channel): [Channel, Channel][] {
  return [
    [first, second],
    [second, first],
  ];
}
