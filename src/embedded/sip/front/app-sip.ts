import { formatAddress, parseAddress } from '../message/address.ts';
import { Headers } from '../message/headers.ts';
import type { SipMessage } from '../message/message.ts';
import { parseOutline } from '../message/parse.ts';
import { hostText } from '../message/uri.ts';
import type { Channel } from '../stack.ts';

/** What an app's frame says in SIP: a message that leaves to the server whatever the server knows better. */
type AppSip =
  { readonly ok: true; readonly message: SipMessage } | { readonly ok: false; readonly reason: string };

export function readAppSip(bytes: Buffer): AppSip {
  const blank = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, blank < 0 ? bytes.length : blank);
  if (/\r(?!\n)|(?<!\r)\n/.test(head))
    return { ok: false, reason: 'invalid message: a header holds a line break' };
  const parsed = parseOutline(bytes);
  if (!parsed.ok) return { ok: false, reason: `invalid message: ${parsed.reason}` };
  parsed.message.headers.remove('content-length');
  return { ok: true, message: parsed.message };
}

/** Not the app's business: the server drops these without a word. */
const serverOnly = new Set(['via', 'route', 'record-route', 'rseq', 'content-length']);
/** What identifies the dialog; given by the app, it counts only for a request that starts one. */
const dialogLevel = new Set(['from', 'to', 'call-id', 'cseq']);
const addressed = new Set(['from', 'to', 'contact', 'p-asserted-identity']);

/** The app's headers as they may go on the wire, `@localhost` replaced by our address towards that far end. */
export function headersForWire(message: SipMessage, channel: Channel): Headers {
  const headers = new Headers();
  for (const { key, name, value } of message.headers) {
    if (serverOnly.has(key) || dialogLevel.has(key)) continue;
    headers.append(name, addressed.has(key) ? localised(value, channel, key === 'contact') : value);
  }
  return headers;
}

/** `sip:1000@localhost` → `<sip:1000@10.0.0.1:5060>`; a Contact reached by TCP says so. */
export function localised(value: string, { protocol, local }: Channel, contact = false): string {
  const address = parseAddress(value);
  if (!address) return value;
  const place = `${hostText(local.host)}:${local.port}`;
  const uri = address.uri.replace(/(^sips?:|@)localhost(:\d+)?(?=[;?]|$)/i, `$1${place}`);
  const transport =
    contact && uri !== address.uri && protocol === 'tcp' && !/;transport=/i.test(uri) ? ';transport=tcp' : '';
  return formatAddress({ ...address, uri: uri + transport });
}

/**
 * The Content-Type of a body: the one given, or that of SDP where the body starts like SDP. Null where neither is: such
 * a body cannot be sent.
 */
export function contentTypeOf(message: SipMessage): string | null | undefined {
  if (message.body.length === 0 || message.contentType !== undefined) return undefined;
  return message.body.subarray(0, 3).toString('latin1') === 'v=0' ? 'application/sdp' : null;
}
