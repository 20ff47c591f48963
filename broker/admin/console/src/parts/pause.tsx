// Pause and maintenance: whether deliveries to an institution are held back, until when and why; pausing, and going on.
import { useState } from 'preact/hooks';
import { tell, type Refusal } from '../api';
import { dateTime, useWords } from '../language';
import { may } from '../session';
import type { InstitutionPage, Pause } from '../types';
import { TimeField } from './filters';
import { Facts, Panel, Refused } from './page';
import { SignatureFields, useSignature } from './signature';

type Act = 'pause' | 'end';

function Form({ id, act, pause, close }: { id: string; act: Act; pause: Pause | null; close(): void }) {
  const w = useWords();
  const signature = useSignature();
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [refused, refuse] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const ready = signature.signed && (act === 'end' || until !== '') && !busy;
  const send = async () => {
    setBusy(true);
    refuse(undefined);
    const { operator, reason } = signature;
    const times = act === 'end' ? {} : { until, ...(from && { from }) };
    const answer = await tell(act === 'end' ? 'pauses/end' : 'pauses', { operator, reason, institution: id, ...times });
    setBusy(false);
    if ('data' in answer) close();
    else if ('refused' in answer) refuse(answer.refused);
  };
  return (
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      if (ready) void send();
    }}>
      {act === 'pause' && (
        <>
          {!pause?.in_force && <TimeField name={w.pause_from} value={from} change={setFrom} />}
          <TimeField name={w.pause_until} value={until} change={setUntil} />
          <p class="note">{w.pause_means}</p>
        </>
      )}
      <SignatureFields signature={signature} />
      {refused && <Refused refusal={refused} />}
      <div class="buttons">
        <button type="button" class="quiet" onClick={close}>{w.cancel}</button>
        <button type="submit" disabled={!ready}>{act === 'end' ? w.pause_end : w.pause_begin}</button>
      </div>
    </form>
  );
}

export function PausePanel({ page }: { page: InstitutionPage }) {
  const w = useWords();
  const { id, pause } = page;
  const [act, choose] = useState<Act>();
  return (
    <Panel title={w.pause_title}>
      {pause ? (
        <>
          <p role="status"><span class={`state ${pause.in_force ? 'amber' : 'plain'}`}>{pause.in_force ? w.pause_in_force : w.pause_announced}</span></p>
          <Facts facts={[
            [w.from, dateTime(pause.from)],
            [w.to, dateTime(pause.until)],
            [w.who, pause.operator],
            [w.reason, pause.reason],
          ]} />
        </>
      ) : <p role="status">{w.pause_none}</p>}
      {act ? <Form id={id} act={act} pause={pause} close={() => choose(undefined)} /> : (
        <div class="buttons">
          {may('POST /api/v1/pauses') && <button type="button" class="quiet" onClick={() => choose('pause')}>{pause ? w.pause_change : w.pause_new}</button>}
          {pause && may('POST /api/v1/pauses/end') && <button type="button" onClick={() => choose('end')}>{w.pause_resume}</button>}
        </div>
      )}
    </Panel>
  );
}
