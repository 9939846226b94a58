/** The pages in a real browser, on a switch that takes real calls. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { show, signedIn, startBrowser, visit, type Visit } from '../support/browser.ts';
import { flawsOf } from '../support/page-flaws.ts';
import { useSwitch, type FarEnd } from '../support/stage.ts';

const operator = 'the-networks-own-token';

const stage = useSwitch({
  http: { token: operator },
  buyers: {
    sunrise: {
      revenue: [{ pays: '45.00' }],
      concurrency: 2,
      caps: [{ count: 'connected', limit: 40, per: 'day' }],
    },
    helio: { accepts: { 'caller.state': ['NY'] } },
  },
  campaigns: {
    solar: {
      name: 'Solar quotes',
      payout: [{ pays: '30.00' }],
      routing: { routes: [{ buyer: 'helio' }, { buyer: 'sunrise', priority: 2 }] },
    },
  },
});

let browser: Browser;
/** Pictures of every view, for people to look at. */
let pictures: string;
beforeAll(async () => {
  [browser, pictures] = await Promise.all([startBrowser(), mkdtemp(join(tmpdir(), 'tollbridge-pages-'))]);
});
afterAll(() => browser.close());

const visitor = (token: string, options?: BrowserContextOptions): Promise<Visit> =>
  signedIn(browser, stage.switch.http, token, options);

const signIn = async (token: string, options?: BrowserContextOptions): Promise<Page> =>
  (await visitor(token, options)).page;

const command = async (...words: string[]) => (await stage.switch.json(...words)) as Record<string, unknown>;

/** A publisher of its own for each test. */
const publisher = (id: string) => command('publishers', 'add', id, '--name', id);

/** For its pages. */
async function tokenFor(id: string): Promise<string> {
  const { token } = await command(
    'tokens',
    'add',
    '--role',
    'publisher',
    '--publisher',
    id,
    '--label',
    'pages',
  );
  return String(token);
}

/** A call that lasts until `hangUp`. */
async function talk(number?: string): Promise<{ caller: FarEnd; hangUp: () => Promise<void> }> {
  const buyer = await stage.buyer('sunrise', 'buyer-answers');
  const caller = await stage.caller('caller-talks', number === undefined ? {} : { number });
  await caller.hears(200);
  return {
    caller,
    hangUp: async () => {
      await caller.sip.cue();
      await Promise.all([caller.sip.done(), buyer.sip.done()]);
    },
  };
}

describe('the operator', () => {
  test('sees a call while it lives, what it takes of its buyer, and its record with the reasons', async () => {
    const page = await signIn(operator);
    const live = page.getByRole('region', { name: 'Calls that live now' });
    await live.getByText('No call lives now.').waitFor();
    const { caller, hangUp } = await talk();
    const row = live.getByRole('row').filter({ hasText: caller.number });
    await row.getByText('connected', { exact: true }).waitFor();
    expect(await row.textContent()).toContain('clickwise / google-ads');
    const buyers = page.getByRole('region', { name: 'How buyers stand now' });
    const sunrise = buyers.getByRole('row').filter({ hasText: 'sunrise' });
    await sunrise.getByText('1 of 2').waitFor();
    await sunrise.getByText('1 of 40 connected today').waitFor();
    await buyers.getByRole('row').filter({ hasText: 'helio' }).getByText('open').waitFor();

    await hangUp();
    await row.waitFor({ state: 'detached' });
    const record = await stage.record(caller);
    await page.getByText('Figures by hour').click();
    const hours = page.getByRole('region', { name: 'Today by hour, USD' });
    await hours.getByRole('row').nth(1).waitFor();
    expect(await page.locator('.chart canvas').count()).toBe(1);

    await show(page, 'Calls');
    const ended = page.getByRole('row').filter({ hasText: caller.number });
    await ended.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: record.id }).waitFor();
    const leftOut = page.getByRole('region', { name: 'The first rule that kept each buyer from this call' });
    await leftOut.getByRole('row').filter({ hasText: 'helio' }).getByText('caller.state').waitFor();
    const tried = page.getByRole('region', { name: 'INVITEs to buyers, in order' });
    expect(await tried.getByRole('row').nth(1).textContent()).toMatch(/sunrise.*answered.*200/);
    const invite = page.getByRole('row').filter({ hasText: 'INVITE' }).first();
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', timeStyle: 'medium' });
    expect(await invite.textContent()).toContain(local.format(new Date(record.started_at)));
    expect(await page.getByRole('main').textContent()).toContain(`${record.revenue} USD`);
  });

  test('approves with a click, and the number that was handed out takes calls', async () => {
    await publisher('homeleads');
    await command('publishers', 'apply', 'homeleads', '--campaign', 'solar', '--source', 'radio');
    const page = await signIn(operator);
    await show(page, 'Applications');
    await page.getByRole('button', { name: 'Approve homeleads for solar' }).click();
    const told = page.getByText(/^homeleads has \+\d+ for solar\.$/);
    const [number = ''] = /\+\d+/.exec((await told.textContent()) ?? '') ?? [];
    await page
      .getByRole('region', { name: /answered/ })
      .getByText(number)
      .waitFor();

    await show(page, 'Overview');
    const { caller, hangUp } = await talk(number);
    await page.getByRole('row').filter({ hasText: caller.number }).getByText('homeleads / radio').waitFor();
    await hangUp();
    expect(await stage.record(caller)).toMatchObject({ publisher: 'homeleads', source: 'radio', to: number });
  });

  test('reaches and does everything with the keyboard alone', async () => {
    await publisher('typist');
    await command('publishers', 'apply', 'typist', '--campaign', 'solar');
    const { page } = await visit(browser, stage.switch.http);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    const tabTo = async (text: string) => {
      for (let steps = 0; steps < 40; steps += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()) !== text) continue;
        // Who cannot point must see where they are.
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
        return;
      }
      throw new Error(`${text} was not reached with the Tab key`);
    };
    await page.getByLabel('Access token').waitFor();
    await page.keyboard.type(operator);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await tabTo('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Shift+Tab');
    await page.evaluate('document.activeElement.blur()');
    await tabTo('Applications');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Refuse typist' }).waitFor();
    await tabTo('Refuse typist for solar');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Refuse typist for solar');
    await page.keyboard.press('Enter');
    await page.keyboard.type('no typists here');
    await page.keyboard.press('Enter');
    await page.getByText('typist was refused for solar.').waitFor();
    await page.getByRole('row').filter({ hasText: 'no typists here' }).waitFor();
  });
});

describe('a publisher', () => {
  test('applies, is approved, and sees its own calls with the caller masked and no more', async () => {
    await publisher('radiowave');
    const { page, errors } = await visitor(await tokenFor('radiowave'));
    await page.getByLabel('Source').fill('am-710');
    await page.getByRole('button', { name: 'Apply' }).click();
    const mine = page.getByRole('region', { name: /What you applied for/ });
    await mine.getByText('waiting').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('You applied for Solar quotes.').waitFor();

    const { items } = (await (
      await fetch(`${stage.switch.http}/api/v1/applications?publisher=radiowave`, {
        headers: { Authorization: `Bearer ${operator}` },
      })
    ).json()) as { items: { id: string; source: string | null }[] };
    const application = items.find(({ source }) => source === 'am-710')?.id ?? '';
    const { number } = await command('publishers', 'approve', application);
    await page.getByRole('region', { name: 'Your numbers' }).getByText(String(number)).waitFor();

    // Another's call, and its own.
    const other = await talk();
    await other.hangUp();
    await show(page, 'Calls');
    const { caller, hangUp } = await talk(String(number));
    await page.getByText('1 call lives now.').waitFor();
    await hangUp();
    const record = await stage.record(caller);
    const row = page.getByRole('row').filter({ hasText: String(number) });
    await row.waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    const masked = `${caller.number.slice(0, 5)}***`;
    expect(await row.textContent()).toContain(masked);
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: 'What it is worth' }).waitFor();
    const told = (await page.locator('body').textContent()) ?? '';
    expect(told).toContain(`${record.payout} USD`);
    for (const hidden of [caller.number, 'sunrise', 'helio', record.revenue, record.margin, 'Plan'])
      expect(told).not.toContain(hidden);

    // What is another's is not there.
    await stage.record(other.caller).then(({ id }) => page.goto(`${stage.switch.http}/#/call/${id}`));
    await page.getByRole('alert').getByText('there is no record').waitFor();
    // The browser itself tells of the 404.
    expect(errors.splice(0)).toHaveLength(1);
    await show(page, 'Earnings');
    await page.locator('summary').click();
    const days = page.getByRole('region', { name: 'Figures by day, USD' });
    expect(await days.getByRole('row').nth(1).textContent()).toContain(record.payout);
  });
});

describe.each<[string, BrowserContextOptions]>([
  ['light', { viewport: { width: 1280, height: 900 } }],
  ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 360, height: 780 }, hasTouch: true }],
  ['phone, dark', { viewport: { width: 360, height: 780 }, hasTouch: true, colorScheme: 'dark' }],
])('in %s', (name, options) => {
  const look = async (page: Page, view: string) => {
    await page.evaluate('document.fonts.ready');
    await page.screenshot({ path: join(pictures, `${name}-${view}.png`), fullPage: true });
    expect(await flawsOf(page)).toEqual([]);
  };

  test('every view can be read', async () => {
    const id = `reader-${name.replaceAll(/\W+/g, '-')}`;
    await publisher(id);
    const token = await tokenFor(id);
    await command('publishers', 'apply', id, '--campaign', 'solar', '--source', 'a label of some length');
    const { hangUp } = await talk();
    const network = await signIn(operator, options);
    await network.getByText('connected', { exact: true }).first().waitFor();
    await look(network, 'overview');
    await hangUp();
    for (const view of ['Applications', 'Numbers', 'Calls']) {
      await show(network, view);
      await network.getByRole('row').nth(1).waitFor();
      await look(network, view);
    }
    await network
      .getByRole('link', { name: /^\d\d \w+ \d\d:/ })
      .first()
      .click();
    await network.getByRole('heading', { name: 'Plan' }).waitFor();
    await look(network, 'call');
    const page = await signIn(token, options);
    for (const view of ['Campaigns', 'Calls', 'Earnings']) {
      await show(page, view);
      await page.waitForLoadState('load');
      await look(page, `publisher-${view}`);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    await look(page, 'sign-in');
  });
});

test('a token that is not known is refused in words, and a page lets no other in', async () => {
  const { page, errors } = await visit(browser, stage.switch.http);
  await page.getByLabel('Access token').fill('nobody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('token').waitFor();
  // The browser itself tells of the 401.
  expect(errors.splice(0)).toHaveLength(1);
  const response = await fetch(stage.switch.http);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(response.headers.get('x-frame-options')).toBe('DENY');
  for (const path of [
    '/pages/..%2fpackage.json',
    '/pages/%2e%2e%2fpackage.json',
    '/pages/',
    '/pages/none.js',
  ])
    expect((await fetch(stage.switch.http + path)).status).toBeOneOf([403, 404]);
});
