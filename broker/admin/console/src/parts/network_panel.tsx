// The network definition in force, and another one in its place: the broker says first everything that stands against it.
import { useState } from 'preact/hooks';
import { tell, useLive, type Refusal } from '../api';
import { dateTime, number, useWords } from '../language';
import { link } from '../router';
import { may } from '../session';
import type { NetworkInForce, NetworkOutline, NetworkTrial } from '../types';
import { base64 } from './file';
import { Facts, Loaded, Panel, Refused, Table } from './page';
import { SignedDialog } from './signed_dialog';

function Outline({ network, authority }: { network: NetworkOutline; authority?: string }) {
  const w = useWords();
  return (
    <Facts facts={[
      [w.network, `${network.name} (${network.id})`],
      [w.version, number(network.version)],
      [w.signed_at, dateTime(network.signed_at)],
      ...(authority ? [[w.authority, <code>{authority}</code>] as [string, preact.JSX.Element]] : []),
      [w.institutions, number(network.institutions)],
      [w.agreements, number(network.agreements)],
      [w.services, number(network.services)],
    ]} />
  );
}

/// What stands against it, all at once.
function Against({ trial }: { trial: NetworkTrial }) {
  const w = useWords();
  const { network, present, authentic, violations, acceptable } = trial;
  if (acceptable) return <p><span class="state green">{w.network_acceptable}</span></p>;
  return (
    <>
      <ul class="reasons" role="alert">
        {!authentic && <li>{w.network_not_authentic}</li>}
        {present !== null && network.version <= present && <li>{w.network_not_newer(number(network.version), number(present))}</li>}
        {violations.length > 0 && <li>{w.network_violations(number(violations.length))}</li>}
      </ul>
      {violations.length > 0 && (
        <Table caption={w.network_violations(number(violations.length))} columns={[w.value, w.problem, w.allowed]}
          rows={violations.map((one, i) => ({ key: String(i), cells: [<code>{one.path}</code>, one.problem, one.allowed || '–'] }))} />
      )}
    </>
  );
}

function Apply({ again }: { again(): void }) {
  const w = useWords();
  const [chosen, choose] = useState<{ file: string; signed: string; trial: NetworkTrial }>();
  const [refused, refuse] = useState<Refusal>();
  const [asks, ask] = useState(false);
  const [unreadable, say] = useState(false);
  const look = async (file?: File) => {
    choose(undefined);
    refuse(undefined);
    say(false);
    if (!file) return;
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (!bytes) return say(true);
    const signed = base64(new Uint8Array(bytes));
    const answer = await tell<NetworkTrial>('network', { signed_network: signed, dry_run: true });
    if ('data' in answer) choose({ file: file.name, signed, trial: answer.data });
    else if ('refused' in answer) refuse(answer.refused);
  };
  return (
    <>
      <h3>{w.network_apply}</h3>
      <label>{w.network_file}<input type="file" onChange={(event) => void look(event.currentTarget.files?.[0])} /></label>
      {unreadable && <p class="refused" role="alert">{w.file_unreadable}</p>}
      {refused && <Refused refusal={refused} />}
      {chosen && (
        <div class="stack">
          <Outline network={chosen.trial.network} />
          <Against trial={chosen.trial} />
          <div class="buttons">
            <button type="button" disabled={!chosen.trial.acceptable} onClick={() => ask(true)}>
              {w.network_put(number(chosen.trial.network.version))}
            </button>
          </div>
        </div>
      )}
      {chosen && asks && (
        <SignedDialog title={w.network_put(number(chosen.trial.network.version))} said={() => <p>{w.network_done}</p>}
          act={(operator, reason) => tell('network', { operator, reason, signed_network: chosen.signed })}
          close={(acted) => {
            ask(false);
            if (acted) {
              choose(undefined);
              again();
            }
          }}>
          <p>{w.network_means(chosen.file)}</p>
        </SignedDialog>
      )}
    </>
  );
}

export function NetworkPanel() {
  const w = useWords();
  const live = useLive<NetworkInForce>('network', 30);
  return (
    <Panel title={w.network} note={w.network_note} wide>
      <Loaded live={live}>{(network) => <Outline network={network} authority={network.authority} />}</Loaded>
      {may('GET /api/v1/audit') && <p class="links"><a href={link(['audit'], { action: 'network.apply' })}>{w.network_who}</a></p>}
      {may('POST /api/v1/network') && <Apply again={live.again} />}
    </Panel>
  );
}
