// What somebody has to see to: referrals that nobody moves, what persons asked, and what is kept for how long.
import { useEffect, useState } from 'preact/hooks';
import { ask, useLive, type Refusal } from '../api';
import { useNow } from '../clock';
import { bytes, dateTime, number, since, useWords } from '../language';
import { Facts, Id, Loaded, Page, Panel, Refused, Table } from '../parts/page';
import { Exercise, State } from '../parts/signals';
import { link } from '../router';
import { may } from '../session';
import type { Orphan, Retention, RightsRequest } from '../types';

type Listed<Name extends string, T> = Record<Name, T[]> & { next: string | null };

/// `route` answers its list under `name`; the first page is live, the others are asked for.
function useList<T, Name extends string>(route: string, name: Name) {
  const live = useLive<Listed<Name, T>>(route, 5);
  const [rest, keep] = useState<{ items: T[]; next: string | null; refused?: Refusal }>();
  useEffect(() => keep(undefined), [route]);
  const next = rest ? rest.next : live.data?.next;
  const more = async () => {
    const answer = await ask<Listed<Name, T>>(`${route}?next=${next}`);
    const items = rest?.items ?? [];
    if ('data' in answer) keep({ items: [...items, ...answer.data[name]], next: answer.data.next });
    else if ('refused' in answer) keep({ items, next: next ?? null, refused: answer.refused });
  };
  return { live, items: [...(live.data?.[name] ?? []), ...(rest?.items ?? [])], next, more, refused: rest?.refused };
}

function Rest({ list }: { list: { next?: string | null; refused?: Refusal; more(): Promise<void> } }) {
  const w = useWords();
  return (
    <>
      {list.refused && <Refused refusal={list.refused} />}
      {list.next && <button type="button" onClick={() => void list.more()}>{w.more}</button>}
    </>
  );
}

function Orphans({ now }: { now: number }) {
  const w = useWords();
  const list = useList<Orphan, 'orphans'>('orphans', 'orphans');
  const shown = [...new Map(list.items.map((one) => [one.referral_id, one])).values()];
  return (
    <Panel title={w.orphans} note={w.orphans_note} wide>
      <Loaded live={list.live}>
        {() => (
          <Table caption={w.orphans} empty={list.next ? w.searching : w.orphans_none}
            columns={[w.referral, w.status, w.holder, w.reminders, w.age, w.deadline, `${w.sender} → ${w.recipient}`]} right={[3]}
            rows={shown.map((one) => ({
              key: one.referral_id,
              cells: [
                <><Id id={one.referral_id} href={link(['referrals', one.referral_id])} /> <Exercise is={one.exercise} /></>,
                <State code={one.status} names={w.statuses} />,
                one.holder || w.nobody,
                number(one.reminders),
                since(one.opened_at, now),
                dateTime(one.deadline),
                `${one.sender} → ${one.recipient}`,
              ],
            }))} />
        )}
      </Loaded>
      <Rest list={list} />
    </Panel>
  );
}

function Rights({ now }: { now: number }) {
  const w = useWords();
  const list = useList<RightsRequest, 'requests'>('rights', 'requests');
  const shown = [...new Map(list.items.map((one) => [one.request_id, one])).values()];
  return (
    <Panel title={w.rights} note={w.rights_note} wide>
      <Loaded live={list.live}>
        {() => (
          <Table caption={w.rights} empty={list.next ? w.searching : w.rights_none}
            columns={[w.message, w.case, w.right, w.asked_by, w.asked, w.next_reminder, w.waits_for]}
            rows={shown.map((one) => ({
              key: one.request_id,
              cells: [
                <Id id={one.request_id} href={link(['messages', one.request_id])} />,
                <Id id={one.case_id} href={link(['messages'], { case: one.case_id })} />,
                w.right_names[one.right] ?? one.right,
                one.by,
                since(one.asked_at, now),
                dateTime(one.due),
                <>{one.pending.join(', ')} <span class="note">({w.answered(one.answered)})</span></>,
              ],
            }))} />
        )}
      </Loaded>
      <Rest list={list} />
    </Panel>
  );
}

function Kept() {
  const w = useWords();
  const live = useLive<Retention>('retention', 30);
  const sum = (one: { messages: number; bytes: number }) => w.kept_sum(number(one.messages), bytes(one.bytes));
  return (
    <Panel title={w.kept} note={w.kept_note} wide>
      <Loaded live={live}>
        {(kept) => (
          <>
            <Facts facts={[
              [w.kept_all, sum(kept.kept)],
              [w.kept_day, sum(kept.within_day)],
              [w.kept_week, sum(kept.within_week)],
            ]} />
            {!kept.complete && <p class="note">{w.kept_partly}</p>}
            <Table caption={w.erased_next} columns={[w.message, w.size, w.erased_at]} right={[1]} empty={w.kept_none}
              rows={kept.next_erasures.map((one) => ({
                key: one.message_id,
                cells: [
                  <Id id={one.message_id} href={link(['messages', one.message_id])} />,
                  bytes(one.bytes),
                  dateTime(one.erased_at),
                ],
              }))} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/// For the overview: how much there is to see to.
export function ToSeeTo({ orphans }: { orphans?: number }) {
  const w = useWords();
  const rights = useLive<Listed<'requests', RightsRequest>>('rights?limit=500', 10).data;
  const kept = useLive<Retention>('retention', 30).data;
  const asked = rights && number(rights.requests.length) + (rights.next ? '+' : '');
  return (
    <Panel title={w.follow_up}>
      <Facts facts={[
        [w.orphans, orphans === undefined ? '–' : number(orphans)],
        [w.rights, asked ?? '–'],
        [w.kept, kept ? bytes(kept.kept.bytes) + (kept.complete ? '' : '+') : '–'],
      ]} />
      <p class="links"><a href={link(['follow-up'])}>{w.follow_up_all}</a></p>
    </Panel>
  );
}

export function FollowUpPage() {
  const w = useWords();
  const now = useNow();
  return (
    <Page title={w.follow_up}>
      <div class="panels">
        {may('GET /api/v1/orphans') && <Orphans now={now} />}
        {may('GET /api/v1/rights') && <Rights now={now} />}
        {may('GET /api/v1/retention') && <Kept />}
      </div>
    </Page>
  );
}
