// Finding messages. The broker walks its journal a stretch at a time; the page asks for the next stretch until it has a
// screenful, or the reader says stop.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, query, type Refusal } from '../api';
import { dateTime, named, number, useWords } from '../language';
import { Choice, KINDS, STATES, useInstitutions } from '../parts/filters';
import { MessageTable } from '../parts/messages';
import { Page, Panel, Refused } from '../parts/page';
import { go, place } from '../router';
import type { Known, Message, MessagePage } from '../types';

const SCREENFUL = 50;

interface Found {
  messages: Message[];
  next: number | null;
  reached: string | null;
  working: boolean;
  refused?: Refusal;
}

/// Walks on until `wanted` more messages are there. Newer messages do not move what is shown.
function useSearch(filter: string) {
  const [found, show] = useState<Found>({ messages: [], next: null, reached: null, working: true });
  const run = useRef(0);
  const walk = async (from: number | null, before: Message[]) => {
    const mine = ++run.current;
    let { messages, next, reached } = { messages: before, next: from, reached: null as string | null };
    show((old) => ({ ...old, messages, working: true, refused: undefined }));
    const wanted = before.length + SCREENFUL;
    do {
      const parameters = new URLSearchParams(filter);
      parameters.set('limit', String(wanted - messages.length));
      if (next) parameters.set('next', String(next));
      const answer = await ask<MessagePage>('messages?' + parameters);
      if (run.current !== mine) return;
      if (!('data' in answer)) {
        const refused = 'refused' in answer ? answer.refused : undefined;
        show({ messages, next, reached, working: false, refused });
        return;
      }
      messages = [...messages, ...answer.data.messages];
      next = answer.data.next;
      reached = answer.data.reached ?? reached;
      show({ messages, next, reached, working: next !== null && messages.length < wanted });
    } while (next !== null && messages.length < wanted);
  };
  useEffect(() => {
    void walk(null, []);
    return () => void ++run.current;
  }, [filter]);
  return {
    found,
    more: () => void walk(found.next, found.messages),
    stop() {
      ++run.current;
      show((old) => ({ ...old, working: false }));
    },
  };
}

function IdForm() {
  const w = useWords();
  const [id, type] = useState('');
  const [said, say] = useState('');
  const find = async () => {
    const text = id.trim();
    if (!/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)) return say(w.bad_id);
    const answer = await ask<Known>('ids/' + encodeURIComponent(text));
    if (!('data' in answer)) return say('refused' in answer ? w.bad_id : w.retrying);
    const known = answer.data;
    say('');
    if (known.message) go(['messages', known.id]);
    else if (known.referral) go(['referrals', known.id]);
    else if (known.appointment_of) go(['referrals', known.appointment_of]);
    else if (known.case) go(['messages'], { case: known.id });
    else say(w.id_unknown);
  };
  return (
    <form class="filters find" onSubmit={(event) => {
      event.preventDefault();
      void find();
    }}>
      <label class="grow">
        {w.any_id}
        <input type="text" spellcheck={false} autocomplete="off" value={id} aria-invalid={!!said} aria-describedby="id-said"
          onInput={(event) => type(event.currentTarget.value)} />
      </label>
      <button type="submit">{w.find}</button>
      <p id="id-said" class={said ? 'refused' : 'unseen'} role="status">{said}</p>
    </form>
  );
}

/// What a date field holds is local; the address holds UTC.
const toField = (iso: string | null) => {
  if (!iso) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const toUtc = (local: string) => (local ? new Date(local).toISOString() : '');

export function MessagesPage() {
  const w = useWords();
  const { query: given } = place.use();
  const institutions = useInstitutions();
  const names = ['case', 'institution', 'kind', 'state', 'from', 'until'];
  const chosen = Object.fromEntries(names.map((name) => [name, given.get(name) ?? '']));
  const { found, more, stop } = useSearch(query(chosen).slice(1));
  const set = (name: string) => (value: string) => go(['messages'], { ...chosen, [name]: value });
  return (
    <Page title={w.messages}>
      <Panel title={w.find} wide>
        <IdForm />
        <div class="filters">
          <Choice name={w.institution} value={chosen.institution!} options={institutions} change={set('institution')} />
          <Choice name={w.kind} value={chosen.kind!} options={KINDS.map((kind) => [kind, named(w.kinds, kind)])} change={set('kind')} />
          <Choice name={w.state} value={chosen.state!} options={STATES.map((state) => [state, named(w.states, state)])} change={set('state')} />
          <label>{w.from}<input type="datetime-local" value={toField(chosen.from!)} onChange={(event) => set('from')(toUtc(event.currentTarget.value))} /></label>
          <label>{w.to}<input type="datetime-local" value={toField(chosen.until!)} onChange={(event) => set('until')(toUtc(event.currentTarget.value))} /></label>
          {names.some((name) => chosen[name]) && <button type="button" class="quiet" onClick={() => go(['messages'])}>{w.clear}</button>}
        </div>
        {chosen.case && <p class="note">{w.case} <code>{chosen.case}</code></p>}
      </Panel>
      <Panel title={w.messages} note={w.newest_first} wide>
        {found.refused && <Refused refusal={found.refused} />}
        <MessageTable messages={found.messages} empty={found.working ? w.searching : undefined} />
        <p class="status" role="status">
          {found.working ? w.searching : w.found(number(found.messages.length), found.next !== null)}{' '}
          {found.next === null && !found.working ? w.searched_all : found.reached && w.search_back(dateTime(found.reached))}
        </p>
        {found.working && <button type="button" class="quiet" onClick={stop}>{w.stop}</button>}
        {!found.working && found.next !== null && <button type="button" onClick={more}>{w.more}</button>}
      </Panel>
    </Page>
  );
}
