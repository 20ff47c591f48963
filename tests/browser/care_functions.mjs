// What the console does when somebody looks after the broker, or makes a report for an institution.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { open, row, until } from './functions.mjs';

export const panel = (page, title) => page.locator('.panel', { has: page.locator(`h2:text-is("${title}")`) });

/// Fills in who and why, and does it.
export async function sign(page, why) {
  const confirm = page.locator('dialog button[type=submit]');
  assert.ok(await confirm.isDisabled(), 'a name and a reason are asked for');
  await page.fill('dialog label:has-text("Your name") input', 'Camille');
  await page.fill('dialog label:has-text("Why") input', why);
  await confirm.click();
}

/// What the journal says of it.
export async function acted(api, action, why) {
  const { acts } = await api(`audit?action=${action}`);
  assert.deepEqual(acts.filter((act) => act.reason === why).map((act) => act.operator), ['Camille'], action);
}

/// The text of the file that `click` has the browser save.
async function saved(page, click, path) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  await download.saveAs(path);
  return { name: download.suggestedFilename(), text: await readFile(path, 'utf8') };
}

export const careFunctions = {
  async 'a backup is made by name and reason, listed and verified; a folder without backups is told'(given) {
    const { page, api, backups, pictures } = given;
    await open(given, '#/care');
    const care = panel(page, 'Backups');
    await care.locator('input[type=text]').fill(backups);
    await care.locator('button:has-text("List")').click();
    await care.locator('[role=alert]').waitFor();
    await care.locator('button:has-text("Make a backup")').click();
    await sign(page, 'before an update');
    await page.waitForSelector('dialog dd:has-text("KiB"), dialog dd:has-text("MiB")');
    await page.screenshot({ path: join(pictures, 'backup.png') });
    await page.click('dialog button:has-text("Close")');
    await acted(api, 'backup.create', 'before an update');
    await care.locator('tbody tr').waitFor();
    assert.equal(await care.locator('tbody tr').count(), 1);
    await care.locator('button:has-text("Verify")').click();
    await care.locator('.state.green:has-text("whole")').waitFor();
    const { records } = await api(`backups/1?folder=${encodeURIComponent(backups)}`);
    assert.match((await care.locator('tbody').innerText()).replace(/[,\s]/g, ''), new RegExp(`${records}recordsreadandchecked`));
    const unknown = await api(`backups/7?folder=${encodeURIComponent(backups)}`);
    assert.equal(unknown.refused.code, 'backup.unknown');
  },

  async 'what was erased is purged by name and reason'(given) {
    const { page, api } = given;
    await open(given, '#/care');
    await page.click('button:has-text("Purge now")');
    await sign(page, 'a person asked');
    await page.waitForSelector('dialog :text("No file of the store holds a byte of them any more.")');
    await page.click('dialog button:has-text("Close")');
    await acted(api, 'contents.purge', 'a person asked');
  },

  async 'all that stands against a network definition is said at once, and a sound one is put in force after a look at it'(given) {
    const { page, api, stage, pictures } = given;
    await open(given, '#/care');
    const care = panel(page, 'Network definition');
    const { version, authority } = await api('network');
    assert.equal(version, 2);
    await care.locator(`code:text-is("${authority}")`).waitFor();
    await care.locator('input[type=file]').setInputFiles(await stage('network faulty'));
    await care.locator('[role=alert]').waitFor();
    const against = await care.innerText();
    for (const said of [/did not sign it/, /Its version is 2; version 2 is in force/, /directions\[0\]\.to/, /caf-25-rights/]) assert.match(against, said);
    assert.ok(await care.locator('button:has-text("Put version 2 in force")').isDisabled());
    await page.screenshot({ path: join(pictures, 'network-faulty.png'), fullPage: true });
    await care.locator('input[type=file]').setInputFiles(await stage('network sound'));
    await care.locator('.state.green:has-text("sound, signed and newer")').waitFor();
    assert.equal((await api('network')).version, 2, 'a look changes nothing');
    await care.locator('button:has-text("Put version 3 in force")').click();
    await sign(page, 'a new agreement');
    await page.waitForSelector('dialog :text("It is in force.")');
    await page.click('dialog button:has-text("Close")');
    await until('the new version', async () => /Version\s+3\b/i.test(await care.innerText()));
    await acted(api, 'network.apply', 'a new agreement');
    await care.locator('a:has-text("Who put it in force")').click();
    assert.match(await row(page, 'a new agreement').innerText(), /Camille[^]*version 3/);
  },

  async 'slots say where, when and how much of them is taken, and one institution is picked'(given) {
    const { page, api } = given;
    const { slots } = await api('slots');
    await open(given, '#/slots');
    await page.waitForSelector('tbody tr');
    assert.equal(await page.locator('tbody tr').count(), slots.length);
    assert.match(await row(page, 'Rendez-vous des droits').innerText(), /places free\s+12\s+0 of 12/);
    await page.selectOption('label:has-text("Institution") select', 'cpam-25');
    await page.waitForSelector('text=No institution offers a slot.');
    assert.match(page.url(), /institution=cpam-25/);
  },

  async 'a statement tells the services rendered in the month before, and is saved for a spreadsheet'(given) {
    const { page, api, pictures } = given;
    await open(given, '#/reports');
    await page.selectOption('label:has-text("Agreement") select', 'ccas-caf');
    const from = await page.inputValue('label:has-text("First day") input');
    const until_ = await page.inputValue('label:has-text("Last day") input');
    assert.match(`${from} ${until_}`, /^(\d{4}-\d\d)-01 \1-(28|29|30|31)$/);
    const made = await api(`statement?agreement=ccas-caf&from=${from}&until=${until_}`);
    assert.ok(made.services > 0, JSON.stringify(made).slice(0, 600));
    const statement = panel(page, 'Statement of services');
    await statement.locator('tbody tr').first().waitFor();
    assert.equal(await statement.locator('tbody tr').count(), made.services);
    assert.match(await statement.locator('.facts').innerText(), new RegExp(`Services rendered\\s+${made.services}\\b`, 'i'));
    const file = await saved(page, () => statement.locator('button:has-text("CSV")').click(), join(pictures, 'statement.csv'));
    assert.equal(file.name, `ccas-caf-${from}-${until_}.csv`);
    assert.equal(file.text.trim().split('\r\n').length, made.services + 1);
  },

  async 'what went from one to another is reconciled, saved, and compared with what they noted'(given) {
    const { page, api, pictures } = given;
    await open(given, '#/reports?from=cpam-25&to=ccas-25056');
    const work = panel(page, 'Reconciliation');
    await work.locator('button:has-text("Look")').click();
    await work.locator('tbody tr').first().waitFor();
    await work.locator('button:has-text("CSV")').waitFor();
    const file = await saved(page, () => work.locator('button:has-text("CSV")').click(), join(pictures, 'reconciliation.csv'));
    assert.equal(file.name, 'cpam-25-ccas-25056.csv');
    const [head, ...lines] = file.text.trim().split('\r\n');
    assert.equal(head, 'message_id,kind,exercise,accepted_at,state,at,attempts,reason');
    const ids = lines.map((line) => line.split(',')[0]);
    const { sender, deliveries } = await api('messages/' + ids[0]);
    assert.deepEqual([sender, deliveries[0].recipient], ['cpam-25', 'ccas-25056']);
    const list = join(pictures, 'noted.txt');
    const unknown = '01234567-89ab-cdef-0123-456789abcdef';
    await writeFile(list, [...ids.slice(1), unknown].join('\r\n') + '\r\n');
    await work.locator('input[type=file]').setInputFiles(list);
    await work.locator(`text=${ids.length} ids in the file, 2 differences.`).waitFor();
    assert.match(await row(page, ids[0]).last().innerText(), /the broker/);
    assert.match(await row(page, unknown).innerText(), /the file/);
    // Under another name: Chromium reads no file that changed since it was chosen.
    const other = join(pictures, 'noted-otherwise.txt');
    await writeFile(other, `${ids[0]}\nnonsense\n`);
    await work.locator('input[type=file]').setInputFiles(other);
    await work.locator('[role=alert]:has-text("no message id: 2.")').waitFor();
  },

  async 'evidence about a message is saved, and whoever has the public key alone can check it'(given) {
    const { page, api, stage, pictures } = given;
    const { messages: [message] } = await api('messages?kind=referral_completed&state=delivered&limit=1');
    // The newest records are signed a moment later; until then there is no evidence, and the page says so.
    await until('the signature', async () => (await api(`messages/${message.message_id}/evidence`)).evidence);
    await open(given, `#/messages/${message.message_id}`);
    const path = join(pictures, 'evidence.json');
    const file = await saved(page, () => page.click('button:has-text("Save evidence")'), path);
    assert.equal(file.name, `evidence-${message.message_id}.json`);
    const shown = JSON.parse(await stage(`verify ${path}`));
    assert.equal(shown.verified, true);
    assert.equal(shown.message, message.message_id);
  },
};
