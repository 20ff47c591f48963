// Institutions on a circle, and an arrow for each direction in which an agreement lets messages pass: the more have passed,
// the wider.
import { number, useWords } from '../language';
import { link } from '../router';
import type { Agreements } from '../types';
import { useNarrow } from './narrow';

interface Point {
  x: number;
  y: number;
}

interface Arrow {
  from: string;
  to: string;
  agreements: string[];
  open: number;
  messages: number;
}

function arrowsOf(data: Agreements): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const agreement of data.agreements) {
    if (agreement.state !== 'valid') continue;
    for (const { from, to, messages } of agreement.directions) {
      const arrow = arrows.get(`${from} ${to}`) ?? { from, to, agreements: [], open: 0, messages: 0 };
      arrow.agreements.push(agreement.name);
      arrow.open += agreement.open_referrals ?? 0;
      arrow.messages += messages;
      arrows.set(`${from} ${to}`, arrow);
    }
  }
  return [...arrows.values()];
}

/// Bent to the right of its way, so that two opposite ones lie side by side; it ends before the circles of both.
function curve(a: Point, b: Point, radius: number): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const bend = Math.min(34, length * 0.14);
  const middle = { x: (a.x + b.x) / 2 - uy * bend, y: (a.y + b.y) / 2 + ux * bend };
  const end = (p: Point, way: number) => {
    const [dx, dy] = [middle.x - p.x, middle.y - p.y];
    const d = Math.hypot(dx, dy) || 1;
    return `${(p.x + (dx / d) * (radius + way)).toFixed(1)} ${(p.y + (dy / d) * (radius + way)).toFixed(1)}`;
  };
  return `M${end(a, 2)}Q${middle.x.toFixed(1)} ${middle.y.toFixed(1)} ${end(b, 9)}`;
}

/// Outside of the circle: above, below, or, where there is room, at the side, where no arrow passes.
function beside(p: Point, centre: Point, radius: number, narrow: boolean) {
  const [dx, dy] = [p.x - centre.x, p.y - centre.y];
  if (!narrow && Math.abs(dx) > 1.4 * Math.abs(dy)) return { x: p.x + Math.sign(dx) * (radius + 8), y: p.y + 5, anchor: dx > 0 ? 'start' : 'end' };
  return { x: p.x, y: dy <= 0 ? p.y - radius - 10 : p.y + radius + 20, anchor: 'middle' };
}

export function AgreementPicture({ data, picked }: { data: Agreements; picked: string }) {
  const w = useWords();
  const narrow = useNarrow();
  const [width, height, radius] = narrow ? [360, 420, 15] : [900, 430, 18];
  const centre = { x: width / 2, y: height / 2 };
  const count = data.institutions.length;
  const points = new Map<string, Point>(
    data.institutions.map(({ id }, i) => {
      const angle = (2 * Math.PI * i) / count - Math.PI / 2;
      return [id, { x: centre.x + Math.cos(angle) * (width / 2 - (narrow ? 60 : 200)), y: centre.y + Math.sin(angle) * (height / 2 - 58) }];
    }),
  );
  const concerns = (arrow: Arrow) => !picked || arrow.from === picked || arrow.to === picked;
  const arrows = arrowsOf(data);
  return (
    <svg class="picture" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={w.picture(data.agreements.length, count)}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
          <path d="M0 0L8 4L0 8Z" />
        </marker>
      </defs>
      {arrows.map((arrow) => {
        const [a, b] = [points.get(arrow.from), points.get(arrow.to)];
        if (!a || !b) return null;
        return (
          <path key={`${arrow.from} ${arrow.to}`} class={concerns(arrow) ? 'arrow' : 'arrow faint'} d={curve(a, b, radius)}
            stroke-width={Math.min(6, 1.2 + Math.log10(1 + arrow.messages))} marker-end="url(#tip)">
            <title>{`${arrow.from} → ${arrow.to}: ${arrow.agreements.join(', ')}; ${w.messages}: ${number(arrow.messages)}; ${w.open_now}: ${arrow.open}`}</title>
          </path>
        );
      })}
      {data.institutions.map(({ id, name }) => {
        const p = points.get(id)!;
        const label = beside(p, centre, radius, narrow);
        const faint = picked && id !== picked && !arrows.some((arrow) => concerns(arrow) && (arrow.from === id || arrow.to === id));
        return (
          <a key={id} href={link(['institutions', id])} class={faint ? 'node faint' : 'node'} aria-label={`${name}, ${id}`}>
            <circle cx={p.x} cy={p.y} r={radius} />
            <text x={label.x} y={label.y} text-anchor={label.anchor}>{narrow ? id : name}</text>
          </a>
        );
      })}
    </svg>
  );
}
