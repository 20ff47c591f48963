// Ten seconds: what is wrong, where, since when.
import { useLive } from '../api';
import { useNow } from '../clock';
import { bytes, named, number, since, useWords } from '../language';
import { Bars, Chart } from '../parts/chart';
import { Facts, Figure, Loaded, Page, Panel, Table } from '../parts/page';
import { Reasons, Signal } from '../parts/signals';
import { link } from '../router';
import { ToSeeTo } from './follow_up';
import type { Counts, Institution, Overview } from '../types';

const ORDER = { red: 0, amber: 1, green: 2 };

function Institutions({ list, now }: { list: Institution[]; now: number }) {
  const w = useWords();
  const sorted = [...list].sort((a, b) => ORDER[a.light.colour] - ORDER[b.light.colour]);
  return (
    <Panel title={w.institutions} wide>
      <Table
        caption={w.institutions}
        columns={[w.state, w.institution, w.waiting, w.oldest, w.parked, w.dead, w.open_referrals, w.adapters]}
        right={[2, 3, 4, 5, 6, 7]}
        rows={sorted.map((one) => ({
          key: one.id,
          cells: [
            <Signal colour={one.light.colour} />,
            <>
              <a href={link(['institutions', one.id])}>{one.name}</a>
              <Reasons light={one.light} now={now} />
            </>,
            number(one.real.queued),
            one.oldest ? since(one.oldest, now) : '–',
            number(one.real.parked),
            one.real.dead ? <a href={link(['dead-letters'], { recipient: one.id })}>{number(one.real.dead)}</a> : '0',
            <a href={link(['referrals'], { institution: one.id })}>{number(one.real.referrals_open)}</a>,
            number(one.adapters_connected),
          ],
        }))}
      />
    </Panel>
  );
}

function Exercises({ counts }: { counts: Counts }) {
  const w = useWords();
  if (!counts.sent && !counts.queued && !counts.dead) return null;
  return (
    <Panel title={w.exercises} note={w.exercises_note}>
      <Facts facts={[
        [w.sent, number(counts.sent)],
        [w.waiting, number(counts.queued + counts.parked)],
        [w.dead, number(counts.dead)],
        [w.open_referrals, number(counts.referrals_open)],
      ]} />
    </Panel>
  );
}

function Open({ open, now }: { open: Overview['open_referrals']; now: number }) {
  const w = useWords();
  const bars = Object.entries(open?.by_status ?? {}).sort((a, b) => b[1] - a[1]);
  return (
    <Panel title={w.open_by_status} note={open?.oldest_opened_at ? w.oldest_open(since(open.oldest_opened_at, now)) : undefined}>
      {!open ? <p class="empty">{w.loading}</p> : bars.length ? (
        <Bars bars={bars.map(([status, value]) => ({ name: named(w.statuses, status), value, href: link(['referrals'], { status }) }))} />
      ) : <p class="empty">{w.none}</p>}
      {open && !open.complete && <p class="note">{w.open_partly}</p>}
    </Panel>
  );
}

function Broker({ broker, now }: { broker: Overview['broker']; now: number }) {
  const w = useWords();
  return (
    <Panel title={w.broker}>
      <p><Signal colour={broker.light.colour} /></p>
      <Reasons light={broker.light} now={now} />
      <Facts facts={[
        [w.version, broker.version],
        [w.up_for, since(broker.started_at, now)],
        [w.network, broker.network ? `${broker.network.id}, ${w.network_version(broker.network.version)}` : w.none],
        [w.disk_free, broker.disk_full ? w.disk_full : bytes(broker.disk_free_bytes)],
        [w.journal, number(broker.position)],
        [w.chain, <code title={broker.chain_hash}>{broker.chain_hash.slice(0, 16)}…</code>],
        [w.sessions, number(broker.sessions)],
        [w.out, number(broker.out_for_delivery)],
        [w.endpoint, <code>{broker.endpoint}</code>],
      ]} />
    </Panel>
  );
}

function Refusals({ refusals }: { refusals: Record<string, number> }) {
  const w = useWords();
  const rows = Object.entries(refusals).sort((a, b) => b[1] - a[1]);
  return (
    <Panel title={w.refusals}>
      <Table caption={w.refusals} columns={[w.code, w.count]} right={[1]} empty={w.no_refusals}
        rows={rows.map(([code, count]) => ({ key: code, cells: [<code>{code}</code>, number(count)] }))} />
    </Panel>
  );
}

export function OverviewPage() {
  const w = useWords();
  const now = useNow();
  const live = useLive<Overview>('overview');
  return (
    <Page title={w.overview}>
      <Loaded live={live}>
        {({ broker, institutions, totals, oldest, open_referrals, rates, history }) => (
          <>
            <div class="figures">
              <Figure value={rates ? number(rates.accepted_per_minute, 1) : '–'} name={w.accepted_rate} />
              <Figure value={rates ? number(rates.delivered_per_minute, 1) : '–'} name={w.delivered_rate} />
              <Figure value={number(totals.real.queued + totals.real.parked)} name={w.waiting_count} />
              <Figure value={oldest ? since(oldest.at, now) : '–'} name={oldest ? w.oldest_waiting : w.nothing_waits}
                href={oldest ? link(['institutions', oldest.institution]) : undefined} />
              <Figure value={number(totals.real.dead)} name={w.dead_count} href={link(['dead-letters'])}
                colour={totals.real.dead ? 'amber' : ''} />
              <Figure value={open_referrals ? number(open_referrals.overdue) : '–'} name={w.overdue_count} href={link(['referrals'])}
                colour={open_referrals?.overdue ? 'amber' : ''} />
              <Figure value={open_referrals ? number(open_referrals.orphans) : '–'} name={w.orphans_count} href={link(['follow-up'])}
                colour={open_referrals?.orphans ? 'amber' : ''} />
              <Figure value={number(totals.real.referrals_open)} name={w.open_count} href={link(['referrals'])} />
            </div>
            <div class="panels">
              <Institutions list={institutions} now={now} />
              <Panel title={w.last_hour} wide>
                <div class="charts">
                  <Chart title={w.traffic} at={history.at} lines={[
                    { name: w.accepted, values: history.accepted, kind: 'first' },
                    { name: w.delivered, values: history.delivered, kind: 'second' },
                  ]} />
                  <Chart title={w.waiting_chart} at={history.at} lines={[{ name: w.waiting, values: history.waiting, kind: 'first' }]} />
                </div>
              </Panel>
              <div class="stack">
                <Open open={open_referrals} now={now} />
                <ToSeeTo orphans={open_referrals?.orphans} />
                <Exercises counts={totals.exercise} />
              </div>
              <Broker broker={broker} now={now} />
              <Refusals refusals={broker.refusals} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
