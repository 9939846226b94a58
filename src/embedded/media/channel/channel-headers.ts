import { microseconds, type EventHeaders } from '../event-socket/event.ts';
import type { Channel } from './channel.ts';

const stateNumber = { CS_EXECUTE: '4', CS_SOFT_EXECUTE: '8', CS_HANGUP: '10' } as const;

/** Adds the headers by which every event of a channel names it. These writers add to one object: there are many events. */
export function writeChannel(into: EventHeaders, channel: Channel): EventHeaders {
  const codec = channel.law;
  into['Channel-State'] = channel.state;
  into['Channel-Call-State'] = channel.callState;
  into['Channel-State-Number'] = stateNumber[channel.state];
  into['Channel-Name'] = channel.name;
  into['Unique-ID'] = channel.uuid;
  into['Call-Direction'] = 'inbound';
  into['Presence-Call-Direction'] = 'inbound';
  into['Channel-HIT-Dialplan'] = 'true';
  into['Channel-Call-UUID'] = channel.uuid;
  into['Answer-State'] = channel.hangupCause === undefined ? 'answered' : 'hangup';
  if (channel.hangupCause !== undefined) into['Hangup-Cause'] = channel.hangupCause;
  for (const side of ['Read', 'Write']) {
    into[`Channel-${side}-Codec-Name`] = codec;
    into[`Channel-${side}-Codec-Rate`] = '8000';
    into[`Channel-${side}-Codec-Bit-Rate`] = '64000';
  }
  writeProfile(into, channel, 'Caller-');
  if (channel.peer === undefined) return into;
  into['Other-Type'] = 'originatee';
  return writeProfile(into, channel.peer, 'Other-Leg-');
}

/** Adds the caller profile, under one of the three prefixes that FreeSWITCH has for it. */
export function writeProfile(
  into: EventHeaders,
  channel: Channel,
  prefix: 'Caller-' | 'Channel-' | 'Other-Leg-',
): EventHeaders {
  const { stamps } = channel;
  const created = microseconds(stamps.created);
  const answered = microseconds(stamps.answered);
  const fields = [
    ['Direction', 'inbound'],
    ['Logical-Direction', 'inbound'],
    ['Dialplan', 'XML'],
    ['Caller-ID-Name', 'unknown'],
    ['Orig-Caller-ID-Name', 'unknown'],
    ['Network-Addr', channel.networkAddress],
    ['Destination-Number', 'drachtio'],
    ['Unique-ID', channel.uuid],
    ['Source', 'mod_sofia'],
    ['Context', 'mrf'],
    ['Channel-Name', channel.name],
    ['Profile-Index', '1'],
    ['Profile-Created-Time', created],
    ['Channel-Created-Time', created],
    ['Channel-Answered-Time', answered],
    ['Channel-Progress-Time', '0'],
    ['Channel-Progress-Media-Time', answered],
    ['Channel-Hangup-Time', microseconds(stamps.hungUp)],
    ['Channel-Transfer-Time', '0'],
    ['Channel-Resurrect-Time', '0'],
    ['Channel-Bridged-Time', microseconds(stamps.bridged)],
    ['Channel-Last-Hold', '0'],
    ['Channel-Hold-Accum', '0'],
    ['Screen-Bit', 'true'],
    ['Privacy-Hide-Name', 'false'],
    ['Privacy-Hide-Number', 'false'],
  ] as const;
  for (const [name, value] of fields) into[prefix + name] = value;
  return into;
}

/** Adds `variable_…` headers, in the order in which the variables were first set. */
export function writeVariables(into: EventHeaders, channel: Channel): EventHeaders {
  for (const [name, value] of channel.variables) into[`variable_${name}`] = value;
  return into;
}
