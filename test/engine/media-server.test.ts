import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Mrf from 'drachtio-fsmrf';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../src/embedded/media/g711.ts';
import { wavHeader } from '../../src/embedded/media/playback/wav.ts';
import { sine } from '../support/tone.ts';
import { info, MediaStage } from './support/media-stage.ts';

let stage: MediaStage;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollbridge-media-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  stage = await MediaStage.open();
});
afterEach(async () => {
  await stage.close();
});

const menu = {
  file: 'tone_stream://L=10;%(500,0,440)',
  invalidFile: 'tone_stream://%(300,0,900)',
  min: 1,
  max: 1,
  tries: 1,
  timeout: 5000,
  digitTimeout: 400,
  terminators: '#',
  regexp: '[12]',
  varName: 'choice',
};

describe('playback', () => {
  it('of a prompt reaches the far end octet for octet, one packet every 20 ms', async () => {
    const pcm = sine([300, 1200], 1500);
    const path = join(folder, 'prompt.wav');
    writeFileSync(path, Buffer.concat([wavHeader(1, pcm.length * 2), Buffer.from(pcm.buffer)]));
    const expected = new Uint8Array(pcm.length);
    encode('PCMU', pcm, expected);
    const { endpoint, peer } = await stage.endpoint();
    const event = await endpoint.execute('playback', path);
    expect(event.getHeader('Application-Response')).toBe('FILE PLAYED');
    const sent = Buffer.concat(peer.packets.map((packet) => packet.payload));
    expect(sent.indexOf(expected)).toBeGreaterThanOrEqual(0);
    for (const [n, packet] of peer.packets.entries()) {
      const before = peer.packets[n - 1];
      expect([packet.payload.length, packet.marker]).toEqual([160, n === 0]);
      if (before === undefined) continue;
      expect((packet.seq - before.seq) & 0xffff).toBe(1);
      expect((packet.timestamp - before.timestamp) >>> 0).toBe(160);
      expect(packet.ssrc).toBe(before.ssrc);
    }
  });

  it('keeps the pace of the clock: after 3 s the packets are where they belong, to a frame', async () => {
    const { endpoint, peer } = await stage.endpoint();
    await endpoint.execute('playback', 'tone_stream://%(3000,0,440)');
    const [first] = peer.packets;
    const lags = peer.packets.map(({ at, timestamp }) => at - ((timestamp - first!.timestamp) >>> 0) / 8);
    // On a busy machine any packet may come late, the first one too: the one in the middle is the measure.
    const usual = lags.toSorted((one, other) => one - other)[lags.length >> 1]!;
    for (const late of lags.map((lag) => lag - usual))
      if (late < -40 || late > 150) expect.fail(`a packet came ${late} ms off its time`);
    expect(stage.media.stats().skippedFrames).toBe(0);
  });

  it('of what is not there says so at once, and is logged with the reason', async () => {
    const { endpoint } = await stage.endpoint();
    const event = await endpoint.execute('playback', '/nowhere/at-all.wav');
    expect(event.getHeader('Application-Response')).toBe('FILE NOT FOUND');
    expect(stage.log).toMatchObject([
      { event: 'media.cannot_play', fields: { file: '/nowhere/at-all.wav' } },
    ]);
  });

  it('ends by uuid_break', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const played = endpoint.execute('playback', 'tone_stream://L=-1;%(500,0,440)');
    await peer.heard({ freq: 440 });
    await endpoint.api('uuid_break', [endpoint.uuid, 'all']);
    expect((await played).getHeader('Application-Response')).toBe('FILE PLAYED');
    await peer.heardSilence();
  });

  it('is interrupted by a second one, and goes on after it', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const first = endpoint.execute('playback', 'tone_stream://%(900,0,440)');
    await peer.heard({ freq: 440 });
    await endpoint.execute('playback', 'tone_stream://%(300,0,900)');
    await Promise.all([peer.heard({ freq: 440 }), first]);
    expect((await first).getHeader('variable_playback_ms')).toBe('900');
  });

  it('in A-law is A-law, and follows a change of codec in the middle', async () => {
    const { endpoint, peer } = await stage.endpoint({ codec: 'PCMA' });
    const played = endpoint.execute('playback', 'tone_stream://L=-1;%(500,0,440)');
    await peer.heard({ freq: 440 });
    expect(peer.packets[0]!.payloadType).toBe(8);
    const other = await stage.peer({ codec: 'PCMU' });
    await endpoint.modify(other.sdp());
    await other.heard({ freq: 440 });
    expect(other.packets.every((packet) => packet.payloadType === 0)).toBe(true);
    await endpoint.api('uuid_break', [endpoint.uuid]);
    await played;
  });
});

describe('a menu', () => {
  it.each(['RFC 4733', 'INFO', 'both'])('takes a digit by %s, which cuts the prompt short', async (how) => {
    const { endpoint, peer } = await stage.endpoint({ dtmfPayloadType: 97 });
    const digits: string[] = [];
    endpoint.on('dtmf', ({ dtmf }: { dtmf: string }) => digits.push(dtmf));
    const collected = endpoint.playCollect(menu);
    await peer.heard({ freq: 440 });
    if (how !== 'INFO') await peer.press('1');
    if (how !== 'RFC 4733') await info(endpoint, 'Signal=1\r\nDuration=160\r\n');
    expect(await collected).toMatchObject({ digits: '1' });
    await peer.heardSilence();
    expect(digits).toEqual(['1']);
  });

  it('takes application/dtmf too, and refuses what it does not know', async () => {
    const { endpoint } = await stage.endpoint();
    const collected = endpoint.playCollect(menu);
    expect(await info(endpoint, '2', 'application/dtmf')).toBe(200);
    expect(await collected).toMatchObject({ digits: '2' });
    expect(await info(endpoint, 'x', 'text/plain')).toBe(415);
  });

  it('counts a digit once, however its packets are repeated or their ends lost', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const digits: string[] = [];
    endpoint.on('dtmf', ({ dtmf }: { dtmf: string }) => digits.push(dtmf));
    const event = (end: boolean, duration: number) =>
      Uint8Array.of(7, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff);
    for (let n = 1; n <= 5; n++) peer.sendPacket(101, event(false, 160 * n), n === 1, 8000);
    for (let n = 0; n < 6; n++) peer.sendPacket(101, event(true, 960), false, 8000);
    // The next one's ends are all lost, and a packet of the first comes late.
    for (let n = 1; n <= 5; n++) peer.sendPacket(101, event(false, 160 * n), n === 1, 16_000);
    peer.sendPacket(101, event(true, 960), false, 8000);
    await expect.poll(() => digits).toEqual(['7', '7']);
    await peer.press('8');
    await expect.poll(() => digits).toEqual(['7', '7', '8']);
  });

  it('plays the invalid prompt after a wrong digit, and asks again', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const collected = endpoint.playCollect({ ...menu, tries: 2 });
    await peer.heard({ freq: 440 });
    await Promise.all([peer.heard({ freq: 900 }), peer.press('9')]);
    await peer.heard({ freq: 440 });
    await peer.press('2');
    expect(await collected).toMatchObject({ digits: '2', invalidDigits: '9' });
  });

  it('gives up when nobody presses anything', async () => {
    const { endpoint } = await stage.endpoint();
    const collected = await endpoint.playCollect({ ...menu, file: 'silence_stream://40', timeout: 300 });
    expect(collected.digits).toBeNull();
  });

  it('collects until the terminator, which is told', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const collected = endpoint.playCollect({ ...menu, max: 9, regexp: '^\\d{5}$', digitTimeout: 3000 });
    await peer.press('75001#', { ms: 60, gapMs: 40 });
    expect(await collected).toMatchObject({ digits: '75001', terminatorUsed: '#' });
  });

  it('collects what came until the pause between digits is too long', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const collected = endpoint.playCollect({ ...menu, max: 9, regexp: '.*' });
    await peer.press('123', { ms: 60, gapMs: 40 });
    expect(await collected).toMatchObject({ digits: '123' });
  });
});

describe('a bridge', () => {
  it.each([
    ['PCMU', 'PCMU'],
    ['PCMU', 'PCMA'],
    ['PCMA', 'PCMU'],
  ] as const)(
    'carries audio both ways, %s to %s, in the order and with the gaps of its source',
    async (mine, theirs) => {
      const one = await stage.endpoint({ codec: mine });
      const other = await stage.endpoint({ codec: theirs });
      await one.endpoint.bridge(other.endpoint);
      const stops = [one.peer.sayAlways(sine(600, 1000)), other.peer.sayAlways(sine(900, 1000))];
      await Promise.all([
        other.peer.heard({ freq: 600, forMs: 400 }),
        one.peer.heard({ freq: 900, forMs: 400 }),
      ]);
      for (const stop of stops) stop();
      await Promise.all([one.peer.heardSilence(), other.peer.heardSilence()]);
      const timeline = other.peer.packets.map(({ timestamp }) => timestamp);
      for (const [n, at] of timeline.entries())
        if (n > 0) expect((at - timeline[n - 1]!) | 0).toBeGreaterThan(0);
    },
  );

  it("passes digits on as events of their own, with each leg's payload type, whatever way they came", async () => {
    const one = await stage.endpoint({ dtmfPayloadType: 96 });
    const other = await stage.endpoint({ dtmfPayloadType: 110 });
    await one.endpoint.bridge(other.endpoint);
    await one.peer.press('1*D', { ms: 120 });
    await other.peer.heardDigits('1*D');
    await info(one.endpoint, 'Signal=5\r\nDuration=160\r\n');
    await other.peer.heardDigits('1*D5');
    await other.peer.press('#');
    await one.peer.heardDigits('#');
    await other.peer.until(() => other.peer.digitEvents.every(({ endPackets }) => endPackets === 3));
    for (const { payloadType } of other.peer.digitEvents) expect(payloadType).toBe(110);
    const [first] = other.peer.digitEvents;
    const packets = other.peer.packets.filter(
      ({ payloadType, timestamp }) => payloadType === 110 && timestamp === first!.timestamp,
    );
    const durations = packets.map(({ payload }) => payload[2]! * 256 + payload[3]!);
    expect(packets.map(({ marker }) => marker)).toEqual(packets.map((_, n) => n === 0));
    expect(durations).toEqual([...durations].sort((a, b) => a - b));
    expect(durations.at(-1)).toBeGreaterThanOrEqual(960);
  });

  it('tells a leg without telephone-event of a digit by INFO', async () => {
    const one = await stage.endpoint();
    const other = await stage.endpoint({ dtmfPayloadType: false });
    await one.endpoint.bridge(other.endpoint);
    const told = new Promise<string>((resolve) => {
      other.endpoint.dialog!.on('info', (req: { body: string }, res: { send(status: number): void }) => {
        res.send(200);
        resolve(req.body);
      });
    });
    await one.peer.press('4');
    expect(await told).toMatch(/^Signal=4\r\nDuration=\d+\r\n$/);
  });

  it('is parted by unbridge, and either leg may be bridged anew', async () => {
    const [one, other, third] = [await stage.endpoint(), await stage.endpoint(), await stage.endpoint()];
    await one.endpoint.bridge(other.endpoint);
    one.peer.sayAlways(sine(600, 1000));
    await other.peer.heard({ freq: 600 });
    await one.endpoint.unbridge();
    await other.peer.heardSilence();
    await other.endpoint.execute('playback', 'tone_stream://%(200,0,440)');
    await one.endpoint.bridge(third.endpoint);
    await third.peer.heard({ freq: 600 });
    // A third party takes over: who was bridged before is left waiting.
    await other.endpoint.bridge(third.endpoint);
    await third.peer.heardSilence();
    expect(stage.media.stats().channels).toBe(3);
  });

  it('plays a whisper to one leg, which does not hear the other meanwhile', async () => {
    const [one, other] = [await stage.endpoint(), await stage.endpoint()];
    await one.endpoint.bridge(other.endpoint);
    one.peer.sayAlways(sine(600, 1000));
    await other.peer.heard({ freq: 600 });
    await Promise.all([
      other.peer.heard({ freq: 900, forMs: 200 }),
      other.endpoint.execute('playback', 'tone_stream://%(400,0,900)'),
    ]);
    await other.peer.heard({ freq: 600 });
  });

  it('leaves the other leg parked when one hangs up', async () => {
    const [one, other] = [await stage.endpoint(), await stage.endpoint()];
    await one.endpoint.bridge(other.endpoint);
    await one.endpoint.destroy();
    await Promise.all([
      other.peer.heard({ freq: 440 }),
      other.endpoint.execute('playback', 'tone_stream://%(400,0,440)'),
    ]);
  });

  it('mutes a leg, and lets it be heard again', async () => {
    const [one, other] = [await stage.endpoint(), await stage.endpoint()];
    await one.endpoint.bridge(other.endpoint);
    one.peer.sayAlways(sine(600, 1000));
    await other.peer.heard({ freq: 600 });
    await one.endpoint.execute('set_mute', 'read true');
    await other.peer.heardSilence();
    await one.endpoint.execute('set_mute', 'read false');
    await other.peer.heard({ freq: 600 });
  });
});

describe('an endpoint', () => {
  it('is made of an offer that is too long for a datagram', async () => {
    const peer = await stage.peer();
    const candidates = Array.from(
      { length: 40 },
      (_, n) => `a=candidate:${n} 1 udp 1 192.0.2.${n} 9 typ host`,
    );
    const offer = [peer.sdp().trimEnd(), ...candidates, ''].join('\r\n');
    expect(offer.length).toBeGreaterThan(1500);
    const endpoint = await stage.server.createEndpoint({ remoteSdp: offer });
    expect(stage.sip.stats()).toMatchObject({ connections: 0, defects: 0 });
    peer.follow(endpoint.local.sdp);
    peer.sayAlways(sine(600, 1000));
    await expect
      .poll(async () => (await stage.variables(endpoint.uuid))['variable_rtp_audio_in_packet_count'])
      .not.toBe('0');
  });
});

describe('symmetric RTP', () => {
  it('is learned from the first packet, and from then on no other source is heard', async () => {
    const [one, other] = [await stage.endpoint(), await stage.endpoint()];
    await one.endpoint.bridge(other.endpoint);
    // Behind NAT: packets come from another port than the SDP names, and what goes back must go there.
    const nat = await stage.peer();
    nat.follow(one.endpoint.local.sdp);
    nat.sayAlways(sine(600, 1000));
    other.peer.sayAlways(sine(900, 1000));
    await Promise.all([other.peer.heard({ freq: 600 }), nat.heard({ freq: 900 })]);
    const intruder = await stage.peer();
    intruder.follow(one.endpoint.local.sdp);
    intruder.sayAlways(sine(1500, 1000));
    await other.peer.heard({ freq: 600, forMs: 400 });
    expect(intruder.packets).toHaveLength(0);
    expect(
      Number((await stage.variables(one.endpoint.uuid))['variable_rtp_audio_in_flush_packet_count']),
    ).toBeGreaterThan(5);
  });

  it('is learned anew when a re-INVITE names another address', async () => {
    const { endpoint, peer } = await stage.endpoint();
    peer.sayAlways(sine(600, 1000));
    const played = endpoint.execute('playback', 'tone_stream://L=-1;%(500,0,440)');
    await peer.heard({ freq: 440 });
    const moved = await stage.peer();
    await peer.close();
    await endpoint.modify(moved.sdp());
    await moved.heard({ freq: 440 });
    await endpoint.api('uuid_kill', [endpoint.uuid]);
    await Promise.race([played, stage.released()]);
  });

  it('counts what came, what went and what was lost', async () => {
    const { endpoint, peer } = await stage.endpoint();
    await endpoint.execute('playback', 'tone_stream://%(200,0,440)');
    const silent = new Uint8Array(160).fill(0xff);
    for (let n = 0; n < 10; n++) peer.sendPacket(0, silent, n === 0, n * 160);
    peer.skip(3);
    peer.sendPacket(0, silent, false, 13 * 160);
    await expect
      .poll(async () => (await stage.variables(endpoint.uuid))['variable_rtp_audio_in_packet_count'])
      .toBe('11');
    expect(await stage.variables(endpoint.uuid)).toMatchObject({
      variable_rtp_audio_in_media_packet_count: '11',
      variable_rtp_audio_in_flaw_total: '3',
      variable_rtp_audio_in_raw_bytes: '1760',
    });
    expect(
      Number((await stage.variables(endpoint.uuid))['variable_rtp_audio_out_packet_count']),
    ).toBeGreaterThanOrEqual(10);
  });
});

describe('the end of a channel', () => {
  it.each(['media_timeout=300', 'rtp_timeout_sec=1'])('comes by RTP time-out, set as %s', async (setting) => {
    const { endpoint, peer } = await stage.endpoint();
    const stop = peer.sayAlways(sine(600, 200));
    const ended = new Promise<{ reason: string }>((resolve) => endpoint.once('destroy', resolve));
    const bye = new Promise<void>((resolve) => endpoint.dialog!.once('destroy', () => resolve()));
    await endpoint.execute('set', setting);
    // As in FreeSWITCH it counts from when media are agreed anew.
    await endpoint.modify(peer.sdp('sendrecv', 2));
    stop();
    expect(await ended).toEqual({ reason: 'MEDIA_TIMEOUT' });
    await bye;
    await stage.released();
  });

  it('does not come by RTP time-out while the far end holds', async () => {
    const { endpoint, peer } = await stage.endpoint();
    await endpoint.execute('set', 'media_timeout=300');
    await endpoint.modify(peer.sdp('sendonly', 2));
    expect(endpoint.local.sdp).toContain('a=recvonly');
    await endpoint.modify(peer.sdp('inactive', 3));
    expect(endpoint.local.sdp).toContain('a=inactive');
    const heard = peer.packets.length;
    await endpoint.execute('playback', 'silence_stream://700');
    expect(peer.packets.length).toBe(heard);
    expect(stage.media.stats().channels).toBe(1);
  });

  it('comes by uuid_kill, with its cause, in the middle of a menu', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const ended = new Promise<{ reason: string }>((resolve) => endpoint.once('destroy', resolve));
    const collected = endpoint.playCollect(menu);
    await peer.heard({ freq: 440 });
    expect(await stage.server.api(`uuid_kill ${endpoint.uuid} CALL_REJECTED`)).toBe('+OK\n');
    expect(await ended).toEqual({ reason: 'CALL_REJECTED' });
    await collected;
    await stage.released();
  });

  it('comes by BYE from the other side, in the middle of a play', async () => {
    const { endpoint, peer } = await stage.endpoint();
    const played = endpoint.execute('playback', 'tone_stream://L=-1;%(500,0,440)');
    await peer.heard({ freq: 440 });
    endpoint.dialog!.destroy({}, () => undefined);
    expect((await played).getHeader('Hangup-Cause')).toBe('NORMAL_CLEARING');
    await stage.released();
  });

  it('comes by an unknown application, which is logged by name', async () => {
    const { endpoint } = await stage.endpoint();
    const ended = new Promise<{ reason: string }>((resolve) => endpoint.once('destroy', resolve));
    void endpoint.execute('conference', 'room1');
    expect(await ended).toEqual({ reason: 'DESTINATION_OUT_OF_ORDER' });
    expect(stage.log).toMatchObject([
      { event: 'media.unsupported_application', fields: { application: 'conference' } },
    ]);
    await stage.released();
  });

  it('comes when its controller is lost', async () => {
    const { endpoint } = await stage.endpoint();
    endpoint.conn!.socket!.destroy();
    await stage.released();
    expect(stage.log.map(({ event }) => event)).toEqual(['media.controller_lost']);
  });

  it('comes to all of them when the server is closed', async () => {
    const { endpoint } = await stage.endpoint();
    const bye = new Promise<void>((resolve) => endpoint.dialog!.once('destroy', () => resolve()));
    await stage.media.close();
    await bye;
    expect(stage.media.stats()).toMatchObject({ channels: 0, rtpSockets: 0, timers: 0 });
  });
});

describe('commands', () => {
  it('that are not known are answered as FreeSWITCH answers them, and logged by name', async () => {
    expect(await stage.server.api('uuid_audio_fork x start')).toBe(
      '-ERR uuid_audio_fork Command not found!\n',
    );
    expect(stage.log).toMatchObject([{ event: 'media.unsupported_api', fields: { api: 'uuid_audio_fork' } }]);
  });

  it('show, look for, read and write channels', async () => {
    expect(await stage.server.api('show channels as json')).toBe('{"row_count":0}');
    expect(await stage.server.api('show channels')).toBe('\n0 total.\n');
    const { endpoint } = await stage.endpoint();
    const { uuid } = endpoint;
    const shown = JSON.parse(await stage.server.api('show channels as json')) as {
      row_count: number;
      rows: { uuid: string }[];
    };
    expect(shown).toMatchObject({ row_count: 1, rows: [{ uuid, callstate: 'ACTIVE', read_codec: 'PCMU' }] });
    expect(await stage.server.api('show channels')).toContain(`${uuid},inbound,`);
    expect(await stage.server.api(`uuid_exists ${uuid}`)).toBe('true');
    expect(await stage.server.api('uuid_exists nobody')).toBe('false');
    expect(await stage.server.api(`uuid_setvar ${uuid} colour deep blue`)).toBe('+OK\n');
    expect(await stage.server.api(`uuid_getvar ${uuid} colour`)).toBe('deep blue');
    expect(await stage.server.api(`uuid_getvar ${uuid} nothing`)).toBe('_undef_');
    expect((await stage.variables(uuid))['variable_colour']).toBe('deep blue');
    expect(await stage.server.api('global_getvar local_ip_v4')).toBe('127.0.0.1');
    for (const command of ['uuid_kill', 'uuid_break', 'uuid_dump', 'uuid_set_media_stats'])
      expect(await stage.server.api(`${command} nobody`)).toBe('-ERR No such channel!\n');
    expect(await stage.server.api(`uuid_bridge ${uuid} nobody`)).toBe('-ERR Invalid uuid\n');
    expect(await stage.server.api(`uuid_bridge ${uuid} ${uuid}`)).toBe('-ERR Invalid uuid\n');
  });

  it('send digits', async () => {
    const { endpoint, peer } = await stage.endpoint();
    await endpoint.api('uuid_send_dtmf', [endpoint.uuid, '12@60']);
    await endpoint.execute('send_dtmf', '3');
    await peer.heardDigits('123');
    expect(peer.digitEvents.map(({ endPackets }) => endPackets)).toEqual([3, 3, expect.any(Number)]);
  });
});

describe('many at once', () => {
  it('forty endpoints play, are bridged, and leave nothing behind', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => stage.endpoint()));
    await Promise.all(all.map(({ endpoint }) => endpoint.execute('playback', 'tone_stream://%(300,0,440)')));
    const pairs = all.flatMap((one, n) => (n % 2 === 0 ? [[one, all[n + 1]!] as const] : []));
    await Promise.all(pairs.map(([one, other]) => one.endpoint.bridge(other.endpoint)));
    for (const { peer } of all) peer.sayAlways(sine(600, 1000));
    await Promise.all(all.map(({ peer }) => peer.heard({ freq: 600, withinMs: 10_000 })));
    expect(stage.media.stats()).toMatchObject({ channels: 40, rtpSockets: 40 });
    await Promise.all(all.map(({ endpoint }: { endpoint: Mrf.MrfEndpoint }) => endpoint.destroy()));
    await stage.released();
  });
});
