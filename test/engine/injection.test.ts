/**
 * Nothing that a caller sends or a config says becomes a header, a line of the event socket or another argument: held
 * against the bytes that arrive at the other end of the real sockets, drachtio's control connection and the event
 * sockets of FreeSWITCH, those that it opens to us among them.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { callerIdentity } from '../../src/calls/identity.ts';
import { parseSipUri } from '../../src/config/values/address.ts';
import { parseAuthName, parseServerSecret } from '../../src/config/values/scalars.ts';
import { parseTelephone } from '../../src/config/values/telephone.ts';
import { FrameReader as EventSocketReader } from '../../src/embedded/media/event-socket/frames.ts';
import { startMediaServer, type MediaServer } from '../../src/embedded/media/server.ts';
import { FrameReader as DrachtioReader } from '../../src/embedded/sip/front/frames.ts';
import { startSipServer, type SipServer } from '../../src/embedded/sip/server.ts';
import { requiredExtensions } from '../../src/required-extensions.ts';
import { connectMedia } from '../../src/media/freeswitch/connect.ts';
import type { FreeswitchPool } from '../../src/media/freeswitch/pool.ts';
import type { Endpoint } from '../../src/media/media.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import type { Offer, Signalling } from '../../src/signalling/signalling.ts';
import { FarCall, FarEnd, reply, sdp } from './support/sip-far-end.ts';

const secret = 'ClueCon';
const runs = { numRuns: 60 };
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        '"',
        "'",
        '\\',
        ',',
        '|',
        '^^',
        '^^:',
        '${',
        '}',
        '$${',
        ';',
        '<',
        '>',
      ),
      fc.constantFrom('\u2028', '\u2029', '\u0085', ' ', '@', '%0d%0a', '#', '&&', '+', '2145550111'),
      fc.constantFrom(
        'X-Evil: 1',
        'api fsctl shutdown',
        'execute-app-name: system',
        '${system(id)}',
        '\n\nexit\n\n',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''));

let sip: SipServer;
let server: MediaServer;
let signalling: Signalling;
let media: FreeswitchPool;
let endpoint: Endpoint;
let trunk: FarEnd;
const offers: Offer[] = [];
/** What arrived, connection by connection mixed, in the pieces in which it came. */
let atDrachtio: string[];
let atFreeswitch: string[];

beforeAll(async () => {
  const read = {
    drachtio: Reflect.get<DrachtioReader, 'push'>(DrachtioReader.prototype, 'push'),
    freeswitch: Reflect.get<EventSocketReader, 'push'>(EventSocketReader.prototype, 'push'),
  };
  vi.spyOn(DrachtioReader.prototype, 'push').mockImplementation(function (this: DrachtioReader, chunk) {
    atDrachtio.push(chunk.toString('latin1'));
    return read.drachtio.call(this, chunk);
  });
  vi.spyOn(EventSocketReader.prototype, 'push').mockImplementation(function (this: EventSocketReader, chunk) {
    atFreeswitch.push(chunk.toString('latin1'));
    return read.freeswitch.call(this, chunk);
  });
  [atDrachtio, atFreeswitch] = [[], []];
  const loopback = { host: '127.0.0.1', port: 0 };
  const log = () => undefined;
  sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control: loopback, secret });
  server = await startMediaServer({
    ...{ sip: loopback, eventSocket: loopback, secret, trust: sip.listening, rtp: { host: '127.0.0.1' } },
  });
  const linked = await connectSignalling({ ...sip.control, secret, log });
  if (!linked.ok) throw new Error(linked.problem);
  signalling = linked.signalling;
  await signalling.onInvite((offer) => offers.push(offer));
  const every = { status: 3_600_000, sweep: 3_600_000 };
  const reached = await connectMedia({
    srf: linked.srf,
    owner: 'switch',
    servers: [{ ...server.eventSocket, secret }],
    log,
    every,
  });
  if (!reached.ok) throw new Error(reached.problem);
  ({ media } = reached);
  const opened = await media.open();
  if (!opened.ok) throw new Error(opened.reason);
  ({ endpoint } = opened);
  trunk = await FarEnd.udp(sip.listening[0]!.port);
});
beforeEach(() => {
  [atDrachtio, atFreeswitch] = [[], []];
});
afterAll(async () => {
  await media.close();
  await signalling.close();
  trunk.close();
  await server.close();
  await sip.close();
  vi.restoreAllMocks();
});

/** The payloads of the frames that drachtio got. */
function frames(): string[] {
  let left = atDrachtio.splice(0).join('');
  const found: string[] = [];
  while (left !== '') {
    const [, length] = /^(\d{1,5})#/.exec(left) ?? [];
    if (length === undefined) throw new Error(`out of step at ${JSON.stringify(left.slice(0, 80))}`);
    const start = length.length + 1;
    found.push(left.slice(start, start + Number(length)));
    left = left.slice(start + Number(length));
  }
  return found;
}

const ours = new Set(
  'from,to,call-id,cseq,contact,allow,content-type,content-length,x-tollbridge-call,authorization,via,max-forwards,unsupported'.split(
    ',',
  ),
);

/** Line of tokens, start line, headers of ours alone, each on one line, an empty line, the body. */
function expectSound(payload: string): void {
  const [head = '', ...rest] = payload.split('\r\n\r\n');
  const [tokens = '', start = '', ...headers] = head.split('\r\n');
  expect(tokens).toMatch(/^[\w-]+\|(ping|route\|[a-z]+|sip\|[\w-]*\|[^|\s]*(\|sip:[\w.:]+)?)$/);
  if (!tokens.includes('|sip|')) return;
  expect(start).toMatch(/^([A-Z]+ sip:[^\s<>"]+ SIP\/2\.0|SIP\/2\.0 \d{3} [\w ]+)$/);
  for (const line of headers) {
    expect(line).toMatch(/^[A-Za-z-]+: ?[^\r\n\0]*$/);
    expect(ours).toContain(/^[^:]*/.exec(line)?.[0].toLowerCase());
  }
  const names = headers.map((line) => /^[^:]*/.exec(line)?.[0].toLowerCase());
  expect(names).toHaveLength(new Set(names).size);
  // Of a body there is ours, whole.
  expect(['', sdp]).toContain(rest.join('\r\n\r\n'));
}

/** What the event sockets got, command by command: each line one of those that we say, with what we mean to say. */
function expectCommands(...expected: readonly string[]): void {
  const said = atFreeswitch
    .splice(0)
    .join('')
    .split(/\n{2,}/)
    .filter((command) => command !== '');
  expect(said.map((command) => command.replace(/\nEvent-UUID: [\w-]+/i, ''))).toEqual(expected);
}

test('who calls, by From, P-Asserted-Identity and display names, adds nothing to what a buyer is sent', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (from, asserted, privacy) => {
      const headers = new Map([
        ['P-Asserted-Identity', `"${asserted}" <sip:${asserted}@carrier>`],
        ['Privacy', privacy],
      ]);
      const who = callerIdentity({ from, header: (name) => headers.get(name) }, 'US');
      await expectDialled('+12145550111', who.from);
    }),
    runs,
  );
});

test('a caller whose headers came over the wire adds nothing either', async () => {
  // What a transport lets through of a line: no line break, or it would be another header already.
  const line = hostile.map((text) => text.replace(/[\r\n\0]/g, ''));
  const caller = await FarEnd.udp(sip.listening[0]!.port);
  await fc.assert(
    fc.asyncProperty(line, line, line, async (name, user, require) => {
      const call = new FarCall(caller, `sip:+18005550100@127.0.0.1:${sip.listening[0]!.port}`);
      call.seq = 1;
      call.inviteBranch = `z9hG4bK-${call.callId}`;
      const invite = call
        .text(
          'INVITE',
          sdp,
          [`P-Asserted-Identity: "${name}" <sip:${user}@carrier>`, `Require: timer,${require},\r\n ${name}`],
          call.inviteBranch,
        )
        .replace('"Far End" <sip:far@', () => `"${name}" <sip:${user}@`);
      caller.send(Buffer.from(invite, 'utf8'));
      // Refused by the server, or offered to us.
      const refused = caller.next((one) => one.kind === 'response' && one.status >= 400).then(() => null);
      const offer = await Promise.race([
        refused,
        vi.waitUntil(() => offers.shift(), { timeout: 5_000, interval: 1 }),
      ]);
      if (offer === null) return;
      const { from } = callerIdentity(offer, 'US');
      atDrachtio.splice(0);
      const required = requiredExtensions(offer.header('Require'));
      expect(required).toMatch(/^timer(, [^\s,;:<>"@|\0]+)*$/);
      offer.reject(420, { headers: { Unsupported: required ?? '' } });
      await refused;
      await expectDialled('+12145550111', from);
    }),
    { numRuns: 30 },
  );
  caller.close();
});

test('where a trunk is, what is dialled and who we are to it: refused by the config, or said as it stands', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (uri, number, name) => {
      const [at, dial, username] = [
        parseSipUri(`sip:${uri}`),
        parseTelephone(number, 'US'),
        parseAuthName(name),
      ];
      if (at.ok) expect(at.value).toMatch(/^sip:[^\s<>"@;,|\0]+$/);
      if (username.ok) expect(username.value).not.toMatch(/["\\\p{Cc}\u2028\u2029]/u);
      await expectDialled(
        dial.ok ? dial.value : '+12145550111',
        null,
        username.ok ? username.value : undefined,
      );
    }),
    runs,
  );
});

async function expectDialled(number: string, from: string | null, username?: string): Promise<void> {
  const auth = username === undefined ? {} : { auth: { username, password: 'x\r\nX-Evil: 1' } };
  const headers = { 'X-Tollbridge-Call': 'call' };
  const dialling = signalling.dial({ trunk: `sip:${trunk.place}`, number, from, sdp, headers, ...auth });
  const first = await trunk.request('INVITE');
  if (username !== undefined) {
    const challenge = ['WWW-Authenticate: Digest realm="a", nonce="b"'];
    trunk.send(reply(trunk, first, '401 Unauthorized', '', challenge));
    trunk.send(reply(trunk, await trunk.request('INVITE'), '486 Busy Here'));
  } else trunk.send(reply(trunk, first, '486 Busy Here'));
  expect(await dialling.outcome).toMatchObject({ kind: 'refused', status: 486 });
  for (const payload of frames()) expectSound(payload);
}

test('a whisper, a prompt, a recording: told as one argument, or not at all', async () => {
  const { id } = endpoint;
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const file = `/nowhere/${text}.wav`;
      const isSayable = !/['$\\\p{Cc}\u2028\u2029]/u.test(file);
      const words = Buffer.from(file).toString('latin1');
      const one = /\s/.test(file) ? `'${words}'` : words;
      await endpoint.play(file).done;
      const executed = atFreeswitch.join('');
      if (isSayable) expect(executed).toContain(`\nexecute-app-arg: ${words}\n`);
      expect(executed.match(/execute-app-arg/g) ?? []).toHaveLength(isSayable ? 1 : 0);
      expect(
        executed
          .match(/^.*$/gm)
          ?.filter((line) => !/^(sendmsg|call-command|execute-app-|Event-UUID|$)/.test(line)),
      ).toEqual([]);
      atFreeswitch.splice(0);

      await endpoint.collect({ play: file, min: 1, max: 1, timeout: 1, terminators: '' });
      const collected = atFreeswitch.splice(0).join('');
      const asked = /\nexecute-app-arg: (.*)\n/.exec(collected)?.[1];
      expect(asked === undefined).toBe(!isSayable);
      if (asked !== undefined) expect(asked).toContain(` ${one} `);

      await endpoint.stopRecording(file);
      expectCommands(...(isSayable ? [`api uuid_record ${id} stop ${one}`] : []));
      await endpoint.press(text);
      await endpoint.digit(text);
      const pressed = /^[0-9A-D*#w]+$/i.test(text) ? [`api uuid_send_dtmf ${id} ${text}@160`] : [];
      expectCommands(...pressed);
    }),
    { numRuns: 40 },
  );
});

test('a secret stays on its line, or is refused by the config', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const read = parseServerSecret(text);
      if (read.ok) expect(read.value).toMatch(/^[^\r\n\0|]+$/);
    }),
  );
});

test('what is no session description never reaches FreeSWITCH, by an INVITE or within a call', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const body = `--b\r\nContent-Type: application/sdp\r\n\r\n${text}`;
      expect(await media.open(body)).toEqual({ ok: false, reason: 'no_common_codec' });
      expect(await endpoint.connect(body)).toMatchObject({ ok: false });
      expect(frames()).toEqual([]);
    }),
    runs,
  );
});
