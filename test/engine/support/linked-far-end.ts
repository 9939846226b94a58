import { startSipServer } from '../../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../../src/signalling/drachtio/connect.ts';
import { FarEnd } from './sip-far-end.ts';

const secret = 'cymru';

/** A SIP server, the switch's link to it, and a far end that speaks to it over UDP. */
export async function linkedFarEnd() {
  const control = { host: '127.0.0.1', port: 0 };
  const sip = await startSipServer({ listen: ['udp:127.0.0.1:0'], control, secret });
  const linked = await connectSignalling({ ...sip.control, secret, log: () => undefined });
  if (!linked.ok) throw new Error(linked.problem);
  const { signalling, srf } = linked;
  const far = await FarEnd.udp(sip.listening[0]!.port);
  const close = async () => {
    far.close();
    await signalling.close();
    await sip.close();
  };
  return { sip, signalling, srf, far, close };
}
