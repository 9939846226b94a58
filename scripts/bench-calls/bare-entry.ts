/**
 * A back-to-back user agent as anyone would write it on drachtio-srf, and nothing else: no admission, no routing, no
 * record, no limits. Its first line on stdout says where it takes calls.
 */
import Srf from 'drachtio-srf';
import { startSipWorker } from '../../src/embedded/sip/worker.ts';
import { numbersFor, serverAt } from './side.ts';

const buyers = process.argv.slice(2).map(Number);
const routes = new Map(numbersFor(buyers.length).map((number, pair) => [number, buyers[pair]]));
const real = serverAt('TOLLBRIDGE_DRACHTIO');
const secret = 'bench';
const control = { host: '127.0.0.1', port: 0 };
const embedded = real
  ? null
  : await startSipWorker({ listen: ['udp:127.0.0.1:0'], control, secret, log: () => undefined });

const srf = new Srf();
srf.on('error', () => process.exit(1));
srf.on('connect', (error: Error | null, listening: string) => {
  if (error) process.exit(1);
  process.stdout.write(`${listening}\n`);
});
void srf.connect(real ?? { ...control, ...embedded?.control, secret });

srf.invite((req, res) => {
  const number = /^sip:([^@]+)@/.exec(req.uri)?.[1] ?? '';
  void srf
    .createB2BUA(req, res, `sip:${number}@127.0.0.1:${routes.get(number) ?? 0}`, {})
    .then(({ uas, uac }) => {
      uas.on('destroy', () => {
        uac.destroy();
      });
      uac.on('destroy', () => {
        uas.destroy();
      });
    })
    .catch(() => res.send(503));
});
