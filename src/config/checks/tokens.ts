/** Who bears a token is known by it, so none is anybody else's. */
import type { Report } from '../report.ts';
import { root, select } from '../yaml/tree.ts';
import type { Tree } from '../yaml/tree.ts';

/** Only places are told: a token has no place in a message. */
export function checkTokens(tree: Tree, report: Report): void {
  const [network] = select(root(tree), 'http.token');
  const seen = new Map<unknown, string>();
  if (network?.tree !== undefined && network.tree !== '') seen.set(network.tree, 'http.token');
  const isOpen = seen.size === 0;
  for (const { path, tree: token } of select(root(tree), 'buyers.*.token')) {
    if (token === '') continue;
    if (isOpen) {
      const message = 'asks for nothing: there is no http.token, and who has none may do everything';
      report.error(path, message, 'set http.token, too');
    }
    const whose = seen.get(token);
    if (whose === undefined) seen.set(token, path.join('.'));
    else report.error(path, `is the same as ${whose}`, 'give each its own: openssl rand -hex 16');
  }
}
