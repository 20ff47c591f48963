// Referrals whose loop is open, as the broker gives them: the nearest deadline first, a page at a time; the first page stays
// live. By age only what is loaded is sorted.
import { useEffect, useState } from 'preact/hooks';
import { ask, query, useLive, type Refusal } from '../api';
import { useNow } from '../clock';
import { dateTime, length, named, since, useWords } from '../language';
import { Choice, OPEN_STATUSES, useAgreements, useInstitutions } from '../parts/filters';
import { Id, Loaded, Page, Panel, Refused, Table } from '../parts/page';
import { Exercise, State } from '../parts/signals';
import { go, link, place } from '../router';
import type { OpenReferral } from '../types';

interface PageOf {
  referrals: OpenReferral[];
  next: string | null;
}

const opened = (one: OpenReferral) => Date.parse(one.opened_at ?? '') || Infinity;

function Deadline({ at, now }: { at: string | null; now: number }) {
  const w = useWords();
  if (!at) return <>–</>;
  const left = (Date.parse(at) - now) / 1000;
  const soon = left < 86_400;
  return <span class={soon ? 'state amber' : ''} title={dateTime(at)}>{left < 0 ? w.overdue : w.in_time(length(left))}</span>;
}

export function ReferralsPage() {
  const w = useWords();
  const now = useNow();
  const institutions = useInstitutions();
  const agreements = useAgreements();
  const { query: given } = place.use();
  const chosen = { institution: given.get('institution') ?? '', status: given.get('status') ?? '', agreement: given.get('agreement') ?? '' };
  const by = given.get('sort') === 'age' ? 'age' : '';
  const path = 'referrals' + query(chosen);
  const live = useLive<PageOf>(path, 5);
  const [rest, keep] = useState<PageOf & { refused?: Refusal }>({ referrals: [], next: null });
  useEffect(() => keep({ referrals: [], next: null }), [path]);
  const more = async () => {
    const answer = await ask<PageOf>('referrals' + query({ ...chosen, next: rest.next ?? live.data?.next }));
    if ('data' in answer) keep({ referrals: [...rest.referrals, ...answer.data.referrals], next: answer.data.next });
    else if ('refused' in answer) keep({ ...rest, refused: answer.refused });
  };
  const set = (name: string) => (value: string) => go(['referrals'], { ...chosen, sort: by, [name]: value });
  return (
    <Page title={w.open_referrals}>
      <div class="panel wide filters">
        <Choice name={w.institution} value={chosen.institution} options={institutions} change={set('institution')} />
        <Choice name={w.status} value={chosen.status} options={OPEN_STATUSES.map((s) => [s, named(w.statuses, s)])} change={set('status')} />
        <Choice name={w.agreement} value={chosen.agreement} options={agreements} change={set('agreement')} />
        <Choice name={w.sort_by} value={by} options={[['', w.deadline], ['age', w.age]]} change={set('sort')} needed />
      </div>
      <Panel title={w.open_referrals} note={by ? w.by_age : w.by_deadline} wide>
        <Loaded live={live}>
          {(first) => {
            const shown = new Map([...first.referrals, ...rest.referrals].map((r) => [r.referral_id, r]));
            const rows = [...shown.values()];
            if (by) rows.sort((a, b) => opened(a) - opened(b));
            const next = rest.referrals.length ? rest.next : first.next;
            return (
              <>
                <Table caption={w.open_referrals} empty={next ? w.searching : undefined}
                  columns={[w.referral, w.status, w.age, w.holder, w.deadline, `${w.sender} → ${w.recipient}`, w.purpose]}
                  rows={rows.map((one) => ({
                    key: one.referral_id,
                    cells: [
                      <><Id id={one.referral_id} href={link(['referrals', one.referral_id])} /> <Exercise is={one.exercise} /></>,
                      <State code={one.status} names={w.statuses} />,
                      since(one.opened_at, now),
                      one.holder,
                      <Deadline at={one.deadline} now={now} />,
                      `${one.sender} → ${one.recipient}`,
                      named({}, one.purpose),
                    ],
                  }))} />
                {rest.refused && <Refused refusal={rest.refused} />}
                {next && <button type="button" onClick={() => void more()}>{w.more}</button>}
              </>
            );
          }}
        </Loaded>
      </Panel>
    </Page>
  );
}
