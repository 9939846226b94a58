/** Servers that cannot be used: each told in a line of its own with what to change, all at once, within 3 s. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAtEngines } from '../../src/composition/look-at-engines.ts';
import { accepted, answered, drachtioLike, freeswitchLike, impostor, refused } from './support/impostor.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Behaviour = (socket: Socket) => void;

/** Null: nobody listens there. */
async function at(behave: Behaviour | null): Promise<{ host: string; port: number; secret: string }> {
  const server = await impostor(behave ?? (() => undefined));
  if (behave) closers.push(() => server.close());
  else server.close();
  return { host: '127.0.0.1', port: server.port, secret: 'secret' };
}

async function engines(drachtio: Behaviour | null, ...freeswitches: readonly (Behaviour | null)[]) {
  const [sip, ...servers] = await Promise.all([drachtio, ...freeswitches].map(at));
  if (!sip) throw new Error('no SIP server');
  const engine = {
    sip: { kind: 'drachtio', ...sip },
    media: { kind: 'freeswitch', servers: servers.map((one) => ({ ...one, weight: 1, drain: false })) },
  } as unknown as Parameters<typeof lookAtEngines>[0];
  return { engine, sip, servers };
}

const right = {
  drachtio: drachtioLike('OK', 'udp/127.0.0.1:5060', 'v0.9.10'),
  freeswitch: freeswitchLike((command) =>
    command.startsWith('auth')
      ? accepted
      : answered('  drachtio_mrf\tprofile\tsip:mod_sofia@127.0.0.1:5080\tRUNNING (0)\n'),
  ),
};
const hung: Behaviour = () => undefined;
const slammed: Behaviour = (socket) => void socket.end();
const says =
  (text: string): Behaviour =>
  (socket) =>
    void socket.write(text, 'latin1');

const itsAdmin = /host and port in engine\.sip\.drachtio must be those of <admin> in its drachtio\.conf\.xml/;
const itsSocket =
  /host and port of its entry in engine\.media\.freeswitch must be listen-ip and listen-port in its event_socket\.conf\.xml/;

describe('what is wrong is told in one line, with what to change', () => {
  it.each<[string, Behaviour | null, readonly RegExp[]]>([
    ['nobody listens', null, [/cannot be reached: nothing listens there\. Start it; /, itsAdmin]],
    ['it hangs', hung, [/said nothing within 1\.5 s: .*it hangs$/, itsAdmin]],
    ['it slams the door', slammed, [/closed the connection: /, itsAdmin]],
    [
      'it is a web server',
      says('HTTP/1.1 400 Bad Request\r\n\r\n'),
      [/does not speak as a drachtio/, itsAdmin],
    ],
    [
      'the secret is wrong',
      drachtioLike('NO', 'incorrect secret'),
      [
        /refused the secret: secret in engine\.sip\.drachtio must be that of <admin> in its drachtio\.conf\.xml/,
      ],
    ],
    [
      'it is older',
      drachtioLike('OK', 'udp/127.0.0.1:5060', 'v0.8.26'),
      [/is version v0\.8\.26: 0\.9 or newer is needed: install 0\.9\.10, or .* engine\.sip\.drachtio/],
    ],
    [
      'it is too old to tell its version',
      drachtioLike('OK', 'udp/127.0.0.1:5060'),
      [/does not tell its version: 0\.9 or newer is needed: install 0\.9\.10/],
    ],
  ])('of drachtio: %s', async (_what, behave, told) => {
    const { engine, sip } = await engines(behave, right.freeswitch);
    const problems = await lookAtEngines(engine);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(`drachtio at 127.0.0.1:${sip.port} `);
    for (const part of told) expect(problems[0]).toMatch(part);
    expect(problems[0]).not.toContain('\n');
  });

  it.each<[string, Behaviour | null, readonly RegExp[]]>([
    ['nobody listens', null, [/cannot be reached: nothing listens there\. Start it; /, itsSocket]],
    ['it hangs', hung, [/said nothing within 1 s: .*it hangs$/, itsSocket]],
    ['it slams the door', slammed, [/closed the connection: /, itsSocket]],
    ['it speaks gibberish', says('\0\n\n\xff\n\n'), [/does not speak as an event socket does: /, itsSocket]],
    [
      'it is another event source',
      says('Content-Type: text/plain\n\n'),
      [/does not speak as an event/, itsSocket],
    ],
    [
      'we are on no list of it',
      says('Content-Type: text/rude-rejection\nContent-Length: 4\n\nNo!\n'),
      [
        /refuses this address: the list in acl\.conf\.xml that apply-inbound-acl in its event_socket\.conf\.xml names/,
      ],
    ],
    [
      'the secret is wrong',
      freeswitchLike(() => refused),
      [
        /refused the secret: that of its entry in engine\.media\.freeswitch must be password in its event_socket/,
      ],
    ],
    [
      'it has no profile for us',
      freeswitchLike((command) =>
        command.startsWith('auth')
          ? accepted
          : answered('  external\tprofile\tsip:mod_sofia@127.0.0.1:5080\n'),
      ),
      [
        /has no drachtio_mrf profile that runs: put that of docker\/freeswitch\/configuration\/sofia\.conf\.xml into/,
      ],
    ],
  ])('of FreeSWITCH: %s', async (_what, behave, told) => {
    const { engine, servers } = await engines(right.drachtio, behave);
    const problems = await lookAtEngines(engine);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(`FreeSWITCH at 127.0.0.1:${servers[0]?.port} `);
    for (const part of told) expect(problems[0]).toMatch(part);
    expect(problems[0]).not.toContain('\n');
  });

  it('of a host that is none: by its name', async () => {
    const { engine } = await engines(right.drachtio, right.freeswitch);
    const nowhere = { ...engine, sip: { ...engine.sip, host: 'no-such-host.invalid' } } as typeof engine;
    expect(await lookAtEngines(nowhere)).toEqual([
      expect.stringMatching(/^drachtio at no-such-host\.invalid:\d+ cannot be reached/),
    ]);
  });
});

it('all are asked side by side, and all that is wrong is told at once, within 3 s', async () => {
  const { engine, sip, servers } = await engines(hung, hung, null, says('gibberish\n\n'));
  const began = performance.now();
  const problems = await lookAtEngines(engine);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(problems).toEqual([
    expect.stringContaining(`drachtio at 127.0.0.1:${sip.port} said nothing`),
    expect.stringContaining(`FreeSWITCH at 127.0.0.1:${servers[0]?.port} said nothing`),
    expect.stringContaining(`FreeSWITCH at 127.0.0.1:${servers[1]?.port} cannot be reached`),
    expect.stringContaining(`FreeSWITCH at 127.0.0.1:${servers[2]?.port} does not speak`),
  ]);
});

it('one FreeSWITCH of several is enough', async () => {
  const { engine } = await engines(right.drachtio, null, right.freeswitch, hung);
  expect(await lookAtEngines(engine)).toEqual([]);
});
