// People sign in by a provider of identities on another site, and out again: node sign_in.mjs. CONSOLE: the console's address;
// PICTURES: a folder for screenshots.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { accessible } from './accessible.mjs';
import { PATIENCE_MS } from './functions.mjs';

const { CONSOLE, PICTURES } = process.env;

async function come(browser, locale, width, colorScheme) {
  const context = await browser.newContext({ locale, viewport: { width, height: 900 }, colorScheme, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(CONSOLE);
  return page;
}

/// The page with the button, with or without a sentence of why one was not let in.
async function look(page, name) {
  await page.waitForSelector('a.button');
  await accessible(page);
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await come(browser, 'en-GB', 1280, 'light');
  await look(page, 'sign-in-en-1280');
  await page.click('text=Sign in with ProConnect');
  await page.click('text=camille');
  await page.waitForSelector('.who:has-text("camille@ccas.example, operator")');
  await page.reload();
  await page.waitForSelector('.who:has-text("camille@ccas.example, operator")');
  await page.click('text=Sign out');
  await page.click('button[value=yes]');
  await page.waitForSelector('a.button');
  assert.ok(page.url().startsWith(CONSOLE), page.url());

  const french = await come(browser, 'fr-FR', 390, 'dark');
  await french.click('text=Se connecter avec ProConnect');
  await french.click('text=unknown');
  await french.waitForSelector('[role=alert]:has-text("ProConnect vous connaît, mais personne ne vous a donné de rôle ici.")');
  await look(french, 'sign-in-refused-fr-390');
  await french.goto(`${CONSOLE}#/?refused=constructor`);
  await french.reload();
  await french.waitForSelector('a.button');
  assert.equal(await french.locator('[role=alert]').count(), 0, 'a fault that nobody knows');
} finally {
  await browser.close();
}
