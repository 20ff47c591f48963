// What the console does with those who may use it: accounts, codes of a telephone, a partner's page; and the quiet before an
// upgrade.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';

import { acted, panel, sign } from './care_functions.mjs';
import { open, row, until } from './functions.mjs';

const PASSWORD = 'cheval correct agrafe';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/// What a telephone shows (RFC 6238); `steps` half minutes later.
function totp(secret, steps = 0) {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/// Types it all into the page where one signs in, and waits for what the broker says.
export async function signIn(page, words, { name, password, code = '' }) {
  await page.waitForSelector('form.panel');
  await page.fill(`label:has-text("${words.name}") input`, name);
  await page.fill(`form.panel label:has-text("${words.password}") input`, password);
  await page.fill(`label:has-text("${words.code}") input`, code);
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/login') && answer.request().method() === 'POST');
  await page.click('form.panel button[type=submit]');
  await answered;
  // What was typed is gone then.
  await page.waitForFunction(() => !document.querySelector('form.panel button[type=submit][disabled]'));
}

const ENGLISH = { name: 'Name', password: 'Password', code: 'Code of the telephone' };

/// Somebody else's browser.
async function elsewhere({ page, origin }, what) {
  const context = await page.context().browser().newContext({ locale: 'en-GB' });
  const other = await context.newPage();
  other.setDefaultTimeout(180_000);
  await other.goto(`${origin}/console/`);
  await what(other);
  await context.close();
}

const change = (page, name, what) => row(page, name).locator(`button:text-is("${what}")`).click();
const done = (page) => page.click('dialog button:has-text("Close")');

export const accountFunctions = {
  async 'an account is made with a second factor, and its person signs in with the code of the telephone'(given) {
    const { page, api, pictures } = given;
    await open(given, '#/accounts');
    await page.click('button:has-text("New account")');
    await page.fill('dialog label:has-text("Name of the account") input', 'sacha');
    await page.selectOption('dialog label:has-text("Role") select', 'operator');
    await page.fill('dialog label:has-text("New password") input', PASSWORD);
    await sign(page, 'Sacha joins us');
    const address = await page.locator('dialog code:has-text("otpauth://")').innerText();
    await page.screenshot({ path: join(pictures, 'account-made.png') });
    await done(page);
    const secret = /secret=([A-Z2-7]+)/.exec(address)[1];
    assert.match(await row(page, 'sacha').innerText(), /operator[^]*yes[^]*may log in/);
    await acted(api, 'account.add', 'Sacha joins us');

    await elsewhere(given, async (other) => {
      await signIn(other, ENGLISH, { name: 'sacha', password: PASSWORD });
      await other.waitForSelector('[role=alert]');
      await signIn(other, ENGLISH, { name: 'sacha', password: PASSWORD, code: totp(secret, 60) });
      await other.waitForSelector('[role=alert]');
      const code = totp(secret);
      await signIn(other, ENGLISH, { name: 'sacha', password: PASSWORD, code: `${code.slice(0, 3)} ${code.slice(3)}` });
      await other.waitForSelector('.who:has-text("sacha, operator")');
      await page.waitForSelector('tr:has-text("sacha") td[data-name="Sessions"]:has-text("1")');
      await change(page, 'sacha', 'End the sessions');
      await sign(page, 'a lost telephone');
      await page.waitForSelector('dialog :text("It is in force.")');
      await done(page);
      await other.waitForSelector('form.panel');
    });
    await acted(api, 'account.sign_out', 'a lost telephone');
  },

  async 'an account gets another role, password and second factor, is disabled, and goes; each stands in the audit'(given) {
    const { page, api } = given;
    await api('accounts', { operator: 'Camille', reason: 'begins', name: 'noor', role: 'observer', password: PASSWORD });
    await open(given, '#/accounts');
    await change(page, 'noor', 'Change the role');
    await page.selectOption('dialog label:has-text("Role") select', 'auditor');
    await sign(page, 'controls us now');
    await page.waitForSelector('dialog :text("It is in force.")');
    await done(page);
    await page.waitForSelector('tr:has-text("noor"):has-text("auditor")');
    await change(page, 'noor', 'Set a password');
    await page.fill('dialog label:has-text("New password") input', 'another phrase, longer');
    await sign(page, 'forgotten');
    await page.waitForSelector('dialog :text("It is in force.")');
    await done(page);
    await change(page, 'noor', 'Reset the second factor');
    await sign(page, 'a telephone');
    await page.waitForSelector('dialog code:has-text("otpauth://")');
    await done(page);
    await change(page, 'noor', 'Reset the second factor');
    await page.check('dialog label:has-text("no second factor any more") input');
    await sign(page, 'no telephone');
    await page.waitForSelector('dialog :text("It is in force.")');
    await done(page);
    await elsewhere(given, async (other) => {
      await signIn(other, ENGLISH, { name: 'noor', password: 'another phrase, longer' });
      await other.waitForSelector('.who:has-text("noor, auditor")');
      await change(page, 'noor', 'Disable');
      await sign(page, 'on leave');
      await page.waitForSelector('dialog :text("It is in force.")');
      await done(page);
      await other.waitForSelector('form.panel');
      await signIn(other, ENGLISH, { name: 'noor', password: 'another phrase, longer' });
      await other.waitForSelector('[role=alert]');
    });
    await page.waitForSelector('tr:has-text("noor") .state:has-text("disabled")');
    await change(page, 'noor', 'Enable');
    await sign(page, 'back again');
    await page.waitForSelector('dialog :text("It is in force.")');
    await done(page);
    await change(page, 'noor', 'Remove');
    await sign(page, 'has left');
    await page.waitForSelector('dialog :text("It is in force.")');
    await done(page);
    await until('the account to be gone', async () => (await row(page, 'noor').count()) === 0);
    await page.goto(`${given.origin}/console/#/audit`);
    for (const [action, why] of [['role', 'controls us now'], ['password', 'forgotten'], ['second_factor', 'a telephone'],
      ['second_factor', 'no telephone'], ['disable', 'on leave'], ['enable', 'back again'], ['remove', 'has left']]) {
      await acted(api, `account.${action}`, why);
      assert.match(await row(page, why).innerText(), /Camille[^]*account noor/);
    }
  },

  async 'the broker is drained by name and reason, says when nothing is in flight, and takes messages again'(given) {
    const { page, api, origin, pictures } = given;
    const ready = async () => (await fetch(`${origin}/ready`)).status;
    await open(given, '#/care');
    const drain = panel(page, 'Before an upgrade');
    await drain.locator('.state.green:has-text("messages are taken")').waitFor();
    assert.equal(await ready(), 200);
    await drain.locator('button:has-text("Drain")').click();
    await sign(page, 'a new version');
    await page.waitForSelector('dialog :text("The broker takes nothing new.")');
    await done(page);
    assert.equal(await ready(), 503);
    await drain.locator('.state.amber:has-text("draining")').waitFor();
    await drain.locator('.state.green:has-text("nothing is in flight")').waitFor();
    await page.screenshot({ path: join(pictures, 'drained.png'), fullPage: true });
    await drain.locator('button:has-text("Take messages again")').click();
    await sign(page, 'not today');
    await page.waitForSelector('dialog :text("The broker takes messages again.")');
    await done(page);
    await drain.locator('.state.green:has-text("messages are taken")').waitFor();
    assert.equal(await ready(), 200);
    await acted(api, 'broker.drain', 'a new version');
    await acted(api, 'broker.drain_end', 'not today');
  },
};
