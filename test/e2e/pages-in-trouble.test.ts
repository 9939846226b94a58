/** What may go wrong around the pages: names that mean harm, forged requests, sessions that end, streams that break. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { show, signedIn, signIn, startBrowser } from '../support/browser.ts';
import { useSwitch } from '../support/stage.ts';

const operator = 'the-networks-own-token';
const script = '<img src=x onerror="document.title=1">';
const turned = 'radio \u202Egpj.exe';

const stage = useSwitch({
  http: { token: operator },
  buyers: { sunrise: { name: script, concurrency: 2 } },
  campaigns: { solar: { name: `Solar ${turned}`, routing: { routes: [{ buyer: 'sunrise' }] } } },
});

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const asOperator = async (path: string, body?: object): Promise<Record<string, unknown>> => {
  const response = await fetch(`${stage.switch.http}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${operator}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Record<string, unknown>;
};

/** A publisher that waits for an answer; its application. */
async function applicant(publisher: string, source: string): Promise<string> {
  await asOperator('/publishers', { id: publisher, name: script });
  const { id } = await asOperator('/applications', { publisher, campaign: 'solar', source });
  return String(id);
}

async function tokenOf(publisher: string): Promise<{ token: string; id: string }> {
  const words = ['--role', 'publisher', '--publisher', publisher, '--label', script];
  return (await stage.switch.json('tokens', 'add', ...words)) as { token: string; id: string };
}

const isLive = (page: Page) => page.locator('.standing').getByText('live', { exact: true }).waitFor();

test('names and labels that are markup, or turn the line around, stand there as plain text', async () => {
  await applicant('mallory', script);
  const application = await applicant('trudy', turned);
  const { token } = await tokenOf('trudy');
  const { number } = await asOperator(`/applications/${application}/approve`, {});
  const { page } = await signedIn(browser, stage.switch.http, operator);
  await page.getByRole('row').filter({ hasText: script }).waitFor();
  const caller = await stage.caller('caller-talks', {
    number: String(number),
    from: `sip:${encodeURIComponent(script)}@127.0.0.1`,
  });
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  await caller.hears(200);
  await page.getByText('trudy / radio gpj.exe').waitFor();
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  await show(page, 'Applications');
  await page.getByRole('row').filter({ hasText: 'mallory' }).getByText(script).waitFor();
  await show(page, 'Calls');
  await page.getByRole('row').filter({ hasText: 'gpj.exe' }).getByRole('link').click();
  await page.getByText('trudy / radio gpj.exe').waitFor();
  const theirs = await signedIn(browser, stage.switch.http, token);
  await theirs.page.getByRole('option', { name: 'Solar radio gpj.exe' }).waitFor({ state: 'attached' });
  for (const each of [page, theirs.page]) {
    expect(await each.locator('img').count()).toBe(0);
    expect(await each.title()).toMatch(/tollbridge$/);
  }
});

test('a page elsewhere cannot use the session of who is signed in, by form, by script or by a stream', async () => {
  const application = await applicant('victim', 'radio');
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(stage.switch.http);
  await signIn(page, operator);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate('document.cookie')).toBe('');
  // On another port of the same host, SameSite alone would let it pass.
  const approve = `${stage.switch.http}/api/v1/applications/${application}/approve`;
  const elsewhere = await serve(`<form method="post" action="${approve}"><button>Win</button></form>`);
  for (const host of ['127.0.0.1', 'localhost']) {
    const forged = await context.newPage();
    await forged.goto(elsewhere.replace('127.0.0.1', host));
    const answered = forged.waitForResponse(approve);
    await forged.getByRole('button').click();
    expect((await answered).status()).toBe(403);
    await forged.goto(elsewhere.replace('127.0.0.1', host));
    const outcomes = await forged.evaluate<string[]>(`Promise.all([
      fetch('${approve}', { method: 'POST', credentials: 'include', mode: 'no-cors' })
        .then(() => 'let in', () => 'kept out'),
      fetch('${approve}', { method: 'POST', credentials: 'include', headers: { 'X-Tollbridge': 'pages' } })
        .then(() => 'let in', () => 'kept out'),
      fetch('${stage.switch.http}/api/v1/calls', { credentials: 'include' }).then(() => 'let in', () => 'kept out'),
      new Promise((told) => {
        const events = new EventSource('${stage.switch.http}/api/v1/events', { withCredentials: true });
        events.onerror = () => told('kept out');
        events.addEventListener('live', () => told('let in'));
      }),
    ])`);
    expect(outcomes).toEqual(Array.from(outcomes, () => 'kept out'));
    await forged.close();
  }
  expect(await asOperator(`/applications/${application}`)).toMatchObject({ state: 'applied' });
});

test('what cannot be had now is told, and not told any more once it can', async () => {
  const { page, errors } = await signedIn(browser, stage.switch.http, operator);
  await page.route('**/api/v1/applications?*', (route) =>
    route.fulfill({
      status: 503,
      json: { reason: 'records_away', detail: 'the records cannot be asked now' },
    }),
  );
  await show(page, 'Applications');
  const told = page.getByText('Not up to date: the records cannot be asked now.');
  await told.waitFor();
  expect(errors.splice(0).join()).toContain('503');
  await show(page, 'Numbers');
  await told.waitFor({ state: 'detached' });
  await page.unroute('**/api/v1/applications?*');
  await show(page, 'Applications');
  await page.getByRole('button', { name: 'Approve' }).first().waitFor();
  expect(await told.count()).toBe(0);
});

test('a session ends in every tab and in every view: signed out, or with its token', async () => {
  await Promise.all([signsOut(), isRevoked()]);
});

async function isRevoked(): Promise<void> {
  await applicant('leaver', 'tv');
  const { token, id } = await tokenOf('leaver');
  const { page, errors } = await signedIn(browser, stage.switch.http, token);
  await show(page, 'Calls');
  await isLive(page);
  await stage.switch.json('tokens', 'revoke', id);
  await page.getByText('Your session has ended.').waitFor({ timeout: 20_000 });
  expect(await page.getByRole('row').count()).toBe(0);
  // The browser itself tells of the 401.
  expect(errors.splice(0).join()).toContain('401');
}

/** In more tabs than a browser has connections to one switch. */
async function signsOut(): Promise<void> {
  const { page, errors } = await signedIn(browser, stage.switch.http, operator);
  const open = async () => {
    const tab = await page.context().newPage();
    await tab.clock.install();
    await tab.goto(stage.switch.http);
    await isLive(tab);
    return tab;
  };
  for (let tabs = 0; tabs < 5; tabs += 1) {
    const tab = await open();
    // A headless browser holds all tabs to be seen: this one is told that it is not.
    await tab.evaluate(`
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));`);
    await tab.clock.fastForward(11_000);
  }
  const last = await open();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await last.getByLabel('Access token').waitFor();
  await signIn(last, operator);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  // What the tabs were asking for as the session ended.
  expect(errors.splice(0).filter((error) => !error.includes('401'))).toEqual([]);
}

test('a stream that breaks is told, and comes back with what lives by then', async () => {
  const { page, errors } = await signedIn(browser, stage.switch.http, operator);
  await isLive(page);
  await stage.switch.stop();
  await page.getByText('not live: reconnecting').waitFor();
  await stage.again();
  // Sessions live with the switch.
  await page.getByText('Your session has ended.').waitFor();
  await signIn(page, operator);
  await isLive(page);
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks');
  await caller.hears(200);
  await page.getByRole('row').filter({ hasText: caller.number }).getByText('connected').waitFor();
  await caller.sip.cue();
  await Promise.all([caller.sip.done(), buyer.sip.done()]);
  await page.getByText('No call lives now.').waitFor();
  const expected = /401|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/;
  expect(errors.splice(0).filter((error) => !expected.test(error))).toEqual([]);
});

/** A site of somebody else. */
async function serve(body: string): Promise<string> {
  const server = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Prizes</title>${body}`),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
