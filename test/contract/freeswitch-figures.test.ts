import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { figuresOf } from '../../src/media/freeswitch/figures.ts';

/** The variables of a channel as a FreeSWITCH told them in full, read from a recording. */
async function channel(log: string): Promise<Map<string, string>> {
  const text = await readFile(new URL(`wire/freeswitch/${log}.log`, import.meta.url), 'utf8');
  const headers = [...text.matchAll(/^([\w-]+): (.*)$/gm)].map(
    ([, name = '', value = '']) => [name, value.trimEnd()] as const,
  );
  return new Map(headers);
}

const event = (headers: ReadonlyMap<string, string>) => ({
  getHeader: (name: string) => headers.get(name),
  getBody: () => '',
});

test('the counts of a leg, in the words in which FreeSWITCH writes them', async () => {
  expect(figuresOf(event(await channel('10-getChannelVariables')))).toEqual({
    codec: 'PCMU',
    packetsSent: 186,
    packetsReceived: 30,
    packetsLost: 0,
    jitter: 0,
  });
  expect(figuresOf(event(await channel('06-createUAC-and-modify')))).toMatchObject({
    packetsSent: 2,
    packetsReceived: 0,
  });
});

test('digits that were sent, which FreeSWITCH counts beside what else it sent', async () => {
  const text = await readFile(new URL('wire/freeswitch/14-hangup-complete.log', import.meta.url), 'utf8');
  const headers = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  expect(headers.get('variable_rtp_audio_out_packet_count')).toBe('34');
  expect(figuresOf(event(headers))).toMatchObject({ packetsSent: 42, packetsReceived: 20, packetsLost: 5 });
});

test('losses, and jitter from its variance', async () => {
  const headers = await channel('10-getChannelVariables');
  headers.set('variable_rtp_audio_in_flaw_total', '12');
  headers.set('variable_rtp_audio_in_jitter_max_variance', '201.51');
  expect(figuresOf(event(headers))).toMatchObject({ packetsLost: 12, jitter: 14.2 });
  headers.delete('variable_rtp_audio_in_jitter_max_variance');
  headers.delete('Channel-Read-Codec-Name');
  headers.delete('variable_read_codec');
  expect(figuresOf(event(headers))).toMatchObject({ jitter: null, codec: null });
});

test('a channel that never had RTP has none', async () => {
  const headers = await channel('10-getChannelVariables');
  headers.delete('variable_rtp_audio_in_packet_count');
  expect(figuresOf(event(headers))).toBeNull();
});
