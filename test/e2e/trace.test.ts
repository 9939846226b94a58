import { expect, test } from 'vitest';
import { drachtio, freeswitch } from '../support/engines.ts';
import type { FarEnd } from '../support/stage.ts';
import { talk, useSwitch } from '../support/stage.ts';
import type { TraceView } from '../../src/trace/view.ts';

const password = 'a-password-of-the-trunk';
const stage = useSwitch({
  buyers: { first: {}, second: {}, guarded: {} },
  trunks: { guarded: { auth: { username: 'acme', password } } },
  http: { token: 'the-token-of-the-network' },
  ivrs: {
    ask: {
      start: 'key',
      steps: {
        key: {
          menu: { play: 'prompts/menu.wav', timeout: '5s', tries: 1, choices: { 7: { go: 'route' } } },
          otherwise: 'hangup',
        },
      },
    },
  },
  campaigns: {
    direct: {
      routing: {
        routes: [
          { buyer: 'first', priority: 1 },
          { buyer: 'second', priority: 2 },
        ],
      },
    },
    asked: { ivr: 'ask', routing: { routes: [{ buyer: 'guarded' }] } },
  },
});

async function traced(call: string): Promise<TraceView> {
  const { code, stdout, stderr } = await stage.switch.command('trace', call, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as TraceView;
}

const words = ({ messages }: TraceView, ...legs: number[]) =>
  messages
    .filter(({ leg }) => legs.includes(leg))
    .map(({ leg, direction, text }) => {
      const [, status, method] = /^(?:SIP\/2\.0 (\d+)|(\w+))/.exec(text) ?? [];
      return `${leg} ${direction} ${status ?? method}`;
    });

/** What the SIP server said by itself: the embedded one alone tells it. */
const byServer = (...said: readonly string[]) => (drachtio === null ? said : []);

/** What the switch kept of a leg is what the far end sent and heard; a SIP server may order headers and add to a Via. */
function isWhatWasSaid(trace: TraceView, leg: number, far: FarEnd): void {
  const kept = trace.messages.filter((message) => message.leg === leg);
  expect(kept.length).toBeGreaterThan(0);
  for (const { direction, text } of kept) {
    const said = far.sip.messages
      .filter((one) => one.direction !== direction)
      .map((one) => essence(one.text));
    expect(said).toContainEqual(essence(text));
  }
}

function essence(text: string) {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [start, ...headers] = head.split('\r\n').map((line) => line.replace(/: +/, ': '));
  return { start, headers: headers.filter((line) => !line.startsWith('Via:')).sort(), body: body.trimEnd() };
}

test('a call: both legs, as the far ends heard them; by how its id begins, and by a Call-ID', async () => {
  const buyer = await stage.buyer('first', 'buyer-answers-on-cue');
  const caller = await stage.caller('caller-talks', { campaign: 'direct' });
  await buyer.hears('INVITE');
  await caller.sip.received(180);
  await buyer.sip.cue();
  await caller.hears(200);
  await talk(caller, buyer, 200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const record = await stage.record(caller);

  const trace = await traced(record.id);
  expect(trace).toMatchObject({
    call: record.id,
    legs: [record.sip_call_id, record.attempts[0]!.sip_call_id],
    left_out: 0,
  });
  expect(words(trace, 0)).toEqual([
    ...['0 received INVITE', ...byServer('0 sent 100'), '0 sent 180', '0 sent 200', '0 received ACK'],
    ...['0 received BYE', '0 sent 200'],
  ]);
  expect(words(trace, 1).filter((one) => !one.endsWith(' 100'))).toEqual([
    ...['1 sent INVITE', '1 received 180', '1 received 200', '1 sent ACK', '1 sent BYE', '1 received 200'],
  ]);
  isWhatWasSaid(trace, 0, caller);
  isWhatWasSaid(trace, 1, buyer);
  const times = trace.messages.map(({ at_ms }) => at_ms);
  expect(times[0]).toBe(0);
  expect(times).toEqual([...times].sort((a, b) => a - b));

  expect((await traced(record.id.slice(0, 8))).call).toBe(record.id);
  expect((await traced(record.attempts[0]!.sip_call_id!)).call).toBe(record.id);

  const { stdout } = await stage.switch.command('trace', record.id);
  const lines = stdout.split('\n');
  expect(lines[0]).toContain(record.id);
  expect(lines.find((line) => line.includes('─ INVITE (1) · SDP PCMU'))).toMatch(/^ +0\.0 {2}│─ INVITE/);
  expect(lines.filter((line) => / 200 OK \(\d+ BYE\) /.test(line))).toHaveLength(2);
});

test('a call that was cancelled: its CANCEL on both legs', async () => {
  const buyer = await stage.buyer('first', 'buyer-rings');
  const caller = await stage.caller('caller-cancels', { campaign: 'direct' });
  await caller.sip.received(180);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const { id } = await stage.record(caller);
  const trace = await traced(id);
  expect(words(trace, 0)).toEqual([
    ...['0 received INVITE', ...byServer('0 sent 100'), '0 sent 180', '0 received CANCEL'],
    ...byServer('0 sent 200', '0 sent 487'),
  ]);
  isWhatWasSaid(trace, 0, caller);
  expect(words(trace, 1).filter((one) => !one.endsWith(' 100'))).toEqual([
    ...['1 sent INVITE', '1 received 180', '1 sent CANCEL', '1 received 487'],
    ...byServer('1 sent ACK'),
  ]);
});

test('a buyer that refuses and the next that answers: two attempts', async () => {
  const busy = await stage.buyer('first', 'buyer-refuses', { keys: { status: '486', reason: 'Busy Here' } });
  const buyer = await stage.buyer('second', 'buyer-answers');
  const caller = await stage.caller('caller-talks', { campaign: 'direct' });
  await caller.hears(200);
  await caller.sip.cue();
  await Promise.all([busy.sip.done(), buyer.sip.done(), caller.sip.done()]);
  const { id, attempts } = await stage.record(caller);
  const trace = await traced(id);
  expect(trace.legs.slice(1)).toEqual(attempts.map(({ sip_call_id }) => sip_call_id));
  expect(words(trace, 1).filter((one) => !one.endsWith(' 100'))).toEqual([
    ...['1 sent INVITE', '1 received 486', ...byServer('1 sent ACK')],
  ]);
  expect(words(trace, 2)).toContain('2 received 200');
  const { stdout } = await stage.switch.command('trace', id, '--full');
  expect(stdout).toMatch(/◀─+ 486 Busy Here \(\d+ INVITE\) ─│ 1$/m);
  expect(stdout).toMatch(/─ INVITE \(\d+\) · SDP .*▶│ 2$/m);
  expect(stdout).toContain(`           X-Tollbridge-Call: ${id}`);
});

test('keys that callers press, passwords and tokens are in no trace and in no log line; numbers are masked', async () => {
  const lines = stage.switch.log.length;
  const buyer = await stage.buyer('guarded', 'buyer-challenges', {
    keys: { username: 'acme', password },
  });
  const caller = await stage.caller('caller-presses-by-info', { campaign: 'asked', keys: { digit: '7' } });
  await caller.hears(200);
  await caller.sip.cue();
  await buyer.sip.message(({ method, direction }) => method === 'ACK' && direction === 'received', 'ACK');
  await stage.switch.logged('call_connected', lines);
  await buyer.hears('INVITE');
  await talk(caller, buyer, 200);
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  const { id } = await stage.record(caller);

  const { stdout } = await stage.switch.command('trace', id, '--full');
  expect(stdout).toMatch(/INFO/);
  expect(stdout).not.toMatch(/Signal/);
  expect(stdout).toContain('uthorization: (left out)');
  await stage.switch.logged('call_ended', lines);
  const log = stage.switch.log.slice(lines);
  const mine = log.filter((line) => line.includes(id)).map((line) => JSON.parse(line) as { event: string });
  expect(mine.map(({ event }) => event)).toEqual(
    expect.arrayContaining([
      'call_offered',
      'call_routed',
      'attempt_started',
      'call_connected',
      'call_ended',
    ]),
  );
  for (const secret of [password, 'the-token-of-the-network', 'Signal', caller.number]) {
    if (secret !== caller.number) expect(stdout).not.toContain(secret);
    expect(log.join('\n')).not.toContain(secret);
  }
  expect(mine[0]).toMatchObject({ from: `${caller.number.slice(0, 5)}***` });
});

test('an INVITE that was turned away is found by its Call-ID; what is not kept is told', async () => {
  const caller = await stage.caller('caller-is-refused', { number: '+18005550999', keys: { status: '404' } });
  await caller.sip.done();
  const [invite] = caller.sip.messages;
  const trace = await traced(invite!.callId);
  expect(trace.call).toBeNull();
  expect(words(trace, 0)).toEqual(['0 received INVITE', ...byServer('0 sent 100'), '0 sent 404']);
  const none = await stage.switch.command('trace', 'ffffffff');
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('the SIP of a call ffffffff is not kept');
});

test('what the stages of calls took and how well they were heard is measured; the gauges name what they count', async () => {
  const text = await (await fetch(`${stage.switch.http}/metrics`)).text();
  const value = (sample: string) => Number(new RegExp(`^${sample} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(value('tollbridge_decision_seconds_count')).toBe(4);
  expect(value('tollbridge_call_setup_seconds_count\\{answered="yes"\\}')).toBe(3);
  expect(value('tollbridge_call_setup_seconds_count\\{answered="no"\\}')).toBe(1);
  // One call had a menu, and so both its legs anchored.
  expect(value('tollbridge_rtp_loss_ratio_count\\{leg="caller"\\}')).toBe(1);
  expect(value('tollbridge_rtp_jitter_seconds_count\\{leg="buyer"\\}')).toBe(1);
  const server = freeswitch === null ? 'embedded' : `${freeswitch.host}:${freeswitch.port}`;
  expect(value(`tollbridge_media_server_up\\{server="${server}"\\}`)).toBe(1);
  expect(value('tollbridge_attempts_total\\{buyer="first",trunk="first-pbx",result="busy"\\}')).toBe(1);
  expect(value('tollbridge_traced_calls')).toBe(5);
  expect(value('tollbridge_traced_bytes')).toBeGreaterThan(5_000);
  expect(value('tollbridge_data_free_bytes')).toBeGreaterThan(0);
  expect(value('tollbridge_event_loop_delay_seconds\\{stat="p50"\\}')).toBeLessThan(10);
  // Nothing that callers send is a label.
  expect(text).not.toContain('+1');
});
