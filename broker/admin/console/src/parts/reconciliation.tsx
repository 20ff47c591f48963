// What one institution sent to another and what became of it, to be compared with what each of them has noted.
import { useState } from 'preact/hooks';
import { ask, query, type Refusal } from '../api';
import { dateTime, named, number, useWords } from '../language';
import type { Chosen, Given } from '../pages/reports';
import { link } from '../router';
import type { Delivery, Message, MessagePage } from '../types';
import { csv, save } from './file';
import { Choice, TimeField, useInstitutions } from './filters';
import { Facts, Id, Panel, Refused, Table } from './page';
import { Exercise, State } from './signals';

const PAGE = 500;
const SHOWN = 100; // the file has all

interface Line {
  message: Message;
  delivery: Delivery;
}

interface Found {
  asked: Given;
  lines: Line[];
  over: boolean;
  refused?: Refusal;
}

const ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/// The ids one of the two has noted, one on each line, as the broker writes them; or the lines that are none.
function idsIn(text: string): { ids: Set<string>; wrong: number[] } {
  const ids = new Set<string>();
  const wrong: number[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const digits = line.replace(/-/g, '').toLowerCase();
    if (!line) return;
    if (ID.test(line)) ids.add(digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
    else wrong.push(i + 1);
  });
  return { ids, wrong };
}

/// Asks for page after page, from the newest back.
async function gather(asked: Given, show: (found: Found) => boolean) {
  let lines: Line[] = [];
  let next: number | null = null;
  do {
    const answer = await ask<MessagePage>(`messages${query({
      institution: asked.from, from: asked.since, until: asked.until, limit: PAGE, next,
    })}`);
    if (!('data' in answer)) return void show({ asked, lines, over: true, refused: 'refused' in answer ? answer.refused : undefined });
    const page = answer.data as MessagePage;
    lines = [...lines, ...page.messages.filter((message) => message.sender === asked.from).flatMap((message) =>
      message.deliveries.filter((delivery) => delivery.recipient === asked.to).map((delivery) => ({ message, delivery })))];
    next = page.next;
    if (!show({ asked, lines, over: next === null })) return;
  } while (next !== null);
}

function saveAsCsv({ asked, lines }: Found) {
  save(`${asked.from}-${asked.to}.csv`, 'text/csv',
    csv(',', ['message_id', 'kind', 'exercise', 'accepted_at', 'state', 'at', 'attempts', 'reason'],
      [...lines].reverse().map(({ message, delivery }) => [
        message.message_id, message.kind, message.exercise, message.at, delivery.state, delivery.at, delivery.attempts, delivery.reason,
      ])));
}

function Compared({ lines }: { lines: Line[] }) {
  const w = useWords();
  const [file, read] = useState<ReturnType<typeof idsIn>>();
  const [unreadable, say] = useState(false);
  const here = new Set(lines.map(({ message }) => message.message_id));
  const apart = file ? [
    ...[...here].filter((id) => !file.ids.has(id)).map((id) => ({ id, only: w.only_broker })),
    ...[...file.ids].filter((id) => !here.has(id)).map((id) => ({ id, only: w.only_file })),
  ] : [];
  return (
    <>
      <label>{w.compare}<input type="file" onChange={async (event) => {
        const chosen = event.currentTarget.files?.[0];
        const text = await chosen?.text().catch(() => undefined);
        say(!!chosen && text === undefined);
        read(text === undefined ? undefined : idsIn(text));
      }} /></label>
      {unreadable && <p class="refused" role="alert">{w.file_unreadable}</p>}
      {file && file.wrong.length > 0 && <p class="refused" role="alert">{w.compare_wrong(file.wrong.slice(0, 20).join(', '))}</p>}
      {file && file.wrong.length === 0 && (
        <>
          <p role="status">{w.compared(number(file.ids.size), number(apart.length))}</p>
          {apart.length > 0 && (
            <Table caption={w.compare} columns={[w.message, w.only]}
              rows={apart.map(({ id, only }) => ({ key: id, cells: [<a href={link(['messages', id])}><code>{id}</code></a>, only] }))} />
          )}
        </>
      )}
    </>
  );
}

function Result({ found }: { found: Found }) {
  const w = useWords();
  const counts = new Map<string, number>();
  for (const { delivery, message } of found.lines) {
    const key = `${delivery.state} ${message.exercise}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (
    <>
      {found.refused && <Refused refusal={found.refused} />}
      <p role="status">{found.over ? w.found(number(found.lines.length), false) : w.searching}</p>
      <Facts facts={[...counts].map(([key, count]) => {
        const [state, exercise] = key.split(' ') as [string, string];
        return [named(w.states, state) + (exercise === 'true' ? ` (${w.exercise})` : ''), number(count)];
      })} />
      <Table caption={w.reconciliation} columns={[w.at, w.message, w.kind, w.state, w.since, w.attempts, w.reason]} right={[5]}
        rows={found.lines.slice(0, SHOWN).map(({ message, delivery }) => ({
          key: message.message_id,
          cells: [
            dateTime(message.at),
            <Id id={message.message_id} href={link(['messages', message.message_id])} />,
            <>{named(w.kinds, message.kind)} <Exercise is={message.exercise} /></>,
            <State code={delivery.state} names={w.states} />,
            dateTime(delivery.at),
            number(delivery.attempts),
            delivery.reason ? <code>{delivery.reason}</code> : '–',
          ],
        }))} />
      {found.lines.length > SHOWN && <p class="note">{w.newest_of(number(SHOWN))}</p>}
      {found.over && !found.refused && (
        <>
          {found.lines.length > 0 && <button type="button" class="quiet" onClick={() => saveAsCsv(found)}>{w.save_csv}</button>}
          <Compared lines={found.lines} />
        </>
      )}
    </>
  );
}

export function ReconciliationPanel({ given, set }: Chosen) {
  const w = useWords();
  const institutions = useInstitutions();
  const [found, show] = useState<Found>();
  const same = (asked: Given) => (['from', 'to', 'since', 'until'] as const).every((name) => asked[name] === given[name]);
  const working = !!found && !found.over && same(found.asked);
  const begin = () => {
    let current = { asked: given, lines: [], over: false } as Found;
    show(current);
    void gather(given, (more) => {
      let wanted = true;
      // Who asked for something else since wants no more of this.
      show((now) => {
        wanted = now === current;
        return wanted ? more : now;
      });
      current = more;
      return wanted;
    });
  };
  return (
    <Panel title={w.reconciliation} note={w.reconciliation_note} wide>
      <form class="filters" onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}>
        <Choice name={w.sender} value={given.from} options={institutions} any={w.choose_one} change={set('from')} />
        <Choice name={w.recipient} value={given.to} options={institutions} any={w.choose_one} change={set('to')} />
        <TimeField name={w.from} value={given.since} change={set('since')} />
        <TimeField name={w.to} value={given.until} change={set('until')} />
        <button type="submit" disabled={!given.from || !given.to || working}>{w.reconcile}</button>
      </form>
      {found && same(found.asked) && <Result found={found} />}
    </Panel>
  );
}
