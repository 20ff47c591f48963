// What institutions offer, and what of it is taken.
import { useState } from 'preact/hooks';
import { query, useLive } from '../api';
import { clock, dateTime, number, useWords } from '../language';
import { Choice, useInstitutions } from '../parts/filters';
import { Loaded, Page, Panel, Table } from '../parts/page';
import { go, link, place } from '../router';
import type { Slot, Slots } from '../types';

const SCREENFUL = 100;

function stateOf(slot: Slot): string {
  if (slot.withdrawn) return 'withdrawn';
  return slot.free ? 'free' : 'full';
}

function Rows({ slots, more }: Slots) {
  const w = useWords();
  const names = Object.fromEntries(useInstitutions());
  const [shown, show] = useState(SCREENFUL);
  return (
    <>
      <Table caption={w.slots} empty={w.slots_none} right={[5, 6]}
        columns={[w.institution, w.service, w.location, w.start, w.state, w.slot_free, w.slot_taken]}
        rows={slots.slice(0, shown).map((slot) => ({
          key: `${slot.institution} ${slot.slot_id}`,
          cells: [
            <a href={link(['institutions', slot.institution])}>{names[slot.institution] ?? slot.institution}</a>,
            slot.service_name ?? (slot.service || '–'),
            slot.location_name ?? (slot.location || '–'),
            `${dateTime(slot.start)}${slot.end ? ` – ${clock(slot.end)}` : ''}`,
            <>
              <span class={`state ${stateOf(slot) === 'free' ? 'green' : 'plain'}`}>{w.slot_states[stateOf(slot)]}</span>
              {slot.open && <> <span class="note">{w.slot_open}</span></>}
            </>,
            number(slot.free),
            w.of(number(slot.taken), number(slot.capacity)),
          ],
        }))} />
      {slots.length > shown && <button type="button" onClick={() => show(shown + SCREENFUL)}>{w.more}</button>}
      {more && <p class="note">{w.slots_more(number(slots.length))}</p>}
    </>
  );
}

export function SlotsPage() {
  const w = useWords();
  const institution = place.use().query.get('institution') ?? '';
  const live = useLive<Slots>(`slots${query({ institution })}`, 10);
  return (
    <Page title={w.slots}>
      <Panel title={w.slots} note={w.slots_note} wide>
        <div class="filters">
          <Choice name={w.institution} value={institution} options={useInstitutions()} change={(one) => go(['slots'], { institution: one })} />
        </div>
        <Loaded live={live}>{(answer) => <Rows key={institution} {...answer} />}</Loaded>
      </Panel>
    </Page>
  );
}
