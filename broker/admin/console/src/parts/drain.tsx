// Before an upgrade: nothing new is taken, what is on its way comes to its end, and the page says when it has.
import { useState } from 'preact/hooks';
import { tell, useLive } from '../api';
import { number, useWords } from '../language';
import { may } from '../session';
import type { Drain } from '../types';
import { Facts, Loaded, Panel } from './page';
import { SignedDialog } from './signed_dialog';

function DrainDialog({ draining, close }: { draining: boolean; close(): void }) {
  const w = useWords();
  return (
    <SignedDialog title={draining ? w.drain_end : w.drain_begin} close={close} said={() => <p>{draining ? w.drain_ended : w.drain_begun}</p>}
      act={(operator, reason) => tell(draining ? 'drain/end' : 'drain', { operator, reason })}>
      <p>{draining ? w.drain_end_means : w.drain_means}</p>
    </SignedDialog>
  );
}

export function DrainPanel() {
  const w = useWords();
  const live = useLive<Drain>('drain');
  const [asks, setAsks] = useState<{ draining: boolean }>();
  return (
    <Panel title={w.drain} note={w.drain_note}>
      <Loaded live={live}>
        {({ draining, out_for_delivery, inputs_waiting, nothing_in_flight }) => (
          <>
            <p role="status">
              <span class={`state ${draining ? 'amber' : 'green'}`}>{draining ? w.drain_on : w.drain_off}</span>{' '}
              {draining && <span class={`state ${nothing_in_flight ? 'green' : 'plain'}`}>{nothing_in_flight ? w.drain_quiet : w.drain_busy}</span>}
            </p>
            <Facts facts={[[w.drain_out, number(out_for_delivery)], [w.drain_waiting, number(inputs_waiting)]]} />
            <div class="buttons">
              {!draining && may('POST /api/v1/drain') && <button type="button" onClick={() => setAsks({ draining })}>{w.drain_begin}</button>}
              {draining && may('POST /api/v1/drain/end') && <button type="button" onClick={() => setAsks({ draining })}>{w.drain_end}</button>}
            </div>
          </>
        )}
      </Loaded>
      {asks && <DrainDialog draining={asks.draining} close={() => {
        setAsks(undefined);
        live.again();
      }} />}
    </Panel>
  );
}
