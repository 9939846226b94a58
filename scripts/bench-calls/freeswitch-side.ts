/** FreeSWITCH alone: its own dialplan bridges the caller to the buyer, media through it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { pinned } from './cores.ts';
import { numbersFor, type Side, type SideUp } from './side.ts';
import { untilListening } from './until-listening.ts';

/** Null where TOLLBRIDGE_FREESWITCH_PROGRAM names none: the program, and words that it needs to find its modules. */
export function freeswitchSide(buyers: readonly number[]): Side | null {
  const [program, ...words] = (process.env['TOLLBRIDGE_FREESWITCH_PROGRAM'] ?? '').split(' ');
  if (program === undefined || program === '') return null;
  return { name: "FreeSWITCH's own bridge", from: 60, start: () => start(program, words, buyers) };
}

async function start(
  freeswitch: string,
  words: readonly string[],
  buyers: readonly number[],
): Promise<SideUp> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const port = await freePort();
  await writeFile(join(folder, 'freeswitch.xml'), configuration(port, buyers));
  const places = ['-conf', '-log', '-run', '-db', '-temp'].flatMap((place) => [place, folder]);
  const { program, before } = pinned('measured', freeswitch);
  // -np: with real-time priority, which it takes as root, it would be measured as no program beside it is.
  const child = spawn(program, [...before, ...words, '-nf', '-nc', '-np', '-nonat', ...places], {
    stdio: 'ignore',
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  await untilListening(port);
  return {
    target: { ports: [port], numbers: numbersFor(buyers.length) },
    programs: new Map([['freeswitch', child.pid === undefined ? [] : [child.pid]]]),
    stop: async () => {
      process.off('exit', end);
      const gone = once(child, 'exit');
      end();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configuration = (port: number, buyers: readonly number[]) => `<document type="freeswitch/xml">
  <section name="configuration">
    <configuration name="modules.conf">
      <modules>
        ${['mod_sofia', 'mod_commands', 'mod_dptools', 'mod_dialplan_xml']
          .map((name) => `<load module="${name}"/>`)
          .join('\n        ')}
      </modules>
    </configuration>
    <configuration name="switch.conf">
      <settings>
        <param name="loglevel" value="err"/>
        <param name="max-sessions" value="10000"/>
        <param name="sessions-per-second" value="10000"/>
        <param name="rtp-start-port" value="30000"/>
        <param name="rtp-end-port" value="35998"/>
      </settings>
    </configuration>
    <configuration name="sofia.conf">
      <profiles>
        <profile name="bench">
          <settings>
            <param name="sip-ip" value="127.0.0.1"/>
            <param name="sip-port" value="${port}"/>
            <param name="rtp-ip" value="127.0.0.1"/>
            <param name="auth-calls" value="false"/>
            <param name="dialplan" value="XML"/>
            <param name="context" value="bench"/>
            <param name="inbound-codec-prefs" value="PCMU,PCMA"/>
            <param name="outbound-codec-prefs" value="PCMU,PCMA"/>
            <param name="rtp-timer-name" value="soft"/>
            <param name="enable-timer" value="false"/>
            <param name="disable-register" value="true"/>
            <param name="manage-presence" value="false"/>
          </settings>
        </profile>
      </profiles>
    </configuration>
  </section>
  <section name="dialplan">
    <context name="bench">
      ${numbersFor(buyers.length)
        .map((number, pair) => extension(number, buyers[pair] ?? 0))
        .join('\n      ')}
    </context>
  </section>
</document>
`;

const extension = (number: string, buyer: number) => `<extension name="${number}">
        <condition field="destination_number" expression="^\\${number}$">
          <action application="bridge" data="sofia/bench/${number}@127.0.0.1:${buyer}"/>
        </condition>
      </extension>`;
