// Pause and maintenance: whether deliveries to an institution are held back, until when and why; pausing, and going on.
import { useState } from 'preact/hooks';
import { tell } from '../api';
import { dateTime, useWords } from '../language';
import { may } from '../session';
import type { InstitutionPage, Pause } from '../types';
import { TimeField } from './filters';
import { Facts, Panel } from './page';
import { SignedDialog } from './signed_dialog';

type Act = 'pause' | 'end';

function PauseDialog({ id, pause, close }: { id: string; pause: Pause | null; close(): void }) {
  const w = useWords();
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  return (
    <SignedDialog title={w.pause_begin} ready={until !== ''} close={close} said={() => <p>{w.pause_noted}</p>}
      act={(operator, reason) => tell('pauses', { operator, reason, institution: id, until, ...(from && { from }) })}>
      {!pause?.in_force && <TimeField name={w.pause_from} value={from} change={setFrom} />}
      <TimeField name={w.pause_until} value={until} change={setUntil} />
      <p class="note">{w.pause_means}</p>
    </SignedDialog>
  );
}

function ResumeDialog({ id, close }: { id: string; close(): void }) {
  const w = useWords();
  return (
    <SignedDialog title={w.pause_end} close={close} said={() => <p>{w.pause_none}</p>}
      act={(operator, reason) => tell('pauses/end', { operator, reason, institution: id })}>
      <p>{w.pause_end_means}</p>
    </SignedDialog>
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
      <div class="buttons">
        {may('POST /api/v1/pauses') && <button type="button" class="quiet" onClick={() => choose('pause')}>{pause ? w.pause_change : w.pause_new}</button>}
        {pause && may('POST /api/v1/pauses/end') && <button type="button" onClick={() => choose('end')}>{w.pause_resume}</button>}
      </div>
      {act === 'pause' && <PauseDialog id={id} pause={pause} close={() => choose(undefined)} />}
      {act === 'end' && <ResumeDialog id={id} close={() => choose(undefined)} />}
    </Panel>
  );
}
