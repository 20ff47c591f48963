// Bars by group and kind, stacked or one under the other. What may not be shown has no length; where the whole is known, the
// rest of the bar is an outline. The table that goes with it says the same.
import { number, useWords } from '../language';

export interface Kind {
  code: string; // a class in style.css gives it its colour
  name: string;
}

export interface Row {
  key: string;
  name: string;
  values: (number | null)[]; // in the order of the kinds
  total?: number | null;
}

const THICK = 10;
const GAP = 3;

const known = (row: Row) => row.values.map((value) => value ?? 0);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

function Stack({ row, kinds, scale }: { row: Row; kinds: Kind[]; scale: number }) {
  const w = useWords();
  const values = known(row);
  const shown = sum(values);
  const rest = Math.max(0, (row.total ?? shown) - shown);
  let x = 0;
  const place = (value: number) => {
    const at = x;
    x += value * scale;
    return { x: at, width: value * scale, height: THICK };
  };
  return (
    <svg viewBox={`0 0 100 ${THICK}`} preserveAspectRatio="none">
      {kinds.map(({ code, name }, i) => values[i]! > 0 && (
        <rect key={code} class={`share ${code}`} {...place(values[i]!)}><title>{`${name}: ${number(values[i]!)}`}</title></rect>
      ))}
      {rest > 0 && <rect class="share hidden" {...place(rest)}><title>{`${w.hidden}: ${number(rest)}`}</title></rect>}
    </svg>
  );
}

function Beside({ row, kinds, scale }: { row: Row; kinds: Kind[]; scale: number }) {
  const height = kinds.length * (THICK + GAP) - GAP;
  return (
    <svg class="many" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none">
      {kinds.map(({ code, name }, i) => (
        <rect key={code} class={`share ${code}`} y={i * (THICK + GAP)} width={(row.values[i] ?? 0) * scale} height={THICK}>
          <title>{`${name}: ${row.values[i] == null ? '–' : number(row.values[i]!, 1)}`}</title>
        </rect>
      ))}
    </svg>
  );
}

/// Stacked when the rows have totals.
export function Shares({ title, kinds, rows }: { title: string; kinds: Kind[]; rows: Row[] }) {
  const w = useWords();
  const stacked = rows.some((row) => row.total !== undefined);
  const reach = (row: Row) => (stacked ? row.total ?? sum(known(row)) : Math.max(...known(row)));
  const scale = 100 / (Math.max(...rows.map(reach)) || 1);
  const hides = stacked && rows.some((row) => row.total != null && row.total > sum(known(row)));
  return (
    <figure class="shares">
      <figcaption>
        {[...kinds, ...(hides ? [{ code: 'hidden', name: w.hidden }] : [])].map(({ code, name }) => (
          <span key={code} class="key">
            <svg viewBox="0 0 10 10" aria-hidden="true"><rect class={`share ${code}`} width="10" height="10" /></svg> {name}
          </span>
        ))}
      </figcaption>
      <div role="img" aria-label={w.chart_of(title)}>
        <ul class="bars">
          {rows.map((row) => (
            <li key={row.key}>
              <span class="bar-name">{row.name}</span>
              {stacked ? <Stack row={row} kinds={kinds} scale={scale} /> : <Beside row={row} kinds={kinds} scale={scale} />}
              {stacked && <span class="bar-value">{row.total == null ? w.hidden : number(row.total)}</span>}
            </li>
          ))}
        </ul>
      </div>
    </figure>
  );
}
