import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const image = 'tollbridge-sipp';
const imageSource = fileURLToPath(new URL('../sipp', import.meta.url));

/** How sipp is started here: the program and the arguments that come before sipp's own. */
export interface SippCommand {
  readonly program: string;
  readonly arguments: readonly string[];
}

const onPath: SippCommand = { program: 'sipp', arguments: [] };
const inDocker: SippCommand = {
  program: 'docker',
  arguments: ['run', '--rm', '--init', '--network', 'host', image],
};

/**
 * Makes sure that there is a sipp: on PATH, then in Docker (built from test/sipp/Dockerfile), else on Debian as root
 * from the package `sip-tester`. The test run calls it once, before the first test.
 * @throws Error that says what to install, where none can be had.
 */
export async function provideSipp(): Promise<SippCommand> {
  if (await works(onPath)) return onPath;
  if (await dockerAnswers()) {
    await run('docker', ['build', '--quiet', '--tag', image, imageSource], { timeout: 300_000 });
    return inDocker;
  }
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const options = { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'sip-tester'], options);
    if (await works(onPath)) return onPath;
  }
  throw new Error(
    'The end-to-end tests need sipp to play the carriers and the buyers, and found none on PATH or in Docker. ' +
      'Install it: `sudo apt-get install sip-tester` (Debian, Ubuntu), `brew install sipp` (macOS), ' +
      'or start a Docker daemon that this user may use.',
  );
}

/** The command that runs sipp in `directory`, where its scenario lies and its traces go. */
export function sippIn(directory: string, sipp: SippCommand): SippCommand {
  if (sipp.program !== 'docker') return sipp;
  const options = ['--env', 'TZ=UTC', '--volume', `${directory}:${directory}`, '--workdir', directory];
  return { program: 'docker', arguments: [...sipp.arguments.slice(0, -1), ...options, image] };
}

/** sipp answers -v with its version and, in some releases, a status that is not 0. */
async function works(command: SippCommand): Promise<boolean> {
  const said = await run(command.program, [...command.arguments, '-v'], { timeout: 20_000 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout?: string }).stdout ?? '',
  );
  return said.includes('SIPp v');
}

async function dockerAnswers(): Promise<boolean> {
  return run('docker', ['info'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}
