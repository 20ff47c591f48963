// The services rendered under an agreement in a stretch of days, and their price.
import { brokerNow, query, useLive } from '../api';
import { dayInFrance, monthsBefore } from '../clock';
import { dateTime, euros, named, number, useWords } from '../language';
import type { Chosen } from '../pages/reports';
import { link } from '../router';
import type { Statement } from '../types';
import { csv, save } from './file';
import { Choice, useAgreements, useInstitutions } from './filters';
import { Facts, Id, Loaded, Panel, Table } from './page';

const OVER_S = 60;

function saveAsCsv(made: Statement) {
  const price = (made.unit_price_cents / 100).toFixed(2);
  save(`${made.agreement}-${made.from}-${made.until}.csv`, 'text/csv',
    csv(';', ['completed_at', 'referral_id', 'from', 'acting', 'to', 'purpose', 'outcome', 'price_eur'],
      made.lines.map((line) => [line.completed_at, line.referral_id, line.from, line.acting, line.to, line.purpose, line.outcome, price])));
}

function Made({ made }: { made: Statement }) {
  const w = useWords();
  const names = Object.fromEntries(useInstitutions());
  const name = (id: string) => names[id] ?? id;
  return (
    <>
      <Facts facts={[
        [w.agreement, made.name],
        [w.law, made.legal_basis],
        [w.rendered, number(made.services)],
        [w.unit_price, euros(made.unit_price_cents)],
        [w.total_price, <strong>{euros(made.total_cents)}</strong>],
      ]} />
      <Table caption={w.statement} columns={[w.completed, w.referral, `${w.from} → ${w.to}`, w.purpose, w.outcome]} empty={w.rendered_none}
        rows={made.lines.map((line) => ({
          key: line.referral_id,
          cells: [
            dateTime(line.completed_at),
            <Id id={line.referral_id} href={link(['referrals', line.referral_id])} />,
            `${name(line.from)}${line.acting ? ` (${name(line.acting)})` : ''} → ${name(line.to)}`,
            named({}, line.purpose),
            named(w.outcomes, line.outcome),
          ],
        }))} />
      {made.lines.length > 0 && <button type="button" class="quiet" onClick={() => saveAsCsv(made)}>{w.save_csv}</button>}
    </>
  );
}

function Live({ agreement, from, until }: { agreement: string; from: string; until: string }) {
  const live = useLive<Statement>(`statement${query({ agreement, from, until })}`, OVER_S);
  return <Loaded live={live}>{(made) => <Made made={made} />}</Loaded>;
}

/// The month before, unless somebody says otherwise.
export function StatementPanel({ given, set }: Chosen) {
  const w = useWords();
  const agreements = useAgreements();
  const today = dayInFrance(brokerNow());
  const [month] = monthsBefore(today, 1);
  const first = given.first || `${month}-01`;
  const last = given.last || dayInFrance(Date.parse(`${today.slice(0, 7)}-01T12:00:00Z`) - 86_400_000);
  return (
    <Panel title={w.statement} note={w.statement_note} wide>
      <div class="filters">
        <Choice name={w.agreement} value={given.agreement} options={agreements} any={w.choose_one}
          change={set('agreement')} />
        <label>{w.first_day}<input type="date" value={first} onChange={(event) => set('first')(event.currentTarget.value)} /></label>
        <label>{w.last_day}<input type="date" value={last} onChange={(event) => set('last')(event.currentTarget.value)} /></label>
      </div>
      {given.agreement && <Live agreement={given.agreement} from={first} until={last} />}
    </Panel>
  );
}
