/** `npm run demo`: the switch as it is served, callers and buyers on real telephones, and what came of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPhone, type Phone } from '../phone/phone.ts';
import { letBuyersAnswer } from './buyers.ts';
import { parseCalls, parsePayouts, withRecords } from './call-records.ts';
import { cast } from './cast.ts';
import { watchLiveCalls } from './live-calls.ts';
import { showLive } from './live-view.ts';
import { balancesInTable, reasonsInWords, recordsInTable } from './report.ts';
import { Scene } from './scene.ts';
import { type RunningSwitch, startSwitch } from './switch-process.ts';
import { heading, type Terminal, terminalOn } from './terminal.ts';
import { differences, ledgerDifferences } from './verify.ts';

const calledOffAfter = 40_000;
const recordsWithin = 5_000;

const terminal = terminalOn(process.stdout, process.env);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

process.exitCode = await demo(process.argv.includes('--keep'));

async function demo(keep: boolean): Promise<number> {
  const begun = Date.now();
  const data = await mkdtemp(join(tmpdir(), 'tollbridge-demo-'));
  const release: (() => Promise<unknown>)[] = [() => rm(data, { recursive: true, force: true })];
  try {
    terminal.write(heading(terminal, 'tollbridge demo', 'a pay-per-call network for half a minute'));
    const phone = await openPhone({ host: '127.0.0.1', log: () => undefined });
    release.unshift(() => phone.close());
    letBuyersAnswer(phone);
    const running = await startSwitch({ data, buyersPort: Number(phone.address.split(':').at(-1)) });
    // Everybody hangs up before the switch is stopped: nothing is left for it to drain.
    release.splice(1, 0, () => running.stop());
    introduce(terminal, running, phone, Date.now() - begun);

    const scenes = await playCalls(running, phone);
    if (interrupted.signal.aborted) return 130;
    const wrong = await report(running, scenes);
    terminal.write(`\n${verdict(terminal, wrong)}  ${((Date.now() - begun) / 1000).toFixed(0)} s in all.\n`);
    if (keep && wrong.length === 0) await stayUp(running);
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    terminal.write(`\n${terminal.paint.red('The demo could not run.')} ${String(error)}\n`);
    return 1;
  } finally {
    for (const step of release) await step();
  }
}

function introduce(to: Terminal, running: RunningSwitch, phone: Phone, tookMs: number): void {
  const { dim } = to.paint;
  to.write(
    `  ${dim('switch')}   ${running.address}, ready after ${(tookMs / 1000).toFixed(1)} s\n` +
      `  ${dim('buyers')}   sunrise answers · helio is busy · brightside takes its time   (sip:${phone.address})\n` +
      `  ${dim('callers')}  ${cast.length} calls, real SIP and RTP, keys as RTP digits\n`,
  );
}

async function playCalls(running: RunningSwitch, phone: Phone): Promise<readonly Scene[]> {
  const scenes = cast.map((caller) => new Scene(caller));
  const over = new AbortController();
  terminal.write(heading(terminal, 'The calls, live'));
  const view = showLive(terminal, scenes);
  const watching = watchLiveCalls(running.http, over.signal, (calls) => {
    for (const call of calls)
      scenes
        .find((scene) => scene.live && scene.caller.from === call.from && scene.caller.to === call.to)
        ?.told(call);
  });
  const calledOff = new Promise<void>((resolve) => {
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true });
    AbortSignal.timeout(calledOffAfter).addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([
    Promise.all(scenes.map((scene) => scene.perform(phone, running.address))),
    running.ended.then(({ code, stderr }) => {
      throw new Error(`the switch ended in mid-demo with ${code ?? 'a signal'}:\n${stderr.slice(-4000)}`);
    }),
    calledOff,
  ]);
  over.abort();
  await watching;
  view.stop();
  return scenes;
}

/** Prints what came of the calls; yields what is not as expected. */
async function report(running: RunningSwitch, scenes: readonly Scene[]): Promise<string[]> {
  const records = await allRecords(running, scenes);
  const calls = withRecords(scenes, records);
  terminal.write(recordsInTable(terminal, calls));
  terminal.write(reasonsInWords(terminal, calls));
  const payouts = parsePayouts(await running.ask('payouts'));
  terminal.write(balancesInTable(terminal, payouts));
  return [
    ...calls.flatMap(({ scene, record }) => differences(scene, record)),
    ...ledgerDifferences(cast, payouts),
  ];
}

/** A call is settled a moment after its end: asked again until every call that needs a record has one. */
async function allRecords(running: RunningSwitch, scenes: readonly Scene[]) {
  const deadline = Date.now() + recordsWithin;
  for (;;) {
    const records = parseCalls(await running.ask('calls'));
    const missing = withRecords(scenes, records).filter(
      ({ scene, record }) => record === null && !('refused' in scene.caller.expected),
    );
    if (missing.length === 0 || Date.now() > deadline) return records;
  }
}

function verdict({ paint }: Terminal, wrong: readonly string[]): string {
  if (wrong.length === 0) return paint.green('Everything came as it should.');
  return `${paint.red('Not as it should be:')}\n${wrong.map((line) => `  ${line}\n`).join('')}`;
}

async function stayUp(running: RunningSwitch): Promise<void> {
  terminal.write(
    heading(terminal, 'The switch stays up', 'Ctrl-C ends it') +
      `  With a menu:    ${running.address.replace('sip:', 'sip:+18005550100@')}   (1, then a ZIP code of Texas: 75201)\n` +
      `  Without:        ${running.address.replace('sip:', 'sip:+18005550110@')}\n` +
      `  From a shell:   npx tollbridge call +18005550100 --from +12145550177 --press 1,75201 --to ${running.address}\n`,
  );
  if (interrupted.signal.aborted) return;
  await new Promise<void>((resolve) => {
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
