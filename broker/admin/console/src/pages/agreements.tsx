import { useLive } from '../api';
import { dateTime, day, language, length, named, number, useWords } from '../language';
import { AgreementPicture } from '../parts/agreement_picture';
import { Choice } from '../parts/filters';
import { Loaded, Page, Panel, Table } from '../parts/page';
import { State } from '../parts/signals';
import { go, link, place } from '../router';
import type { Agreements } from '../types';

function Rows({ data, picked }: { data: Agreements; picked: string }) {
  const w = useWords();
  const french = language.use() === 'fr';
  const purposes = Object.fromEntries(data.purposes.map((p) => [p.id, french ? p.french : p.english]));
  const names = Object.fromEntries(data.institutions.map((one) => [one.id, one.name]));
  const shown = data.agreements.filter((a) => !picked || a.directions.some((d) => d.from === picked || d.to === picked));
  return (
    <Table caption={w.who_may} columns={[w.agreement, w.directions, w.purposes, w.validity, w.retention, w.messages, w.open_now]} right={[5, 6]}
      rows={shown.map((one) => ({
        key: one.id,
        cells: [
          <>
            <strong>{one.name}</strong>
            <p class="note">{one.legal_basis}{one.forwarding && `, ${w.forwarding}`}</p>
          </>,
          <ul class="plain">
            {one.directions.map((d) => (
              <li key={d.from + d.to}>
                {names[d.from] ?? d.from} → {names[d.to] ?? d.to}
                <p class="note">{d.last_at ? w.went(number(d.messages), dateTime(d.last_at)) : w.never_used}</p>
              </li>
            ))}
          </ul>,
          <ul class="plain">
            {one.purposes.map((rule) => (
              <li key={rule.purpose}>
                {purposes[rule.purpose] ?? rule.purpose}
                <p class="note">{rule.categories.map((category) => named(w.categories, category)).join(', ')}</p>
              </li>
            ))}
          </ul>,
          <>
            <State code={one.state} names={w.agreement_states} />
            <p class="note">{day(one.valid_from)} – {one.valid_until ? day(one.valid_until) : w.no_end}</p>
          </>,
          one.retention_ms ? `${length(one.retention_ms / 1000)} ${w.after_delivery}` : w.erased_at_once,
          <a href={link(['messages'], { agreement: one.id })}>{number(one.directions.reduce((sum, d) => sum + d.messages, 0))}</a>,
          one.open_referrals === null ? '–' : <a href={link(['referrals'], { agreement: one.id })}>{number(one.open_referrals)}</a>,
        ],
      }))} />
  );
}

export function AgreementsPage() {
  const w = useWords();
  const live = useLive<Agreements>('agreements', 10);
  const picked = place.use().query.get('institution') ?? '';
  return (
    <Page title={w.agreements}>
      <Loaded live={live}>
        {(data) => (
          <>
            <Panel title={w.who_may} note={`${data.network.name}, ${w.network_version(data.network.version)}`} wide>
              <div class="filters">
                <Choice name={w.pick} value={picked} options={data.institutions.map(({ id, name }) => [id, name])}
                  change={(institution) => go(['agreements'], { institution })} />
              </div>
              <AgreementPicture data={data} picked={picked} />
            </Panel>
            <Panel title={w.agreements} wide><Rows data={data} picked={picked} /></Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}
