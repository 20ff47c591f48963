// Drives the console: node drive.mjs pages|functions. CONSOLE: its address with the token; PICTURES: a folder for
// screenshots. Says on standard output what it wants of the stage ("@stop", "@start", "@account ROLE", "@network KIND",
// "@verify FILE"), what passed and what failed,
// and at the end how many.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

import { accessible } from './accessible.mjs';
import { careFunctions } from './care_functions.mjs';
import { functions, PATIENCE_MS } from './functions.mjs';

const { CONSOLE, PICTURES, BACKUPS } = process.env;
const origin = new URL(CONSOLE).origin;
const token = CONSOLE.split('#token=')[1];

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function stage(word) {
  console.log('@' + word);
  return (await lines.next()).value;
}

async function api(path, body) {
  const init = { headers: { Authorization: `Bearer ${token}` } };
  if (body) Object.assign(init, { method: 'POST', body: JSON.stringify(body) }, { headers: { ...init.headers, 'Content-Type': 'application/json' } });
  const answer = await fetch(`${origin}/api/v1/${path}`, init);
  return answer.json();
}

let passed = 0;
const failed = [];
async function check(name, what) {
  const began = Date.now();
  try {
    await what();
    passed += 1;
    console.log(`passed ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (failure) {
    failed.push(name);
    console.log(`FAILED ${name}\n${failure.stack ?? failure}`);
  }
}

/// A tab whose every fault is remembered: errors in its console, requests to anybody but the broker.
async function tab(browser, { language, width, dark }) {
  const context = await browser.newContext({
    locale: language === 'fr' ? 'fr-FR' : 'en-GB', timezoneId: 'Europe/Paris',
    viewport: { width, height: width < 700 ? 844 : 900 }, colorScheme: dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin + '/')) faults.push('asked ' + request.url());
  });
  return { context, page, faults };
}

async function settled(page) {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => !document.querySelector('main [role=status].empty'));
}

/// The pages as they are for whoever comes to them: accessible, whole at this width, and a picture of each.
async function look(browser, pages, view) {
  const name = `${view.language}-${view.width}`;
  const { context, page, faults } = await tab(browser, view);
  await page.goto(CONSOLE);
  for (const [title, hash, ready] of pages) {
    await check(`${title} ${name}`, async () => {
      await page.goto(`${origin}/console/${hash}`);
      await settled(page);
      if (ready) await page.waitForSelector(ready);
      assert.equal(await page.getAttribute('html', 'lang'), view.language);
      await accessible(page);
      await page.screenshot({ path: join(PICTURES, `${title}-${name}.png`), fullPage: true });
    });
  }
  await check(`no fault in the browser's console, nobody else asked ${name}`, () => assert.deepEqual(faults, []));
  await context.close();
}

async function lookAtPages(browser) {
  const { messages } = await api('messages?kind=referral_requested&state=delivered&limit=1');
  const { dead_letters } = await api('dead-letters');
  const pages = [
    ['overview', '#/', '.figures'],
    ['institution', '#/institutions/cpam-25', '.figures'],
    // Of one kind: every message of the traffic would come on top while axe looks.
    ['messages', '#/messages?kind=referral_requested', 'tbody tr'],
    ['message', `#/messages/${dead_letters[0].message_id}`, '.timeline li'],
    ['referrals', '#/referrals', 'tbody tr'],
    ['referral', `#/referrals/${messages[0].referral_id}`, 'tbody tr'],
    ['dead-letters', '#/dead-letters', '.row-buttons'],
    ['follow-up', '#/follow-up', '.panel:nth-child(3) .facts'],
    ['self-test', '#/self-test', 'fieldset label:nth-of-type(4)'],
    ['slots', '#/slots', 'tbody tr'],
    ['reports', '#/reports?agreement=ccas-caf', 'tbody tr'],
    ['care', '#/care', '.panel:nth-child(3) button'],
    ['indicators', '#/indicators', '.shares .bars li'],
    ['agreements', '#/agreements', '.picture .node'],
    ['audit', '#/audit', 'tbody tr'],
  ];
  await Promise.all([
    (async () => {
      await look(browser, pages, { language: 'en', width: 1280, dark: false });
      await look(browser, pages, { language: 'fr', width: 390, dark: true });
    })(),
    (async () => {
      await look(browser, pages, { language: 'fr', width: 1280, dark: true });
      await look(browser, pages, { language: 'en', width: 390, dark: false });
    })(),
  ]);
}

async function useFunctions(browser) {
  for (const [name, what] of Object.entries({ ...functions, ...careFunctions })) {
    await check(name, async () => {
      const { context, page, faults } = await tab(browser, { language: 'en', width: 1280 });
      await what({ page, api, stage, origin, address: CONSOLE, token, pictures: PICTURES, backups: BACKUPS, faults });
      await context.close();
    });
  }
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  await { pages: lookAtPages, functions: useFunctions }[process.argv[2]](browser);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
