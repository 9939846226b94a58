/** A page of a publisher, on a site of its own, that shows each visitor a number of its own: in a real browser, by real calls. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { useSwitch } from '../support/stage.ts';

const stage = useSwitch({
  http: { token: 'the-networks-own-token' },
  buyers: { sunrise: {} },
  campaigns: { solar: { routing: { routes: [{ buyer: 'sunrise' }] } } },
});

/** What the page holds itself: the source's own number. */
let own: string;
let lent: readonly string[];
let key: string;
let site: string;
let browser: Browser;
/** From where the page loads the script; the switch, unless a test says otherwise. */
let scriptFrom: string;

const json = async (...words: string[]) => (await stage.switch.json(...words)) as Record<string, unknown>;

beforeAll(async () => {
  browser = await startBrowser();
  const server = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Solar offers</title>
      <a data-tollbridge id="link" href="tel:${own}">${own}</a>
      <p>or say <span data-tollbridge id="text">${own}</span> to your phone</p>
      <a data-tollbridge id="button" href="tel:${own}"><b>Call now</b></a>
      <a id="other" href="tel:+12125550100">another firm</a>
      <script src="${scriptFrom}/v1/numbers.js" data-key="${key}" async></script>`),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  scriptFrom = stage.switch.http;
  await json('publishers', 'add', 'webwise', '--name', 'Webwise');
  const { application } = await json('publishers', 'apply', 'webwise', '--campaign', 'solar');
  const id = String(application);
  own = String((await json('publishers', 'approve', id))['number']);
  lent = [
    String((await json('numbers', 'assign', id, '--visitors'))['number']),
    String((await json('numbers', 'assign', id, '--visitors'))['number']),
  ];
  key = String((await json('visitors', 'add', id, '--origin', site))['key']);
  return () => {
    server.close();
    server.closeAllConnections();
  };
});
afterAll(() => browser.close());

/** Somebody with a browser of their own. */
async function visitor(): Promise<{ page: Page; errors: unknown[] }> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const errors: unknown[] = [];
  context.on('weberror', (error) => errors.push(error.error()));
  return { page: await context.newPage(), errors };
}

const answered = (page: Page) =>
  page.waitForResponse((response) => response.url().endsWith('/visits') && response.status() === 200);

/** The number that the page shows, once the switch has answered. */
async function shownAt(page: Page, address: string): Promise<string> {
  await Promise.all([answered(page), page.goto(address)]);
  const link = page.locator('#link');
  await expect.poll(() => link.textContent()).toMatch(/^\(\d{3}\) \d{3}-\d{4}$/);
  return ((await link.getAttribute('href')) ?? '').replace('tel:', '');
}

test('each visit has its number, in links and in text, over reloads and further pages; its call carries its tags', async () => {
  const { page, errors } = await visitor();
  const number = await shownAt(page, `${site}/?utm_source=tv&utm_campaign=spring%20%3Cb%3E&secret=1`);
  expect(lent).toContain(number);
  const written = `(${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`;
  expect(await page.locator('#link').textContent()).toBe(written);
  expect(await page.locator('#text').textContent()).toBe(written);
  expect(await page.locator('#button').getAttribute('href')).toBe(`tel:${number}`);
  expect(await page.locator('#button').innerHTML()).toBe('<b>Call now</b>');
  expect(await page.locator('#other').getAttribute('href')).toBe('tel:+12125550100');
  expect(await page.context().cookies()).toEqual([]);

  await Promise.all([answered(page), page.reload()]);
  expect(await shownAt(page, `${site}/prices`)).toBe(number);
  const second = await visitor();
  const other = await shownAt(second.page, `${site}/?utm_source=radio`);
  expect([...lent].sort()).toEqual([number, other].sort());
  // All are with somebody who may still be reading: the page's own number is for everybody else.
  expect(await shownAt((await visitor()).page, site)).toBe(own);

  const tagsOf = async (called: string) => {
    const buyer = await stage.buyer('sunrise', 'buyer-answers');
    const caller = await stage.caller('caller-talks', { number: called });
    await caller.hears(200);
    await caller.sip.cue();
    await Promise.all([caller.sip.done(), buyer.sip.done()]);
    const { publisher, attributes } = await stage.record(caller);
    expect(publisher).toBe('webwise');
    return Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('tag.')));
  };
  expect(await tagsOf(number)).toEqual({ 'tag.utm_source': 'tv', 'tag.utm_campaign': 'spring <b>' });
  expect(await tagsOf(other)).toEqual({ 'tag.utm_source': 'radio' });
  expect(await tagsOf(own)).toEqual({});
  expect([...errors, ...second.errors]).toEqual([]);
});

test('where the switch cannot be reached, refuses, or knows the page not, the page shows what it holds', async () => {
  const { page, errors } = await visitor();
  const shows = async () => [
    await page.locator('#link').getAttribute('href'),
    await page.locator('#text').textContent(),
  ];
  await page.route('**/api/v1/visits', (route) => route.abort());
  await page.goto(site, { waitUntil: 'networkidle' });
  expect(await shows()).toEqual([`tel:${own}`, own]);
  await page.unroute('**/api/v1/visits');
  // The same page on an origin that is not the key's.
  await page.goto(site.replace('127.0.0.1', 'localhost'), { waitUntil: 'networkidle' });
  expect(await shows()).toEqual([`tel:${own}`, own]);
  scriptFrom = `http://127.0.0.1:${await freePort()}`;
  onTestFinished(() => void (scriptFrom = stage.switch.http));
  await page.goto(site, { waitUntil: 'networkidle' });
  expect(await shows()).toEqual([`tel:${own}`, own]);
  expect(errors).toEqual([]);
});
