/** Standard Webhooks, https://www.standardwebhooks.com: whoever has the secret can tell that a message is ours. */
import { createHmac } from 'node:crypto';

/** `whsec_` and the key in base64. */
type Secret = string;

/** `at`: when this attempt is made, milliseconds; in whole seconds it is signed with the rest. */
export function signedHeaders(
  secret: Secret,
  { id, body }: { readonly id: string; readonly body: string },
  at: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
