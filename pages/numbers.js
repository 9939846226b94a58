/**
 * Shows each visitor a number of its own. On a page of a publisher:
 *
 *   <a data-tollbridge href="tel:+18005550100">(800) 555-0100</a>
 *   <script src="https://switch.example/v1/numbers.js" data-key="page_…" async></script>
 *
 * `data-tags="utm_source gclid"` names what of the page's address goes with the visit; utm_* where nothing is said. Until
 * there is an answer, and where there is none, the page shows what it holds.
 */
(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const { key, tags: wanted } = script.dataset;
  if (!key) return;
  const visits = new URL('/api/v1/visits', script.src);
  const answersWithinMs = 5_000;
  const askAgainMs = 60_000;

  /** @type {Record<string, string>} */
  let tags = {};
  const names = wanted?.split(/[\s,]+/);
  for (const [name, value] of new URLSearchParams(location.search)) {
    const tag = name.toLowerCase();
    if (names ? !names.includes(name) : !tag.startsWith('utm_')) continue;
    if (/^[a-z][a-z0-9_]{0,31}$/.test(tag) && Object.keys(tags).length < 16) tags[tag] = value.slice(0, 128);
  }

  let visit = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('-');
  // One visit for each tab, with the tags that it came with: its further pages have none in their addresses. Where the
  // browser keeps nothing, one for each page.
  try {
    const kept = JSON.parse(sessionStorage.getItem('tollbridge') ?? '{}');
    if (kept.visit) visit = kept.visit;
    if (Object.keys(tags).length === 0) tags = kept.tags ?? {};
    sessionStorage.setItem('tollbridge', JSON.stringify({ visit, tags }));
  } catch {
    // Not allowed here.
  }

  /** @param {{ number: string, display: string }} shown */
  const show = ({ number, display }) => {
    for (const element of document.querySelectorAll('[data-tollbridge]')) {
      if (element instanceof HTMLAnchorElement && element.protocol === 'tel:') element.href = `tel:${number}`;
      if (element.childElementCount === 0) element.textContent = display;
    }
  };

  const ask = async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ key, visit, tags });
    const signal = AbortSignal.timeout(answersWithinMs);
    const answer = await fetch(visits, { method: 'POST', headers, body, credentials: 'omit', signal });
    if (answer.ok) show(await answer.json());
  };

  const asks = () => void ask().catch(() => undefined);
  const begin = () => {
    asks();
    // Whoever has the page before its eyes keeps the number.
    setInterval(() => document.visibilityState === 'visible' && asks(), askAgainMs);
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin, { once: true });
  else begin();
})();
