import type { Socket } from 'node:net';

const readAtOnce = 8_192;
const room = 12_228;

/**
 * Reads a connection of its application's as drachtio-server 0.9.10 does: what does not fit into its buffer displaces what
 * came first, and it hangs up on what then makes no sense. Each message is answered, those of SIP with their echo.
 */
export function bufferedAsDrachtio(socket: Socket, said: string[]): void {
  let kept = '';
  let length = 0;
  const read = () => {
    for (;;) {
      if (length === 0) {
        const digits = /^(\d{0,5})(#?)/.exec(kept);
        if (digits?.[2] === '#') length = Number(digits[1]);
        else if (digits?.[1] === kept) return;
        if (length === 0) return void socket.destroy();
        kept = kept.slice(kept.indexOf('#') + 1);
      }
      if (kept.length < length) return;
      const message = kept.slice(0, length);
      kept = kept.slice(length);
      length = 0;
      said.push(message.slice(message.indexOf('|') + 1));
      tell(socket, answerTo(message));
    }
  };
  socket.on('data', (chunk: Buffer) => {
    for (let from = 0; from < chunk.length; from += readAtOnce) {
      kept = (kept + chunk.toString('latin1', from, from + readAtOnce)).slice(-room);
      read();
    }
  });
}

/** As the server says it. */
export function tell(socket: Socket, message: string): void {
  socket.write(`${message.length}#${message}`, 'latin1');
}

function answerTo(message: string): string {
  const [id = '', kind] = message.split('|', 2);
  const begun = `told|response|${id}|OK`;
  if (kind === 'authenticate') return `${begun}|udp/127.0.0.1:5060|v0.9.10`;
  const sip = message.indexOf('\r\n');
  if (sip === -1) return begun;
  return `${begun}|application|0|udp|127.0.0.1|9|10:00:00.000000|transaction|dialog${message.slice(sip)}`;
}
