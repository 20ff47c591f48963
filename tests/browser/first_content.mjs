// How long each page of the console takes until its first content stands there, from the start of the navigation on.
// CONSOLE: its address with the token; ROUNDS: how often each. Says one line for each page, and fails when the median of
// one is over LIMIT_MS.
import { chromium } from 'playwright-core';

const { CONSOLE, ROUNDS, LIMIT_MS } = process.env;
const origin = new URL(CONSOLE).origin;
const token = CONSOLE.split('#token=')[1];

const ask = async (path) => {
  const answer = await fetch(`${origin}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
};

const { messages: [message] } = await ask('messages?limit=1');
const recipient = message.deliveries[0].recipient;
const pages = [
  ['overview', '#/', '.figures'],
  ['institution', `#/institutions/${recipient}`, '.figures'],
  ['messages', '#/messages', 'tbody tr'],
  ['messages of one institution', `#/messages?institution=${recipient}`, 'tbody tr'],
  ['message', `#/messages/${message.message_id}`, '.timeline li'],
  ['referrals', '#/referrals', 'tbody tr'],
  ['referral', `#/referrals/${message.referral_id}`, 'tbody tr'],
  ['dead letters', '#/dead-letters', '.panel table, .panel .empty:not([role])'],
  ['to see to', '#/follow-up', '.panel table, .panel .empty:not([role])'],
  ['self-test', '#/self-test', 'fieldset label'],
  ['slots', '#/slots', '.panel table, .panel .empty:not([role])'],
  ['indicators', '#/indicators', '.panel table'],
  ['reports', '#/reports', '.filters option:nth-of-type(2)'],
  ['agreements', '#/agreements', '.picture .node'],
  ['audit', '#/audit', '.facts'],
  ['care', '#/care', '.facts'],
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let slow = 0;
try {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  await context.addInitScript((given) => sessionStorage.setItem('relais.token', given), token);
  for (const [name, hash, content] of pages) {
    const took = [];
    for (let round = 0; round < Number(ROUNDS); ++round) {
      const page = await context.newPage();
      await page.goto(`${origin}/console/${hash}`, { waitUntil: 'commit' });
      const there = await page.waitForFunction((selector) => document.querySelector(selector) && performance.now(), content, { timeout: 60_000 });
      took.push(Math.round(await there.jsonValue()));
      await page.close();
    }
    took.sort((a, b) => a - b);
    const median = took[took.length >> 1];
    if (median > Number(LIMIT_MS)) ++slow;
    console.log(JSON.stringify({ page: name, median_ms: median, worst_ms: took.at(-1) }));
  }
  const page = await context.newPage();
  await page.goto(`${origin}/console/#/audit`);
  const began = Date.now();
  await page.waitForSelector('.state.green:has-text("whole")', { timeout: 600_000 });
  console.log(JSON.stringify({ page: 'audit, the whole chain checked', ms: Date.now() - began, records: (await ask('status')).position }));
} finally {
  await browser.close();
}
process.exit(slow === 0 ? 0 : 1);
