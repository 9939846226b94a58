/** Health while the switch cannot start yet: it lives, it takes no calls, and it says why. */
import { createServer } from 'node:http';

/** Where the port cannot be had nobody is told here; the start itself will say so. Returns what gives it back. */
export async function answerWhileWaiting(
  { host, port }: { readonly host: string; readonly port: number },
  why: () => string,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const isHealth = request.url === '/healthz';
    const body = isHealth ? { status: 'ok' } : { ready: false, reasons: [why()] };
    response.writeHead(isHealth ? 200 : 503, {
      'Content-Type': 'application/json',
      ...(!isHealth && { 'Retry-After': '5' }),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, host, () => resolve());
  });
  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
}
