// Lines over time, drawn by hand: no library, no canvas, readable in both colour schemes.
import { clock, number, useWords } from '../language';

export interface Line {
  name: string;
  values: number[];
  kind: 'first' | 'second';
}

const WIDTH = 600;
const HEIGHT = 120;

function path(values: number[], top: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  return values.map((v, i) => `${i ? 'L' : 'M'}${(i * step).toFixed(1)} ${(HEIGHT - (v / top) * HEIGHT).toFixed(1)}`).join('');
}

export function Chart({ title, at, lines }: { title: string; at: string[]; lines: Line[] }) {
  const w = useWords();
  if (at.length < 2) {
    return (
      <figure class="chart">
        <figcaption>{title}</figcaption>
        <p class="empty">{w.no_history}</p>
      </figure>
    );
  }
  const highest = Math.max(...lines.flatMap((line) => line.values));
  const top = Math.max(1, highest);
  const said = lines
    .map((line) => `${line.name}: ${w.highest} ${number(Math.max(...line.values))}, ${w.now} ${number(line.values[line.values.length - 1] ?? 0)}`)
    .join('; ');
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {lines.length > 1 && lines.map((line) => <span key={line.name} class={`legend ${line.kind}`}>{line.name}</span>)}
      </figcaption>
      <div class="plot">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}. ${said}`}>
          <path class="grid" d={`M0 ${HEIGHT}H${WIDTH}M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} />
          {lines.map((line) => (
            <g key={line.name} class={line.kind}>
              {lines.length === 1 && <path class="area" d={`${path(line.values, top)}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />}
              <path class="line" d={path(line.values, top)} />
            </g>
          ))}
        </svg>
        <span class="top" aria-hidden="true">{number(top)}</span>
        <span class="start" aria-hidden="true">{clock(at[0]!)}</span>
        <span class="end" aria-hidden="true">{clock(at[at.length - 1]!)}</span>
      </div>
    </figure>
  );
}

/// One bar for each name, the longest the full width.
export function Bars({ bars }: { bars: { name: string; value: number; href?: string }[] }) {
  const top = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul class="bars">
      {bars.map((bar) => (
        <li key={bar.name}>
          <span class="bar-name">{bar.href ? <a href={bar.href}>{bar.name}</a> : bar.name}</span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width={(100 * bar.value) / top} height="10" rx="1" />
          </svg>
          <span class="bar-value">{number(bar.value)}</span>
        </li>
      ))}
    </ul>
  );
}
