// Whether the pages that tell what happens now keep up with a busy broker: how often what they say changes, how long they
// stand still at most, and how fast the broker says it is. CONSOLE: address with the token; WATCH_S: seconds for each page;
// STILL_MS: fails when a page stands still for longer; RATE: messages a second that are sent meanwhile.
import { chromium } from 'playwright-core';

const { CONSOLE, WATCH_S, STILL_MS, RATE } = process.env;
const origin = new URL(CONSOLE).origin;
const token = CONSOLE.split('#token=')[1];

const ask = async (path) => {
  const answer = await fetch(`${origin}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
};

const { institutions } = await ask('overview');
const busy = institutions.reduce((most, one) => (one.real.delivered > most.real.delivered ? one : most));
// What the traffic changes; not what a clock changes.
const pages = [['overview', '#/', '.figures'], ['institution', `#/institutions/${busy.id}`, '.panel:last-child > .facts']];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let still = 0;
try {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  await context.addInitScript((given) => sessionStorage.setItem('relais.token', given), token);
  for (const [name, hash, watched] of pages) {
    const page = await context.newPage();
    await page.goto(`${origin}/console/${hash}`, { waitUntil: 'commit' });
    await page.waitForSelector(watched, { timeout: 60_000 });
    const first = (await ask('status')).position;
    const began = Date.now();
    const seen = await page.evaluate(([seconds, watched]) => new Promise((tell) => {
      const says = () => document.querySelector(watched)?.innerText;
      let [changes, longest, last, text] = [0, 0, performance.now(), says()];
      const end = last + seconds * 1000;
      const timer = setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        if (says() !== text) {
          text = says();
          last = now;
          ++changes;
        }
        if (now < end) return;
        clearInterval(timer);
        tell({ changes, longest: Math.round(longest) });
      }, 50);
    }), [Number(WATCH_S), watched]);
    const records = (await ask('status')).position - first;
    if (seen.longest > Number(STILL_MS)) ++still;
    console.log(JSON.stringify({
      live: name, messages_per_s: Number(RATE), records_per_s: Math.round((records * 1000) / (Date.now() - began)),
      changes: seen.changes, still_at_most_ms: seen.longest,
    }));
    await page.close();
  }
} finally {
  await browser.close();
}
process.exit(still === 0 ? 0 : 1);
