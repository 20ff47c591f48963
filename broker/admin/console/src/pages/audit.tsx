// Who did what, when and why, as the journal says it, and whether the journal is whole.
import { query } from '../api';
import { dateTime, named, number, useWords } from '../language';
import { type ChainCheck, useChainCheck } from '../parts/chain_check';
import { Choice, TimeField } from '../parts/filters';
import { Facts, Id, Page, Panel, Refused, Table } from '../parts/page';
import { useWalk } from '../parts/walk';
import { WalkStatus } from '../parts/walk_status';
import { go, link, place } from '../router';
import type { OperatorAct } from '../types';

function Chain({ check }: { check?: ChainCheck }) {
  const w = useWords();
  if (!check) return <p class="empty" role="status">{w.loading}</p>;
  const whole = !check.damaged && check.reached === check.end;
  const state = check.damaged ? 'red' : whole ? 'green' : 'plain';
  return (
    <>
      {check.damaged && <Refused refusal={check.damaged} />}
      {!whole && <progress class="wide" aria-label={w.chain_verified} value={check.reached} max={Math.max(1, check.end)} />}
      <Facts facts={[
        [w.state, <span class={`state ${state}`}>{check.damaged ? w.chain_damaged : whole ? w.chain_whole : w.chain_checking}</span>],
        [w.chain_verified, w.chain_until(number(check.reached), number(check.end))],
        [w.at, dateTime(new Date(check.at).toISOString())],
        [w.chain_hash, <code>{check.hash}</code>],
      ]} />
    </>
  );
}

function About({ action, about }: Pick<OperatorAct, 'action' | 'about'>) {
  const w = useWords();
  if (!about) return <>–</>;
  if ('network_version' in about) return <>{w.network}, {w.network_version(about.network_version)}</>;
  if ('account' in about) return <>{w.account} {about.account}</>;
  if ('institution' in about) return <a href={link(['institutions', about.institution])}>{about.institution}</a>;
  if (action === 'connection.test') return <Id id={about.message_id} href={link(['self-test', about.message_id])} />;
  return <><Id id={about.message_id} href={link(['messages', about.message_id])} /> → {about.recipient}</>;
}

export function AuditPage() {
  const w = useWords();
  const { query: given } = place.use();
  const names = ['operator', 'action', 'from', 'until'];
  const chosen = Object.fromEntries(names.map((name) => [name, given.get(name) ?? '']));
  const walk = useWalk<OperatorAct, 'acts'>('audit', 'acts', query(chosen).slice(1), (act) => act.position);
  const check = useChainCheck();
  const set = (name: string) => (value: string) => go(['audit'], { ...chosen, [name]: value });
  return (
    <Page title={w.audit}>
      <Panel title={w.chain_title} note={w.chain_note} wide><Chain check={check} /></Panel>
      <Panel title={w.acts} note={w.newest_first} wide>
        <div class="filters">
          <label>{w.who}<input type="text" autocomplete="off" value={chosen.operator} onChange={(event) => set('operator')(event.currentTarget.value.trim())} /></label>
          <Choice name={w.action} value={chosen.action!} options={Object.entries(w.actions)} change={set('action')} />
          <TimeField name={w.from} value={chosen.from!} change={set('from')} />
          <TimeField name={w.to} value={chosen.until!} change={set('until')} />
          {names.some((name) => chosen[name]) && <button type="button" class="quiet" onClick={() => go(['audit'])}>{w.clear}</button>}
        </div>
        {walk.found.refused && <Refused refusal={walk.found.refused} />}
        <Table caption={w.acts} columns={[w.at, w.who, w.action, w.about, w.reason, w.position]} right={[5]}
          empty={walk.found.working ? w.searching : undefined}
          rows={walk.found.items.map((act) => ({
            key: String(act.position),
            cells: [dateTime(act.at), act.operator, named(w.actions, act.action), <About action={act.action} about={act.about} />, act.reason, number(act.position)],
          }))} />
        <WalkStatus walk={walk} />
      </Panel>
    </Page>
  );
}
