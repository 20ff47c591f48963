// What the console does when somebody uses it. Names are sentences.
import assert from 'node:assert/strict';
import { join } from 'node:path';

export const row = (page, text) => page.locator('tbody tr', { hasText: text });
const figure = (page, name) => page.locator('.figure', { hasText: name }).locator('strong');

export async function open({ page, address, origin }, hash = '#/') {
  await page.goto(address);
  await page.waitForSelector('.figures');
  if (hash !== '#/') await page.goto(`${origin}/console/${hash}`);
}

// Costs nothing where all goes well: a machine with fifty programs on two cores was seen to need more than a minute for a page.
export const PATIENCE_MS = 180_000;

export async function until(what, condition) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await condition();
    if (seen) return seen;
    if (Date.now() > end) assert.fail(`${what} did not happen`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

export const functions = {
  async 'nobody sees anything without the token, and a wrong one is told'({ page, origin, token }) {
    await page.goto(`${origin}/console/#/messages`);
    await page.fill('input[type=password]', 'abc');
    await page.click('button[type=submit]');
    await page.waitForSelector('[role=alert]');
    await page.fill('input[type=password]', '0'.repeat(64));
    const told = page.waitForResponse((answer) => answer.status() === 401);
    await page.click('button[type=submit]');
    await told;
    await page.waitForSelector('input[type=password]');
    assert.equal(await page.locator('table').count(), 0);
    await page.fill('input[type=password]', token);
    await page.click('button[type=submit]');
    await page.waitForSelector('tbody tr');
    await page.click('text=Sign out');
    await page.waitForSelector('input[type=password]');
  },

  async 'a late answer to somebody who is gone signs out nobody who came since'({ page, origin, token }) {
    await page.goto(`${origin}/console/#/`);
    await page.waitForSelector('input[type=password]');
    let release;
    const released = new Promise((done) => (release = done));
    let held = 0;
    await page.route('**/api/v1/session', async (route) => {
      held += 1;
      if (held === 1) await released;
      await route.continue();
    });
    await page.fill('input[type=password]', 'f'.repeat(64));
    await page.click('button[type=submit]');
    await until('the wrong token on its way', async () => held === 1);
    await page.fill('input[type=password]', token);
    await page.click('button[type=submit]');
    await page.waitForSelector('.figures');
    const late = page.waitForResponse((answer) => answer.status() === 401);
    release();
    await (await late).finished();
    // The page goes on asking, as the one who is here.
    const next = await page.waitForResponse((answer) => answer.url().endsWith('/api/v1/overview'));
    assert.ok(next.ok() || next.status() === 304);
    assert.equal(await page.locator('input[type=password]').count(), 0);
    assert.ok(await page.locator('.figures').isVisible());
  },

  async 'the token leaves the address at once'(given) {
    await open(given);
    assert.ok(!given.page.url().includes('token'));
  },

  async 'the language is remembered'(given) {
    await open(given);
    const { page } = given;
    await page.click('button:has-text("Français")');
    await page.waitForSelector("h1:has-text(\"Vue d'ensemble\")");
    await page.reload();
    await page.waitForSelector("h1:has-text(\"Vue d'ensemble\")");
  },

  async 'the overview says which institution is in trouble and why'(given) {
    await open(given);
    const { page, api } = given;
    const waits = row(page, 'Département');
    await until('a red light', async () => (await waits.innerText()).includes('Act'));
    assert.match(await waits.innerText(), /no adapter connected/);
    assert.match(await waits.innerText(), /no adapter has been there for \d/);
    assert.match(await row(page, 'CPAM').innerText(), /dead letters/);
    const { totals } = await api('overview');
    assert.equal(await figure(page, 'dead letters').innerText(), String(totals.real.dead));
    assert.ok(totals.exercise.sent > 0);
    await page.waitForSelector('h2:has-text("Exercises")');
  },

  async 'the overview is live'(given) {
    await open(given);
    const { page } = given;
    const position = () => page.locator('.facts > div', { hasText: 'Journal position' }).locator('dd').innerText();
    const before = await position();
    await until('another position', async () => (await position()) !== before);
  },

  async 'a message is found by its own id, by its referral and by its case'(given) {
    const { page, api, origin } = given;
    const { messages: [message] } = await api('messages?kind=referral_completed&limit=1');
    await open(given, '#/messages');
    const find = async (id) => {
      await page.goto(`${origin}/console/#/messages`);
      await page.fill('form.find input', id);
      await page.click('form.find button');
    };
    await find(message.message_id);
    await page.waitForSelector('.timeline');
    assert.match(await page.locator('main').innerText(), new RegExp(message.message_id));
    await find(message.referral_id.replace(/-/g, ''));
    await page.waitForSelector('h2:has-text("Its messages, in order")');
    await page.waitForSelector('tbody tr:has-text("referral requested")');
    await find(message.case_id);
    await until('the messages of the case', async () => page.url().includes(message.case_id));
    await page.waitForSelector('text=Searched to the end.');
    assert.ok((await page.locator('tbody tr').count()) > 5);
    await find('nonsense');
    await page.waitForSelector('text=An id is 32 hexadecimal digits');
    await find('0123456789abcdef0123456789abcdef');
    await page.waitForSelector('text=The broker knows nothing with this id.');
  },

  async 'a search with very many hits answers with its first page and says so'(given) {
    await open(given, '#/messages');
    const { page } = given;
    // The traffic goes on, and what is new comes on top.
    const shown = async (least) => {
      await page.waitForSelector('text=/The first \\d+; there may be more/');
      return (await page.locator('tbody tr').count()) >= least;
    };
    await until('a screenful', () => shown(50));
    await page.click('button:has-text("Show more")');
    await until('another one', () => shown(100));
    await page.selectOption('label:has-text("State") select', 'dead');
    await page.waitForSelector('text=Searched to the end.');
    assert.match(page.url(), /state=dead/);
  },

  async 'a new message comes on top of those that are shown, without reloading'(given) {
    await open(given, '#/messages');
    const { page } = given;
    await page.waitForSelector('text=/The first \\d+; there may be more/');
    const ids = () => page.locator('tbody td:nth-child(2) a').evaluateAll((links) => links.map((link) => link.title));
    const before = await ids();
    let after;
    await until('a new one', async () => (after = await ids())[0] !== before[0]);
    const at = after.indexOf(before[0]);
    assert.deepEqual(after.slice(at, at + before.length), before, 'what was shown stays');
    assert.equal(new Set(after).size, after.length, 'each one once');
  },

  async 'messages are found by the agreement that they were accepted under'(given) {
    const { page, api } = given;
    const { agreements } = await api('agreements');
    const { messages } = await api('messages?limit=500');
    const { id, name } = agreements.find((one) => messages.some(({ agreement }) => agreement === one.id));
    await open(given, '#/messages');
    await page.selectOption('label:has-text("Agreement") select', { label: name });
    await until('the choice', () => new RegExp(`agreement=${id}`).test(page.url()));
    // What was listed before gives way first.
    await until('a list of those under it', async () => {
      const links = page.locator('tbody tr td:nth-child(2) a');
      const shown = await links.evaluateAll((all) => all.slice(0, 5).map((link) => link.title));
      const found = (await api(`messages?agreement=${id}&limit=500`)).messages.map(({ message_id }) => message_id);
      return shown.length > 0 && shown.every((message) => found.includes(message));
    });
  },

  async 'the timeline of a message tells every attempt and its reason'(given) {
    const { api, page } = given;
    const { dead_letters: [letter] } = await api('dead-letters');
    await open(given, `#/messages/${letter.message_id}`);
    await page.waitForSelector('.timeline li:has-text("given up")');
    assert.match(await page.locator('.timeline').innerText(), /person\.unknown/);
  },

  async 'open referrals have a holder and a deadline, and filters narrow them'(given) {
    await open(given, '#/referrals');
    const { page } = given;
    await page.waitForSelector('tbody tr');
    await page.selectOption('label:has-text("Status") select', 'requested');
    await until('only requested ones', async () => {
      const texts = await page.locator('tbody tr').allInnerTexts();
      return texts.length > 0 && texts.every((text) => text.includes('requested'));
    });
    assert.match(await page.locator('tbody tr').first().innerText(), /in \d+/);
  },

  async 'open referrals that are loaded are sorted by age, too'(given) {
    const { page, api } = given;
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await open(given, '#/referrals');
    await page.waitForSelector('tbody tr');
    await page.selectOption('label:has-text("Sort by") select', 'age');
    await page.waitForSelector('text=Open for longest first');
    assert.match(page.url(), /sort=age/);
    const ids = await page.locator('tbody td:first-child a').evaluateAll((links) => links.map((link) => link.title));
    const opened = await Promise.all(ids.map(async (id) => (await api(`referrals/${id}`)).opened_at));
    assert.ok(opened.length > 5);
    assert.deepEqual(opened, [...opened].sort());
    await page.selectOption('label:has-text("Status") select', 'requested');
    await until('the order kept', async () => /status=requested/.test(page.url()) && /sort=age/.test(page.url()));
    assert.deepEqual(asked.filter((url) => /\/api\/.*sort/.test(url)), [], 'the broker is not asked for it');
  },

  async 'the path of a case is drawn: an arrow for each delivery, a link to its message'(given) {
    const { page, api, pictures } = given;
    const { messages: [{ referral_id, case_id }] } = await api('messages?kind=referral_completed&limit=1');
    await open(given, `#/referrals/${referral_id}`);
    const arrows = page.locator('.journey a');
    let own;
    await until('an arrow for each delivery', async () => {
      const [{ messages }, all] = [await api(`messages?referral=${referral_id}&limit=200`), await api(`messages?case=${case_id}&limit=200`)];
      own = messages;
      const deliveries = new Map([...messages, ...all.messages].map((one) => [one.message_id, one.deliveries.length]));
      return own.length > 2 && (await arrows.count()) === [...deliveries.values()].reduce((sum, n) => sum + n, 0);
    });
    assert.equal(await page.locator('.journey a.own').count(), own.reduce((sum, one) => sum + one.deliveries.length, 0));
    assert.match(await arrows.first().locator('title').textContent(), /^referral requested, .+ → .+, .*\d.*, delivered, this referral/);
    await page.screenshot({ path: join(pictures, 'referral-path.png'), fullPage: true });
    await arrows.first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.timeline');
    assert.ok(page.url().endsWith(own[0].message_id));
  },

  async 'what somebody has to see to is listed, and counted on the overview'(given) {
    const { page, api, pictures } = given;
    const { orphans } = await api('orphans');
    const { requests: [request] } = await api('rights');
    await open(given, '#/follow-up');
    const panel = (title) => page.locator('.panel', { hasText: title });
    await until('every orphan', async () => (await panel('Referrals that nobody moves').locator('tbody tr').count()) === orphans.length);
    for (const { referral_id } of orphans) await page.waitForSelector(`tbody tr a[title="${referral_id}"]`);
    const asked = panel('Requests of persons').locator('tbody tr');
    assert.match(await asked.innerText(), /to know what is held[^]*caf-25[^]*0 answered/);
    assert.equal(await asked.locator('a').first().getAttribute('title'), request.request_id);
    const kept = panel('Contents kept');
    assert.match(await kept.locator('.facts').innerText(), /Kept now\s+[\d.,]+ [KM]iB, of \d+ messages/i);
    assert.ok(await kept.locator('tbody tr').count());
    await page.screenshot({ path: join(pictures, 'follow-up.png'), fullPage: true });
    await page.click('nav a:has-text("Overview")');
    // Counted every 20 seconds.
    await until('the count of orphans', async () => (await figure(page, 'that nobody moves').innerText()) === String(orphans.length));
    const missed = async () => Number(await figure(page, 'with a missed deadline').innerText());
    await until('the missed deadlines', async () => (await missed()) >= orphans.length && (await missed()) === (await api('overview')).open_referrals.overdue);
    await until('the request', async () => /Requests of persons\s+1/.test(await page.locator('.panel', { hasText: 'The details' }).innerText()));
  },

  async 'the indicators are those that may be published, what is hidden is said to be, and a day is told by institution'(given) {
    const { page, api } = given;
    await open(given, '#/indicators');
    await page.waitForSelector('.shares');
    const month = await page.inputValue('label:has-text("Month") select');
    const { breakdowns } = await api('indicators?month=' + month);
    const names = {
      agreement: ({ title }) => title,
      service: ({ name, title }) => title ?? name,
      territory: ({ name }) => `commune ${name}`,
    };
    const titles = breakdowns.find((one) => one.by === 'service').groups.map((group) => group.title);
    assert.ok(titles.includes('Rendez-vous des droits'), 'services are called by their names');
    const told = (group) => {
      const of = (what, codes) => ['total', ...codes].map((code) => group[what][code]);
      return [
        of('referrals', ['connected', 'not_connected', 'rejected', 'ended_otherwise', 'open']),
        of('appointments', ['kept', 'no_show', 'cancelled', 'expected']),
        [group.days_to_decision, group.days_to_appointment, group.days_to_end],
      ].map((values) => values.map((value) => (value === null ? 'hidden' : String(value))));
    };
    const cells = () => page.evaluate(() =>
      [...document.querySelectorAll('.beside table')].map((table) =>
        [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()))));
    assert.deepEqual(breakdowns.map((one) => one.by), Object.keys(names));
    for (const { by, groups, total } of breakdowns) {
      await page.selectOption('label:has-text("By") select', by);
      const rows = [...groups.map((group) => [names[by](group), told(group)]), ['Total', told(total)]];
      const expected = [0, 1, 2].map((table) => rows.map(([name, tables]) => [name, ...tables[table]]));
      await until(`the tables by ${by}`, async () => JSON.stringify(await cells()) === JSON.stringify(expected));
      const drawn = groups.filter((group) => group.referrals.connected).length;
      assert.equal(await page.locator('.beside >> nth=0 >> rect.share.connected:not(.key rect)').count(), drawn);
    }
    const texts = (await cells()).flat(2);
    assert.ok(texts.includes('hidden') && texts.some((text) => /^\d\d$/.test(text)), 'a month with small groups and large ones');
    await page.fill('input[type=date]', `${month}-02`);
    const { institutions } = await api(`digest?day=${month}-02`);
    assert.ok(institutions.some((line) => line.requested > 70));
    const events = ['requested', 'received', 'accepted', 'rejected', 'completed', 'handed_on', 'expired', 'booked', 'no_shows',
      'deadlines_missed', 'dead_letters'];
    const lines = institutions.map((line) => events.map((event) => String(line[event])));
    await until('the day', async () => {
      const shown = await page.evaluate(() => [...document.querySelectorAll('.panel > table tbody tr')].map((row) =>
        [...row.cells].slice(1).map((cell) => cell.innerText.trim())));
      return JSON.stringify(shown) === JSON.stringify(lines);
    });
    assert.match(page.url(), /day=\d{4}-\d\d-02/);
  },

  async 'a self-test shows who answers, and how fast'(given) {
    const { page, api, pictures } = given;
    await open(given, '#/self-test');
    const send = page.locator('button[type=submit]');
    await page.waitForSelector('button:has-text("Send to 4 institutions")');
    assert.ok(await send.isDisabled(), 'a name and a reason are asked for');
    await page.fill('label:has-text("Your name") input', 'Camille');
    await page.fill('label:has-text("Why") input', 'Monday morning');
    await page.uncheck('label:has-text("CCAS") input');
    await page.click('button:has-text("Send to 3 institutions")');
    await page.waitForSelector('text=2 of 3 have answered.');
    for (const id of ['caf-25', 'cpam-25']) assert.match(await row(page, id).innerText(), /delivered\s+[\d,]+ ms/);
    await page.waitForSelector('tbody tr:has-text("stays in the queue until one connects")');
    assert.match(await row(page, 'departement-25').innerText(), /waiting\s+–\s+\d+\s+no adapter connected/);
    await page.screenshot({ path: join(pictures, 'self-test-result.png') });
    const id = decodeURIComponent(page.url().split('/').pop());
    const { institutions } = await api('self-tests/' + id);
    assert.deepEqual(institutions.map((one) => one.institution), ['caf-25', 'cpam-25', 'departement-25']);
    await page.click('text=The message and every step of its way');
    await page.waitForSelector('.timeline li.green');
    await page.goBack();
    await page.click('text=New self-test');
    await page.click('text=Earlier self-tests');
    await page.click(`tbody tr:has-text("Monday morning") a[title="${id}"]`);
    await page.waitForSelector('text=2 of 3 have answered.');
  },

  async 'an institution is paused for a maintenance, with a name and a reason, and delivered to again'(given) {
    const { page, api, pictures } = given;
    const local = (hours) => {
      const at = new Date(Date.now() + hours * 3_600_000);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    };
    await open(given, '#/institutions/departement-25');
    await page.waitForSelector('text=Deliveries are not paused.');
    await page.click('button:has-text("Pause deliveries…")');
    const pause = page.locator('dialog button[type=submit]');
    assert.ok(await pause.isDisabled(), 'an end, a name and a reason are asked for');
    await page.fill('label:has-text("Until") input', local(24 * 8));
    await page.fill('label:has-text("Your name") input', 'Camille');
    await page.fill('label:has-text("Why") input', 'update of their software');
    await pause.click();
    await page.waitForSelector('[role=alert]:has-text("at most 7 days")');
    await page.fill('label:has-text("Until") input', local(3));
    await pause.click();
    await page.waitForSelector('dialog :text("It is in the journal")');
    await page.click('dialog button:has-text("Close")');
    await page.waitForSelector('text=paused: what arrives waits in its queue');
    await page.waitForSelector('.reasons:has-text("under maintenance: deliveries are paused until")');
    assert.doesNotMatch(await page.locator('.reasons').first().innerText(), /no adapter/);
    await page.screenshot({ path: join(pictures, 'institution-paused.png') });
    const [shown] = (await api('pauses')).pauses;
    assert.deepEqual([shown.institution, shown.operator, shown.reason, shown.in_force],
      ['departement-25', 'Camille', 'update of their software', true]);
    await page.goto(`${given.origin}/console/#/`);
    await page.waitForSelector('tbody tr:has-text("under maintenance")');
    await page.goto(`${given.origin}/console/#/institutions/departement-25`);
    await page.click('button:has-text("Deliver again…")');
    await page.fill('label:has-text("Why") input', 'back earlier');
    await page.click('dialog button:has-text("Deliver again now")');
    await page.click('dialog button:has-text("Close")');
    await page.waitForSelector('text=Deliveries are not paused.');
    assert.deepEqual((await api('pauses')).pauses, []);
    const { acts } = await api('audit');
    assert.deepEqual(acts.slice(0, 2).map((act) => [act.action, act.about.institution, act.reason]),
      [['institution.resume', 'departement-25', 'back earlier'], ['institution.pause', 'departement-25', 'update of their software']]);
  },

  async 'agreements are drawn as they are, and one institution can be picked out'(given) {
    const { page, api } = given;
    const { agreements, institutions } = await api('agreements');
    await open(given, '#/agreements');
    await page.waitForSelector('.picture .node');
    const ways = new Set(agreements.flatMap((a) => a.directions.map((d) => `${d.from} ${d.to}`)));
    assert.equal(await page.locator('.picture .node').count(), institutions.length);
    assert.equal(await page.locator('.picture .arrow').count(), ways.size);
    await page.selectOption('select', 'cpam-25');
    await page.waitForSelector('.picture .arrow.faint');
    const shown = agreements.filter((a) => a.directions.some((d) => d.from === 'cpam-25' || d.to === 'cpam-25'));
    assert.equal(await page.locator('tbody tr').count(), shown.length);
  },

  async 'one dead letter is put back, with a name and a reason'(given) {
    const { page, api } = given;
    const { dead_letters: [letter] } = await api('dead-letters');
    await open(given, '#/dead-letters');
    await page.click(`button[aria-label="Put back … ${letter.message_id}"]`);
    const confirm = page.locator('dialog button[type=submit]');
    assert.ok(await confirm.isDisabled());
    await page.fill('dialog label:has-text("Your name") input', 'Camille');
    await page.fill('dialog label:has-text("Why") input', 'their software was repaired');
    await confirm.click();
    await page.waitForSelector('dialog :text("1 done.")');
    await page.click('dialog button:has-text("Close")');
    const { steps } = await api('messages/' + letter.message_id);
    assert.ok(steps.some((step) => step.event === 'requeued' && step.detail === 'Camille: their software was repaired'));
  },

  async 'the audit tells who did what and why, tells news without reloading, and checks the journal to its end'(given) {
    const { page, api } = given;
    await open(given, '#/audit');
    const first = row(page, 'their software was repaired');
    await first.waitFor();
    assert.match(await first.innerText(), /Camille/);
    assert.match(await first.innerText(), /dead letter put back/);
    assert.match(await row(page, 'network definition put in force').first().innerText(), /version 2/);
    await page.waitForSelector('.state.green:has-text("whole")');
    const { dead_letters: [{ recipient, position, ordinal }] } = await api('dead-letters');
    await api('dead-letters/requeue', { operator: 'Dominique', reason: 'once more', recipient, position, ordinal });
    await row(page, 'Dominique').waitFor();
    await page.fill('label:has-text("Who") input', 'Dominique');
    await page.press('label:has-text("Who") input', 'Enter');
    await until('only what Dominique did', async () => {
      const texts = await page.locator('tbody tr').allInnerTexts();
      return texts.length === 1 && texts[0].includes('once more');
    });
    assert.match(page.url(), /operator=Dominique/);
  },

  async 'many are discarded only after a look at what it would do, and everything only when everything is meant'(given) {
    const { page, api, pictures } = given;
    // The one put back dies again: nothing moves any more once it has.
    await until('all dead letters back', async () => {
      const { groups } = await api('dead-letters/reasons');
      return groups.reduce((sum, group) => sum + group.count, 0) >= 9;
    });
    const before = (await api('dead-letters')).dead_letters.length;
    await open(given, '#/dead-letters');
    await page.click('button:has-text("Discard these")');
    await page.waitForSelector(`dialog :text("This would touch ${before} dead letters:")`);
    await page.fill('dialog label:has-text("Your name") input', 'Camille');
    await page.fill('dialog label:has-text("Why") input', 'an end of the test');
    const confirm = page.locator('dialog button[type=submit]');
    assert.ok(await confirm.isDisabled(), 'everything is asked for first');
    await page.screenshot({ path: join(pictures, 'dead-letters-dialog.png') });
    const hasty = await api('dead-letters/many', { action: 'discard', operator: 'Camille', reason: 'in haste' });
    assert.equal(hasty.refused.code, 'filter.everything');
    assert.equal((await api('dead-letters')).dead_letters.length, before, 'neither a look nor a refusal changes anything');
    await page.check('dialog input[type=checkbox]');
    await confirm.click();
    await page.waitForSelector(`dialog :text("${before} done.")`);
    await page.click('dialog button:has-text("Close")');
    await page.waitForSelector('text=There are no dead letters.');
  },

  async 'while the broker is away the page says so, and it goes on when the broker is back'(given) {
    await open(given);
    const { page, stage, pictures } = given;
    await stage('stop');
    await page.waitForSelector('.connection.down');
    assert.match(await page.locator('.connection').innerText(), /Not connected/);
    assert.ok(await page.locator('tbody tr').count(), 'what was known stays');
    await page.screenshot({ path: join(pictures, 'not-connected.png') });
    await stage('start');
    await page.waitForSelector('.connection.up');
    await until('the first minute of the new process', async () =>
      /^\d+ s$/.test(await page.locator('.facts > div', { hasText: 'Running for' }).locator('dd').innerText()));
  },

  async 'who may only look has no buttons, and who logged in acts under no other name'(given) {
    const { page, api, stage, origin } = given;
    const logIn = async (role) => {
      await stage('account ' + role);
      await page.goto(`${origin}/console/#/`);
      await page.fill('label:has-text("Name") input', role);
      await page.fill('form.panel label:has-text("Password") input', `the password of ${role}`);
      await page.click('form.panel button[type=submit]');
      await page.waitForSelector('.figures');
    };
    const { message_id } = await api('self-tests', { operator: 'Camille', reason: 'for the observer', institutions: ['caf-25'] });
    await logIn('observer');
    const menu = await page.locator('nav').innerText();
    assert.match(menu, /Indicators/);
    assert.doesNotMatch(menu, /Self-test|Audit/);
    await page.goto(`${origin}/console/#/self-test`);
    await page.waitForSelector('text=Your role may look at a self-test, but not send one.');
    assert.equal(await page.locator('main button, main input, main a').count(), 0);
    await page.goto(`${origin}/console/#/self-test/${message_id}`);
    await page.waitForSelector('text=1 of 1 have answered.');
    assert.equal(await page.locator('main a:has-text("New self-test")').count(), 0);
    await page.goto(`${origin}/console/#/follow-up`);
    await page.waitForSelector('.panel:nth-child(3) .facts');
    // A busy broker may answer a part of a list, and the page offers the rest.
    assert.equal(await page.locator('main button:not(:text-is("Show more"))').count(), 0);
    await page.goto(`${origin}/console/#/care`);
    await page.waitForSelector('main .facts');
    assert.equal(await page.locator('main button, main input, main a').count(), 0);
    await page.goto(`${origin}/console/#/messages/${message_id}`);
    await page.waitForSelector('.timeline li');
    assert.equal(await page.locator('main button').count(), 0, 'evidence is for those who read the journal');
    await page.click('text=Sign out');
    await page.waitForSelector('form.panel');
    await logIn('operator');
    await page.goto(`${origin}/console/#/self-test`);
    await page.waitForSelector('label:has-text("Why") input');
    assert.equal(await page.locator('label:has-text("Your name")').count(), 0);
    await page.fill('label:has-text("Why") input', 'as myself');
    await page.click('button:has-text("Send to 4 institutions")');
    await page.waitForSelector('text=of 4 have answered.');
    const { acts } = await api('audit?action=connection.test');
    assert.deepEqual(acts.filter((act) => act.reason === 'as myself').map((act) => act.operator), ['operator']);
  },
};
