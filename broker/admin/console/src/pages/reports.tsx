// For institutions: the services rendered under an agreement, and what went from one to another.
import { go, place } from '../router';
import { useWords } from '../language';
import { Page } from '../parts/page';
import { ReconciliationPanel } from '../parts/reconciliation';
import { StatementPanel } from '../parts/statement';
import { may } from '../session';

const NAMES = ['agreement', 'first', 'last', 'from', 'to', 'since', 'until'] as const;

/// What was asked for stands in the address.
export type Given = Record<(typeof NAMES)[number], string>;
export interface Chosen {
  given: Given;
  set(name: keyof Given): (value: string) => void;
}

export function ReportsPage() {
  const w = useWords();
  const { query } = place.use();
  const given = Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) as Given;
  const set = (name: keyof Given) => (value: string) => go(['reports'], { ...given, [name]: value });
  return (
    <Page title={w.reports}>
      <div class="panels">
        {may('GET /api/v1/statement') && <StatementPanel given={given} set={set} />}
        {may('GET /api/v1/messages') && <ReconciliationPanel given={given} set={set} />}
      </div>
    </Page>
  );
}
