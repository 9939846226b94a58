import { microseconds, type EventHeaders } from '../event-socket/event.ts';
import type { Channel } from './channel.ts';

const stateNumber = { CS_EXECUTE: '4', CS_SOFT_EXECUTE: '8', CS_HANGUP: '10' } as const;

/** The headers by which every event of a channel names it. */
export function channelHeaders(channel: Channel): EventHeaders {
  const codec = channel.law;
  return {
    'Channel-State': channel.state,
    'Channel-Call-State': channel.callState,
    'Channel-State-Number': stateNumber[channel.state],
    'Channel-Name': channel.name,
    'Unique-ID': channel.uuid,
    'Call-Direction': 'inbound',
    'Presence-Call-Direction': 'inbound',
    'Channel-HIT-Dialplan': 'true',
    'Channel-Call-UUID': channel.uuid,
    'Answer-State': channel.hangupCause === undefined ? 'answered' : 'hangup',
    ...(channel.hangupCause === undefined ? {} : { 'Hangup-Cause': channel.hangupCause }),
    'Channel-Read-Codec-Name': codec,
    'Channel-Read-Codec-Rate': '8000',
    'Channel-Read-Codec-Bit-Rate': '64000',
    'Channel-Write-Codec-Name': codec,
    'Channel-Write-Codec-Rate': '8000',
    'Channel-Write-Codec-Bit-Rate': '64000',
    ...profile(channel, 'Caller-'),
    ...(channel.peer === undefined
      ? {}
      : { 'Other-Type': 'originatee', ...profile(channel.peer, 'Other-Leg-') }),
  };
}

/** The caller profile, under one of the three prefixes that FreeSWITCH has for it. */
export function profile(channel: Channel, prefix: 'Caller-' | 'Channel-' | 'Other-Leg-'): EventHeaders {
  const { stamps } = channel;
  const fields: EventHeaders = {
    Direction: 'inbound',
    'Logical-Direction': 'inbound',
    Dialplan: 'XML',
    'Caller-ID-Name': 'unknown',
    'Orig-Caller-ID-Name': 'unknown',
    'Network-Addr': channel.networkAddress,
    'Destination-Number': 'drachtio',
    'Unique-ID': channel.uuid,
    Source: 'mod_sofia',
    Context: 'mrf',
    'Channel-Name': channel.name,
    'Profile-Index': '1',
    'Profile-Created-Time': microseconds(stamps.created),
    'Channel-Created-Time': microseconds(stamps.created),
    'Channel-Answered-Time': microseconds(stamps.answered),
    'Channel-Progress-Time': '0',
    'Channel-Progress-Media-Time': microseconds(stamps.answered),
    'Channel-Hangup-Time': microseconds(stamps.hungUp),
    'Channel-Transfer-Time': '0',
    'Channel-Resurrect-Time': '0',
    'Channel-Bridged-Time': microseconds(stamps.bridged),
    'Channel-Last-Hold': '0',
    'Channel-Hold-Accum': '0',
    'Screen-Bit': 'true',
    'Privacy-Hide-Name': 'false',
    'Privacy-Hide-Number': 'false',
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [prefix + name, value]));
}

/** `variable_…` headers, in the order in which the variables were first set. */
export function variableHeaders(channel: Channel): EventHeaders {
  const headers: EventHeaders = {};
  for (const [name, value] of channel.variables) headers[`variable_${name}`] = value;
  return headers;
}
