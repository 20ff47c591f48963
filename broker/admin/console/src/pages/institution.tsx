import { useLive } from '../api';
import { useNow } from '../clock';
import { dateTime, day, number, since, useWords } from '../language';
import { Chart } from '../parts/chart';
import { Facts, Figure, Loaded, Page, Panel, Table } from '../parts/page';
import { PausePanel } from '../parts/pause';
import { Reasons, Signal, State } from '../parts/signals';
import { link } from '../router';
import type { InstitutionPage } from '../types';

function Adapters({ page, now }: { page: InstitutionPage; now: number }) {
  const w = useWords();
  return (
    <Panel title={w.adapters}>
      <Table caption={w.adapters} columns={[w.adapter, w.version, w.state, w.last_seen]} empty={w.no_adapters}
        rows={page.adapters.map((one, i) => ({
          key: `${one.name} ${i}`,
          cells: [
            one.name,
            one.version,
            <span class={`state ${one.connected ? 'green' : 'amber'}`}>{one.connected ? w.connected_now : w.gone[one.why] ?? one.why}</span>,
            one.connected ? w.connected_since(since(one.since, now)) : `${dateTime(one.since)} (${w.ago(since(one.since, now))})`,
          ],
        }))} />
    </Panel>
  );
}

function Keys({ keys }: { keys: InstitutionPage['keys'] }) {
  const w = useWords();
  return (
    <Panel title={w.keys}>
      <Table caption={w.keys} columns={[w.use, w.key, w.state, w.valid_from, w.valid_until]}
        rows={keys.map((key) => ({
          key: key.use + key.id,
          cells: [
            w.uses[key.use] ?? key.use,
            <code>{key.id}</code>,
            <State code={key.state} names={w.key_states} />,
            day(key.valid_from),
            key.valid_until ? day(key.valid_until) : w.no_end,
          ],
        }))} />
    </Panel>
  );
}

export function InstitutionView({ id }: { id: string }) {
  const w = useWords();
  const now = useNow();
  const live = useLive<InstitutionPage>(`institutions/${encodeURIComponent(id)}`);
  return (
    <Page title={live.data?.name ?? id} aside={live.data && <Signal colour={live.data.light.colour} />}>
      <Loaded live={live}>
        {(page) => (
          <>
            <Reasons light={page.light} now={now} />
            <div class="figures">
              <Figure value={number(page.real.queued)} name={w.waiting_count} />
              <Figure value={page.oldest ? since(page.oldest, now) : '–'} name={page.oldest ? w.oldest_waiting : w.nothing_waits} />
              <Figure value={number(page.real.parked)} name={w.parked} colour={page.real.parked ? 'amber' : ''} />
              <Figure value={number(page.real.dead)} name={w.dead_count} href={link(['dead-letters'], { recipient: id })}
                colour={page.real.dead ? 'amber' : ''} />
              <Figure value={number(page.real.referrals_open)} name={w.open_count} href={link(['referrals'], { institution: id })} />
            </div>
            <p class="links">
              <a href={link(['messages'], { institution: id })}>{w.its_messages}</a>
              <a href={link(['referrals'], { institution: id })}>{w.its_referrals}</a>
              <a href={link(['dead-letters'], { recipient: id })}>{w.its_dead}</a>
            </p>
            <div class="panels">
              <Panel title={w.last_hour} wide>
                <div class="charts">
                  <Chart title={w.waiting_chart} at={page.history.at}
                    lines={[{ name: w.waiting, values: page.history.waiting, kind: 'first' }]} />
                  <Chart title={w.oldest_chart} at={page.history.at}
                    lines={[{ name: w.oldest, values: page.history.oldest_seconds, kind: 'second' }]} />
                </div>
              </Panel>
              <PausePanel page={page} />
              <Adapters page={page} now={now} />
              <Keys keys={page.keys} />
              <Panel title={w.institution}>
                <Facts facts={[
                  ['Id', <code>{page.id}</code>],
                  [w.kind, page.kind],
                  [w.mission, page.mission],
                  [w.communes, number(page.communes)],
                  [w.sent, number(page.real.sent)],
                  [w.delivered, number(page.real.delivered)],
                  [w.exercises, number(page.exercise.sent + page.exercise.delivered)],
                ]} />
              </Panel>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
