// Does every institution's software answer, and how fast? Sends each an exercise message, and shows the answers as they
// come.
import { useState } from 'preact/hooks';
import { tell, useLive, type Refusal } from '../api';
import { dateTime, number, useWords } from '../language';
import { useInstitutions } from '../parts/filters';
import { Loaded, Page, Panel, Refused, Table } from '../parts/page';
import { SignatureFields, useSignature } from '../parts/signature';
import { State } from '../parts/signals';
import { go, link } from '../router';
import { may } from '../session';
import type { Overview, SelfTest } from '../types';

/// How many adapters each institution has there now; undefined while nobody said.
function useConnected(): (institution: string) => number | undefined {
  const institutions = useLive<Overview>('overview', 5).data?.institutions;
  return (id) => institutions?.find((one) => one.id === id)?.adapters_connected;
}

/// What somebody did before stands in the journal, which not every role reads.
function Before() {
  const w = useWords();
  return may('GET /api/v1/audit') ? <a href={link(['audit'], { action: 'connection.test' })}>{w.self_test_before}</a> : null;
}

const SEND = 'POST /api/v1/self-tests';

function Begin() {
  const w = useWords();
  const institutions = useInstitutions();
  const connected = useConnected();
  const signature = useSignature();
  const [left, leave] = useState<string[]>([]);
  const [refused, refuse] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const chosen = institutions.map(([id]) => id).filter((id) => !left.includes(id));
  const ready = signature.signed && chosen.length > 0 && !busy;
  const send = async () => {
    setBusy(true);
    refuse(undefined);
    const { operator, reason } = signature;
    const answer = await tell<{ message_id: string }>('self-tests', { operator, reason, institutions: chosen });
    setBusy(false);
    if ('data' in answer) go(['self-test', answer.data.message_id]);
    else if ('refused' in answer) refuse(answer.refused);
  };
  return (
    <Panel title={w.self_test_new} note={w.self_test_note} wide>
      <form class="stack" onSubmit={(event) => {
        event.preventDefault();
        if (ready) void send();
      }}>
        <fieldset class="ticks">
          <legend>{w.institutions}</legend>
          {institutions.map(([id, name]) => (
            <label key={id} class="tick">
              <input type="checkbox" checked={!left.includes(id)} onChange={(event) =>
                leave(event.currentTarget.checked ? left.filter((one) => one !== id) : [...left, id])} />
              <span>{name}{connected(id) === 0 && <span class="note"> ({w.self_test_no_adapter})</span>}</span>
            </label>
          ))}
        </fieldset>
        <SignatureFields signature={signature} />
        {refused && <Refused refusal={refused} />}
        <div class="buttons">
          <button type="submit" disabled={!ready}>{w.self_test_send(chosen.length)}</button>
          <Before />
        </div>
      </form>
    </Panel>
  );
}

function Result({ test }: { test: SelfTest }) {
  const w = useWords();
  const connected = useConnected();
  const back = test.institutions.filter((one) => one.state === 'delivered').length;
  return (
    <Panel title={w.self_test_result} note={`${dateTime(test.sent_at)}. ${w.self_test_waits}`} wide>
      <p role="status">{w.self_test_back(back, test.institutions.length)}</p>
      <Table caption={w.self_test_result} columns={[w.institution, w.state, w.round_trip, w.attempts, w.reason]} right={[2, 3]}
        rows={test.institutions.map((one) => ({
          key: one.institution,
          cells: [
            <a href={link(['institutions', one.institution])}>{one.institution}</a>,
            <State code={one.state} names={w.states} />,
            one.round_trip_ms === null ? '–' : `${number(one.round_trip_ms)} ms`,
            number(one.attempts),
            one.state === 'queued' && connected(one.institution) === 0 ? w.self_test_queued : one.reason ? <code>{one.reason}</code> : '–',
          ],
        }))} />
      <p class="links">
        <a href={link(['messages', test.message_id])}>{w.self_test_message}</a>
        {may(SEND) && <a href={link(['self-test'])}>{w.self_test_new}</a>}
      </p>
    </Panel>
  );
}

function Live({ id }: { id: string }) {
  const live = useLive<SelfTest>(`self-tests/${encodeURIComponent(id)}`, 1);
  return <Loaded live={live}>{(test) => <Result test={test} />}</Loaded>;
}

export function SelfTestPage({ id }: { id?: string }) {
  const w = useWords();
  const nothing = <><p>{w.self_test_not_allowed}</p><Before /></>;
  return <Page title={w.self_test}>{id ? <Live id={id} /> : may(SEND) ? <Begin /> : nothing}</Page>;
}
