import type Mrf from 'drachtio-fsmrf';

interface Inviter {
  createUAC(uri: string, options: object): Promise<Mrf.MrfDialog>;
}

/**
 * As much of drachtio-srf as drachtio-fsmrf needs to place the INVITE of an endpoint. When FreeSWITCH does not connect
 * back in 4 s, fsmrf hangs up and forgets the promise: if that channel had ended by itself, or the link to the SIP
 * server, nobody would handle the rejection.
 */
export function inviterFor(srf: object): Inviter {
  const inviter = srf as Inviter;
  return {
    createUAC: async (uri, options) => {
      const dialog = await inviter.createUAC(uri, options);
      const destroy = dialog.destroy.bind(dialog);
      dialog.destroy = (how = {}, done = () => undefined) => destroy(how, done);
      return dialog;
    },
  };
}
