// Finding messages: one by any id, or all that a filter names.
import { useState } from 'preact/hooks';
import { ask, query } from '../api';
import { named, useWords } from '../language';
import { Choice, KINDS, STATES, TimeField, useAgreements, useInstitutions } from '../parts/filters';
import { MessageTable } from '../parts/messages';
import { Page, Panel, Refused } from '../parts/page';
import { useWalk } from '../parts/walk';
import { WalkStatus } from '../parts/walk_status';
import { go, place } from '../router';
import type { Known, Message } from '../types';

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

export function MessagesPage() {
  const w = useWords();
  const { query: given } = place.use();
  const institutions = useInstitutions();
  const agreements = useAgreements();
  const names = ['case', 'institution', 'agreement', 'kind', 'state', 'from', 'until'];
  const chosen = Object.fromEntries(names.map((name) => [name, given.get(name) ?? '']));
  const walk = useWalk<Message, 'messages'>('messages', 'messages', query(chosen).slice(1), (message) => message.message_id);
  const set = (name: string) => (value: string) => go(['messages'], { ...chosen, [name]: value });
  return (
    <Page title={w.messages}>
      <Panel title={w.find} wide>
        <IdForm />
        <div class="filters">
          <Choice name={w.institution} value={chosen.institution!} options={institutions} change={set('institution')} />
          <Choice name={w.agreement} value={chosen.agreement!} options={agreements} change={set('agreement')} />
          <Choice name={w.kind} value={chosen.kind!} options={KINDS.map((kind) => [kind, named(w.kinds, kind)])} change={set('kind')} />
          <Choice name={w.state} value={chosen.state!} options={STATES.map((state) => [state, named(w.states, state)])} change={set('state')} />
          <TimeField name={w.from} value={chosen.from!} change={set('from')} />
          <TimeField name={w.to} value={chosen.until!} change={set('until')} />
          {names.some((name) => chosen[name]) && <button type="button" class="quiet" onClick={() => go(['messages'])}>{w.clear}</button>}
        </div>
        {chosen.case && <p class="note">{w.case} <code>{chosen.case}</code></p>}
      </Panel>
      <Panel title={w.messages} note={w.newest_first} wide>
        {walk.found.refused && <Refused refusal={walk.found.refused} />}
        <MessageTable messages={walk.found.items} empty={walk.found.working ? w.searching : undefined} />
        <WalkStatus walk={walk} />
      </Panel>
    </Page>
  );
}
