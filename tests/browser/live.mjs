// Whether the pages keep up with a busy broker. Each that lists or charts something is watched: how long it was stuck at most
// (nothing in it could move), and how long the broker took at most to answer what it asked. Those that tell what happens now,
// also for how long what they say stood still, and how fast the broker says it is. CONSOLE: address with the token; WATCH_S:
// seconds for a page that tells what happens now; GLANCE_S: for another; STILL_MS: fails when one of these is longer; RATE:
// messages a second that are sent meanwhile.
import { chromium } from 'playwright-core';

const { CONSOLE, WATCH_S, GLANCE_S, STILL_MS, RATE } = process.env;
const origin = new URL(CONSOLE).origin;
const token = CONSOLE.split('#token=')[1];

const ask = async (path) => {
  const answer = await fetch(`${origin}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
};

const { institutions } = await ask('overview');
const busy = institutions.reduce((most, one) => (one.real.delivered > most.real.delivered ? one : most));
const { messages: [message] } = await ask('messages?limit=1');
const { agreements: [agreement] } = await ask('agreements');
const listed = '.panel table, .panel .empty:not([role])';
// What the traffic changes, not what a clock changes, where there is such a thing.
const pages = [
  ['overview', '#/', '.figures', true],
  ['institution', `#/institutions/${busy.id}`, '.panel:last-child > .facts', true],
  ['messages', '#/messages', 'tbody tr'],
  ['messages of one institution', `#/messages?institution=${busy.id}`, 'tbody tr'],
  ['message', `#/messages/${message.message_id}`, '.timeline li'],
  ['referrals', '#/referrals', 'tbody tr'],
  ['referral', `#/referrals/${message.referral_id}`, 'tbody tr'],
  ['dead letters', '#/dead-letters', listed],
  ['to see to', '#/follow-up', listed],
  ['self-test', '#/self-test', 'fieldset label'],
  ['slots', '#/slots', listed],
  ['indicators', '#/indicators', '.panel table'],
  ['reports', `#/reports?agreement=${agreement.id}`, listed],
  ['agreements', '#/agreements', '.picture .node'],
  ['audit', '#/audit', 'tbody tr'],
  ['accounts', '#/accounts', listed],
  ['care', '#/care', '.facts'],
];

/// In the page itself, for so long: how often `watched` says something else, how long it stood still, how long the page was stuck.
const watch = ([seconds, watched]) => new Promise((tell) => {
  const says = () => document.querySelector(watched)?.innerText;
  let [changes, still, stuck, looked, last, text] = [0, 0, 0, performance.now(), performance.now(), says()];
  const end = last + seconds * 1000;
  const timer = setInterval(() => {
    const now = performance.now();
    still = Math.max(still, now - last);
    stuck = Math.max(stuck, now - looked);
    looked = now;
    if (says() !== text) {
      text = says();
      last = now;
      ++changes;
    }
    if (now < end) return;
    clearInterval(timer);
    tell({ changes, still: Math.round(still), stuck: Math.round(stuck) });
  }, 50);
});

/// How long the broker took at most to answer what the page asked, those included that it has not answered.
function answers(page) {
  const asked = new Map();
  let longest = 0;
  const over = (request) => {
    if (asked.has(request)) longest = Math.max(longest, Date.now() - asked.get(request));
    asked.delete(request);
  };
  page.on('request', (request) => request.url().includes('/api/v1/') && asked.set(request, Date.now()));
  page.on('requestfinished', over);
  page.on('requestfailed', over);
  return () => {
    [...asked.keys()].forEach(over);
    return longest;
  };
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let late = 0;
try {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  await context.addInitScript((given) => sessionStorage.setItem('relais.token', given), token);
  for (const [name, hash, watched, tellsNow] of pages) {
    const page = await context.newPage();
    const answered = answers(page);
    await page.goto(`${origin}/console/${hash}`, { waitUntil: 'commit' });
    await page.waitForSelector(watched, { timeout: 60_000 });
    const first = (await ask('status')).position;
    const began = Date.now();
    const seen = await page.evaluate(watch, [Number(tellsNow ? WATCH_S : GLANCE_S), watched]);
    const records = (await ask('status')).position - first;
    const said = {
      live: name, messages_per_s: Number(RATE), records_per_s: Math.round((records * 1000) / (Date.now() - began)),
      stuck_at_most_ms: seen.stuck, answered_after_at_most_ms: answered(),
    };
    if (tellsNow) Object.assign(said, { changes: seen.changes, still_at_most_ms: seen.still });
    const worst = Math.max(said.stuck_at_most_ms, said.answered_after_at_most_ms, said.still_at_most_ms ?? 0);
    if (worst > Number(STILL_MS)) ++late;
    console.log(JSON.stringify(said));
    await page.close();
  }
} finally {
  await browser.close();
}
process.exit(late === 0 ? 0 : 1);
