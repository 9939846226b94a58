// A server of the embedded engine as a process of its own, so that a drill can kill it: `node embedded-engine.js sip|media OPTIONS`.
// It says one line, `up`, once it listens.
import { startMediaServer } from '../../dist/src/embedded/media/server.js';
import { startSipServer } from '../../dist/src/embedded/sip/server.js';

const [, , kind, options = '{}'] = process.argv;
const start = kind === 'sip' ? startSipServer : startMediaServer;
await start(JSON.parse(options));
process.stdout.write('up\n');
