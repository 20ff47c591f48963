// Drives the console: node drive.mjs pages|functions. CONSOLE: its address with the token; PICTURES: a folder for
// screenshots. Says on standard output what it wants of the stage ("@stop", "@start", "@account ROLE [INSTITUTION]", "@network KIND",
// "@verify FILE"), what passed and what failed,
// and at the end how many.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

import { accessible } from './accessible.mjs';
import { accountFunctions, signIn } from './account_functions.mjs';
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

const SIGN_IN = {
  en: { name: 'Name', password: 'Password', code: 'Code of the telephone' },
  fr: { name: 'Nom', password: 'Mot de passe', code: 'Code du téléphone' },
};

/// Where one signs in, and the one page of a partner, who comes by it.
async function lookAsPartner(browser, view) {
  const name = `${view.language}-${view.width}`;
  const { context, page, faults } = await tab(browser, view);
  await check(`sign-in ${name}`, async () => {
    await page.goto(`${origin}/console/`);
    await page.waitForSelector('form.panel');
    assert.equal(await page.getAttribute('html', 'lang'), view.language);
    await accessible(page);
    await page.screenshot({ path: join(PICTURES, `sign-in-account-${name}.png`), fullPage: true });
    await signIn(page, SIGN_IN[view.language], { name: 'partner', password: 'not the password' });
    await page.waitForSelector('form.panel [role=alert]');
    await accessible(page);
  });
  await check(`delivery-log ${name}`, async () => {
    await signIn(page, SIGN_IN[view.language], { name: 'partner', password: 'the password of partner' });
    await page.waitForSelector('.who:has-text("partner, cpam-25")');
    await page.waitForSelector('tbody tr');
    await settled(page);
    assert.equal(await page.locator('nav a').count(), 0, 'no other page is offered');
    const entries = await page.locator('tbody tr').allInnerTexts();
    assert.ok(entries.every((entry) => entry.includes('cpam-25')), entries.find((entry) => !entry.includes('cpam-25')));
    await accessible(page);
    await page.screenshot({ path: join(PICTURES, `delivery-log-${name}.png`), fullPage: true });
  });
  // Chromium reports each answer of 401: who comes is nobody yet, and then types a wrong password.
  await check(`no other fault in the partner's console ${name}`, () => assert.deepEqual(faults.filter((fault) => !/status of 401/.test(fault)), []));
  await context.close();
}

async function lookAtPages(browser) {
  await stage('account partner cpam-25');
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
    ['accounts', '#/accounts', '.row-buttons'],
  ];
  const views = {
    wide: { language: 'en', width: 1280, dark: false }, narrow: { language: 'fr', width: 390, dark: true },
    wideFrench: { language: 'fr', width: 1280, dark: true }, narrowEnglish: { language: 'en', width: 390, dark: false },
  };
  await Promise.all([
    (async () => {
      await look(browser, pages, views.wide);
      await look(browser, pages, views.narrow);
    })(),
    (async () => {
      await look(browser, pages, views.wideFrench);
      await look(browser, pages, views.narrowEnglish);
    })(),
  ]);
  // One after another: wrong passwords of one account make it wait.
  for (const view of Object.values(views)) await lookAsPartner(browser, view);
}

async function useFunctions(browser) {
  for (const [name, what] of Object.entries({ ...functions, ...careFunctions, ...accountFunctions })) {
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
