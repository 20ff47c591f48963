// What became of a month's referrals, for everybody, and of a day's, for those who work there. Which counts may be shown is
// the broker's to say: one that it leaves out is said to be hidden, and is in no picture.
import { brokerNow, useLive } from '../api';
import { dayInFrance, monthsBefore } from '../clock';
import { monthName, named, number, useWords } from '../language';
import { Bars } from '../parts/chart';
import { Choice, useInstitutions } from '../parts/filters';
import { Loaded, Page, Panel, Table } from '../parts/page';
import { type Kind, Shares } from '../parts/shares';
import { go, place } from '../router';
import { may } from '../session';
import type { Breakdown, Digest, IndicatorGroup, Indicators } from '../types';

const BY = ['agreement', 'service', 'territory'];
const ENDS = ['connected', 'not_connected', 'rejected', 'ended_otherwise', 'open'];
const MEETINGS = ['kept', 'no_show', 'cancelled', 'expected'];
const DELAYS = ['days_to_decision', 'days_to_appointment', 'days_to_end'] as const;
const EVENTS = [
  'requested', 'received', 'accepted', 'rejected', 'completed', 'handed_on', 'expired', 'booked', 'no_shows', 'deadlines_missed',
  'dead_letters',
] as const;
const MONTHS = 24;
const DRAWN = 10; // the largest groups; the table has all
const OVER_S = 3600; // what is over stays as it is
const TODAY_S = 20;

interface Named extends IndicatorGroup {
  shown: string;
}

/// As the network definition calls it; a commune by its code, for which the definition has no name.
function useNames(by: string) {
  const w = useWords();
  return ({ name, title }: IndicatorGroup) => {
    if (!name) return w.not_named;
    return title ?? (by === 'territory' ? w.commune(name) : name);
  };
}

const drawn = (groups: Named[]) =>
  [...groups].sort((a, b) => (b.referrals.total ?? -1) - (a.referrals.total ?? -1)).slice(0, DRAWN);

/// The picture, and beside it the table with every group and their total.
function Section({ title, by, columns, groups, total, cells, kinds, row }: {
  title: string;
  by: string;
  columns: string[];
  groups: Named[];
  total: IndicatorGroup;
  cells(group: IndicatorGroup): (number | null)[];
  kinds: Kind[];
  row(group: IndicatorGroup): { values: (number | null)[]; total?: number | null };
}) {
  const w = useWords();
  const said = (group: IndicatorGroup) => cells(group).map((value) => (value === null ? <span class="hidden">{w.hidden}</span> : number(value, 1)));
  return (
    <section class="beside">
      <h3>{title}</h3>
      <div>
        <Shares title={title} kinds={kinds} rows={drawn(groups).map((group) => ({ key: group.name, name: group.shown, ...row(group) }))} />
        {groups.length > DRAWN && <p class="note">{w.largest(DRAWN)}</p>}
      </div>
      <Table caption={title} columns={[w.by[by] ?? by, ...columns]} right={columns.map((_, i) => i + 1)}
        rows={[
          ...groups.map((group) => ({ key: `=${group.name}`, cells: [group.shown, ...said(group)] })),
          { key: 'total', cells: [<strong>{w.total}</strong>, ...said(total)] },
        ]} />
    </section>
  );
}

function Month({ breakdown: { by, groups, total } }: { breakdown: Breakdown }) {
  const w = useWords();
  const name = useNames(by);
  const all = groups.map((group) => ({ ...group, shown: name(group) }));
  const kinds = (codes: readonly string[], names: Record<string, string>) => codes.map((code) => ({ code, name: named(names, code) }));
  const counted = (title: string, of: 'referrals' | 'appointments', codes: string[], names: Record<string, string>) => {
    const values = (group: IndicatorGroup) => codes.map((code) => group[of][code] ?? null);
    return (
      <Section title={title} by={by} groups={all} total={total} kinds={kinds(codes, names)}
        columns={[w.total, ...codes.map((code) => named(names, code))]}
        cells={(group) => [group[of]['total'] ?? null, ...values(group)]}
        row={(group) => ({ values: values(group), total: group[of]['total'] ?? null })} />
    );
  };
  const delays = (group: IndicatorGroup) => DELAYS.map((code) => group[code]);
  return (
    <>
      {counted(w.ends, 'referrals', ENDS, w.end_names)}
      {counted(w.appointments, 'appointments', MEETINGS, w.meeting_names)}
      <Section title={w.delays} by={by} groups={all} total={total} kinds={kinds(DELAYS, w.delay_names)}
        columns={DELAYS.map((code) => named(w.delay_names, code))} cells={delays} row={(group) => ({ values: delays(group) })} />
    </>
  );
}

function MonthPanel({ month, by, set }: { month: string; by: string; set(name: string): (value: string) => void }) {
  const w = useWords();
  const months = monthsBefore(dayInFrance(brokerNow()), MONTHS);
  const chosen = month || months[0]!;
  const live = useLive<Indicators>(`indicators?month=${encodeURIComponent(chosen)}`, OVER_S);
  const breakdown = live.data?.breakdowns.find((one) => one.by === by);
  return (
    <Panel title={w.month_title} note={w.month_note} wide>
      <div class="filters">
        <Choice name={w.month} value={chosen} options={months.map((one) => [one, monthName(one)])} change={set('month')} needed />
        <Choice name={w.by_what} value={by} options={BY.map((one) => [one, named(w.by, one)])} change={set('by')} needed />
      </div>
      <Loaded live={live}>{() => (breakdown ? <Month breakdown={breakdown} /> : <p class="empty">{w.month_empty}</p>)}</Loaded>
    </Panel>
  );
}

function Day({ digest }: { digest: Digest }) {
  const w = useWords();
  const names = Object.fromEntries(useInstitutions());
  const sum = (event: (typeof EVENTS)[number]) => digest.institutions.reduce((all, line) => all + line[event], 0);
  // Each request is asked by one and received by another: counted once.
  const bars = EVENTS.filter((event) => event !== 'received').map((event) => ({ name: named(w.event_names, event), value: sum(event) }));
  return (
    <>
      <h3>{w.all_together}</h3>
      <Bars bars={bars} />
      <h3>{w.by_institution}</h3>
      <Table caption={w.digest} columns={[w.institution, ...EVENTS.map((event) => named(w.event_names, event))]}
        right={EVENTS.map((_, i) => i + 1)}
        rows={digest.institutions.map((line) => ({
          key: line.institution,
          cells: [names[line.institution] ?? line.institution, ...EVENTS.map((event) => number(line[event]))],
        }))} />
    </>
  );
}

function DayPanel({ day, set }: { day: string; set(name: string): (value: string) => void }) {
  const w = useWords();
  const today = dayInFrance(brokerNow());
  const chosen = day || dayInFrance(brokerNow() - 86_400_000);
  const live = useLive<Digest>(`digest?day=${encodeURIComponent(chosen)}`, chosen < today ? OVER_S : TODAY_S);
  return (
    <Panel title={w.digest} note={w.digest_note} wide>
      <div class="filters">
        <label>{w.day}<input type="date" max={today} value={chosen} onChange={(event) => set('day')(event.currentTarget.value)} /></label>
      </div>
      <Loaded live={live}>{(digest) => <Day digest={digest} />}</Loaded>
    </Panel>
  );
}

export function IndicatorsPage() {
  const w = useWords();
  const { query } = place.use();
  const given = (name: string) => query.get(name) ?? '';
  const set = (name: string) => (value: string) =>
    go(['indicators'], { month: given('month'), by: given('by'), day: given('day'), [name]: value });
  const by = BY.includes(given('by')) ? given('by') : BY[0]!;
  return (
    <Page title={w.indicators}>
      <div class="panels">
        {may('GET /api/v1/digest') && <DayPanel day={given('day')} set={set} />}
        {may('GET /api/v1/indicators') && <MonthPanel month={given('month')} by={by} set={set} />}
      </div>
    </Page>
  );
}
