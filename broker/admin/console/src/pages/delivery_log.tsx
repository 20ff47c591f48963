// A partner's page, and the only one: what became of its institution's messages.
import { query } from '../api';
import { dateTime, named, number, useWords } from '../language';
import { Choice, KINDS, STATES, TimeField } from '../parts/filters';
import { Id, Page, Panel, Refused, Table } from '../parts/page';
import { Exercise, State } from '../parts/signals';
import { useWalk } from '../parts/walk';
import { WalkStatus } from '../parts/walk_status';
import { go, place } from '../router';
import { session } from '../session';
import type { DeliveryLogEntry } from '../types';

export function DeliveryLogPage() {
  const w = useWords();
  const { query: given } = place.use();
  const names = ['kind', 'state', 'from', 'until'];
  const chosen = Object.fromEntries(names.map((name) => [name, given.get(name) ?? '']));
  const walk = useWalk<DeliveryLogEntry, 'entries'>('delivery-log', 'entries', query(chosen).slice(1), (entry) => entry.message_id);
  const set = (name: string) => (value: string) => go(['delivery-log'], { ...chosen, [name]: value });
  return (
    <Page title={w.delivery_log} aside={<span>{session.use()?.institution}</span>}>
      <Panel title={w.messages} note={w.delivery_log_note} wide>
        <div class="filters">
          <Choice name={w.kind} value={chosen.kind!} options={KINDS.map((kind) => [kind, named(w.kinds, kind)])} change={set('kind')} />
          <Choice name={w.state} value={chosen.state!} options={STATES.map((state) => [state, named(w.states, state)])} change={set('state')} />
          <TimeField name={w.from} value={chosen.from!} change={set('from')} />
          <TimeField name={w.to} value={chosen.until!} change={set('until')} />
          {names.some((name) => chosen[name]) && <button type="button" class="quiet" onClick={() => go(['delivery-log'])}>{w.clear}</button>}
        </div>
        {walk.found.refused && <Refused refusal={walk.found.refused} />}
        <Table caption={w.delivery_log} empty={walk.found.working ? w.searching : undefined}
          columns={[w.at, w.direction, w.message, w.kind, w.sender, `${w.recipients} – ${w.state}`, w.attempts, w.referral]} right={[6]}
          rows={walk.found.items.map((entry) => ({
            key: entry.message_id,
            cells: [
              dateTime(entry.at),
              w.ways[entry.direction] ?? entry.direction,
              <Id id={entry.message_id} />,
              <>{named(w.kinds, entry.kind)} <Exercise is={entry.exercise} /></>,
              entry.sender,
              <ul class="plain">
                {entry.deliveries.map((delivery) => (
                  <li key={delivery.recipient}>
                    {delivery.recipient} <State code={delivery.state} names={w.states} /> {delivery.reason && <code>{delivery.reason}</code>}
                  </li>
                ))}
              </ul>,
              number(Math.max(0, ...entry.deliveries.map((delivery) => delivery.attempts))),
              <Id id={entry.referral_id} />,
            ],
          }))} />
        <WalkStatus walk={walk} />
      </Panel>
    </Page>
  );
}
