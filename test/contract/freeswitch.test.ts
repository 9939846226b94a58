import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kindOf, Replay, type Leg, type Wire } from './freeswitch-replay.ts';
import { eventOf, MessageReader, parseHeaders, readLog, type Message } from './wire/freeswitch-log.ts';

/**
 * What fsmrf sent to a real FreeSWITCH is sent, byte for byte but for the ids, to the embedded media server; what that
 * answers must be what FreeSWITCH answered: the same messages in the same order, with the same headers where fsmrf reads them.
 */
let replay: Replay;
let recordings: string;
const legs = new Map<string, Leg>();
const wires = new Map<string, Wire>();
/** Recorded ids and addresses, and what stands for them here. */
const ids = new Map<string, string>();

beforeEach(async () => {
  recordings = mkdtempSync(join(tmpdir(), 'tollbridge-contract-'));
  legs.clear();
  wires.clear();
  ids.clear();
  replay = await Replay.open();
  ids.set('/var/recordings', recordings);
  ids.set('127.0.0.1:8122', `127.0.0.1:${replay.controllerPort}`);
});

afterEach(async () => {
  await replay.close();
  rmSync(recordings, { recursive: true });
});

describe('the event socket, against recordings of FreeSWITCH', () => {
  it('connect, play, collect, modify, bridge, digits, unbridge, variables, hangup', async () => {
    wires.set('inbound#1', replay.inbound());
    const stages = ['01-connect', '02-connectCaller', '03-play', '04-playCollect', '05-createEndpoint-3pcc'];
    for (const stage of stages) await perform(stage);
    await replay.modify(legs.get('outbound#3')!);
    const rest = [
      '06-createUAC-and-modify',
      '07-bridge',
      '08-dtmf-while-bridged',
      '09-unbridge',
      '10-getChannelVariables',
    ];
    for (const stage of [...rest, '11-set-export-mute', '12-hangup', '13-disconnect']) await perform(stage);
    await expect.poll(() => [...legs.values()].map((leg) => leg.byes.length)).toEqual([1, 1]);
    await released();
  });

  it('a missing file, a list, time-outs, breaks, recordings, unknown commands, kills', async () => {
    wires.set('inbound#1', await authenticated());
    await subscribed('outbound#2', 'fc65dbde-81be-4c0f-9d52-a68dc4492cec');
    const stages = [
      '23-play-missing-file',
      '24-play-list',
      '25-play-timeoutSecs',
      '26-uuid_break',
      '27-playCollect-timeout',
    ];
    for (const stage of [...stages, '28-record', '29-recordSession', '32-unknown-api'])
      await perform(`extra/${stage}`);
    await perform('extra/40-uuid_kill');
    await perform('extra/50-caller-hangs-up-first');
    await perform('extra/41-unknown-app');
    await released();
  });

  it('a wrong secret', async () => {
    wires.set('inbound#6', replay.inbound());
    await perform('extra/52-bad-secret');
    expect(await wires.get('inbound#6')!.ended()).toBe(true);
  });
});

async function perform(stage: string): Promise<void> {
  const readers = new Map<string, MessageReader>();
  for (const entry of readLog(stage)) {
    if (entry.kind === 'opened' && entry.by === 'freeswitch') await open(entry.connection, stage);
    if (entry.kind === 'closed' && entry.by === 'freeswitch')
      expect(await wires.get(entry.connection)!.ended()).toBe(true);
    if (entry.kind !== 'sent') continue;
    const wire = wires.get(entry.connection)!;
    if (entry.from === 'fsmrf') {
      wire.send(substituted(entry.bytes));
      continue;
    }
    const reader = readers.get(entry.connection) ?? new MessageReader({ isRecorded: true });
    readers.set(entry.connection, reader);
    reader.push(entry.bytes);
    for (const expected of reader.messages.splice(0)) await compare(entry.connection, expected, stage);
  }
}

/** Where FreeSWITCH called fsmrf, the INVITE that made it do so is placed. */
async function open(connection: string, stage: string): Promise<void> {
  const data = readLog(stage).flatMap((entry) =>
    entry.kind === 'sent' &&
    entry.connection === connection &&
    entry.bytes.startsWith('Event-Name: CHANNEL_DATA')
      ? [parseHeaders(entry.bytes)]
      : [],
  )[0]!;
  const leg = await replay.leg(data['variable_sip_user_agent']!.split(':')[1]!, {
    withOffer: !('variable_sip_reinvite_sdp' in data),
    withDigits: data['variable_dtmf_type'] === 'rfc2833',
  });
  legs.set(connection, leg);
  wires.set(connection, leg.wire);
}

async function compare(connection: string, expected: Message, stage: string): Promise<void> {
  const wanted = eventOf(expected);
  // A heartbeat comes every 20 s: it has a test of its own.
  if (wanted['Event-Name'] === 'HEARTBEAT') return;
  if (wanted['Event-Name'] === 'DTMF')
    void legs.get(connection)!.peer.press(wanted['DTMF-Digit']!, { ms: 260 });
  const wire = wires.get(connection)!;
  const kind = kindOf(expected);
  const where = `${stage}, ${connection}, after ${wire.compared[kind]} of kind ${kind}`;
  let message = await wire.next(kind, 8000);
  // FreeSWITCH 1.10.12 says goodbye to a killed channel before its last events are written; here they come first.
  const skips = expected.headers['Content-Type'] === 'text/disconnect-notice' && stage.includes('uuid_kill');
  while (skips && message !== undefined && message.headers['Content-Type'] === 'text/event-json')
    message = await wire.next(kind, 8000);
  expect(
    message,
    `${where}: ${wanted['Event-Name'] ?? expected.headers['Content-Type'] ?? ''} did not come`,
  ).toBeDefined();
  if (wanted['Event-Name'] === 'CHANNEL_DATA') learn(wanted, eventOf(message!));
  expect(essence(message!), where).toEqual(substitutedDeep(essence(expected)));
}

/** The channel's own ids, which are ours to choose. */
function learn(recorded: Record<string, string>, actual: Record<string, string>): void {
  for (const name of [
    'Unique-ID',
    'variable_sip_call_id',
    'variable_switch_r_sdp',
    'variable_rtp_local_sdp_str',
  ])
    ids.set(recorded[name]!, actual[name]!);
  for (const name of ['variable_local_media_port', 'variable_remote_media_port'])
    ids.set(`${name}${recorded[name]!}`, actual[name]!);
  expect(actual['variable_rtp_local_sdp_str']).toMatch(/^m=audio \d+ RTP\/AVP 0\b/m);
}

/** The headers that fsmrf, or an application through it, reads of each kind of message. */
const read = [
  'Event-Name',
  'Unique-ID',
  'Channel-Call-State',
  'Answer-State',
  'Hangup-Cause',
  'Application',
  'Application-Data',
  'Application-Response',
  'DTMF-Digit',
  'DTMF-Duration',
  'DTMF-Source',
  'Playback-File-Type',
  'Playback-File-Path',
  'Playback-Status',
  'Original-Channel-Call-State',
  'variable_myDigitBuffer',
  'variable_myDigitBuffer_invalid',
  'variable_read_result',
  'variable_read_terminator_used',
  'variable_foo',
  'variable_a',
  'variable_b',
  'variable_baz',
  'variable_codec_string',
  'variable_silence_hits_exhausted',
  'Content-Type',
  'Reply-Text',
  'Socket-Mode',
  'Control',
  'Controlled-Session-UUID',
  'Content-Disposition',
];
/** What fsmrf takes from the first answer to `connect`. */
const readAtConnect = [
  'variable_dtmf_type',
  'variable_switch_r_sdp',
  'variable_rtp_local_sdp_str',
  'variable_sip_call_id',
  'variable_sip_user_agent',
  'variable_local_media_ip',
];
/** Lengths of what was played: the same, but where it was cut short from outside. */
const lengths = ['variable_playback_seconds', 'variable_playback_ms', 'variable_playback_last_offset_pos'];

function essence(message: Message): Record<string, unknown> {
  const event = eventOf(message);
  const kept: Record<string, unknown> = { type: message.headers['Content-Type'] };
  const names = event['Event-Name'] === 'CHANNEL_DATA' ? [...read, ...readAtConnect] : read;
  for (const name of names) if (name in event) kept[name] = event[name];
  if (event['Playback-Status'] === 'done' && event['Answer-State'] === 'answered' && !isTimed(event))
    for (const name of lengths) kept[name] = event[name];
  // The id of a command comes back; those of the waiting underneath are the server's own.
  const isOwn = ['socket', 'park'].includes(event['Application'] ?? '');
  if ('Application-UUID' in event) kept['Application-UUID'] = isOwn ? 'own' : event['Application-UUID'];
  if (message.headers['Content-Type'] === 'api/response') kept['body'] = apiEssence(message.body);
  return kept;
}

/** Stopped by `playback_timeout_sec`: to the millisecond this is nobody's promise. */
function isTimed(event: Record<string, string>): boolean {
  return (
    event['variable_playback_timeout_sec'] !== undefined && event['Playback-File-Type'] === 'tone_stream'
  );
}

function apiEssence(body: string): unknown {
  if (body.startsWith('UP ')) return body.split('\n').map((line) => line.replace(/[\d.]+.*/, ''))[0];
  const profile = /^\s*drachtio_mrf\s.*sip:mod_sofia@((?:\d{1,3}\.){3}\d{1,3}:\d+)/m.exec(body);
  if (profile) return { profile: true, head: body.split('\n').slice(0, 2) };
  if (body.startsWith('Event-Name: CHANNEL_DATA')) {
    const dump = parseHeaders(body);
    const counters = Object.keys(dump).filter((name) => name.startsWith('variable_rtp_audio_'));
    return { 'Unique-ID': dump['Unique-ID'], dtmf: dump['variable_dtmf_type'], counters: counters.sort() };
  }
  return body;
}

function substituted(text: string): string {
  let result = text;
  for (const [recorded, actual] of ids) result = result.replaceAll(recorded, actual);
  return result;
}

function substitutedDeep(value: unknown): unknown {
  if (typeof value === 'string') return substituted(value);
  if (Array.isArray(value)) return value.map(substitutedDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substitutedDeep(one)]));
}

async function authenticated(): Promise<Wire> {
  const wire = replay.inbound();
  wire.send('auth ClueCon\n\n');
  for (let n = 0; n < 2; n++) await wire.next('reply', 2000);
  return wire;
}

/** A leg as it stands after `connect`, whose recorded uuid is known. */
async function subscribed(connection: string, recorded: string): Promise<void> {
  const leg = await replay.leg('00000000-0000-4000-8000-000000000000');
  leg.wire.send('connect\n\n');
  ids.set(recorded, eventOf((await leg.wire.next('reply', 2000))!)['Unique-ID']!);
  const { bytes } = readLog('02-connectCaller').find(
    (entry) => entry.kind === 'sent' && entry.bytes.startsWith('event json'),
  )! as {
    bytes: string;
  };
  leg.wire.send(bytes);
  legs.set(connection, leg);
  wires.set(connection, leg.wire);
}

async function released(): Promise<void> {
  const zero = { channels: 0, rtpSockets: 0, timers: 0, sipDialogs: 0, recordings: 0, defects: 0 };
  await expect.poll(() => replay.media.stats(), { timeout: 10_000 }).toMatchObject(zero);
}
