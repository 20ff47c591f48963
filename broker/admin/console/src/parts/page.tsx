// What every page is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { language, useWords } from '../language';
import type { Refusal } from '../api';

/// The heading takes the focus when the reader comes to a page, so that a screen reader begins there.
export function Page({ title, children, aside }: { title: string; children: ComponentChildren; aside?: ComponentChildren }) {
  const w = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Relais`;
  }, [title, w]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {aside}
      </div>
      {children}
    </>
  );
}

export function Panel({ title, note, children, wide }: { title: string; note?: string; children: ComponentChildren; wide?: boolean }) {
  return (
    <section class={wide ? 'panel wide' : 'panel'}>
      <h2>{title}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Figure({ value, name, href, colour }: { value: string; name: string; href?: string; colour?: string }) {
  const inside = (
    <>
      <strong>{value}</strong>
      <span>{name}</span>
    </>
  );
  return href ? <a class={`figure ${colour ?? ''}`} href={href}>{inside}</a> : <div class={`figure ${colour ?? ''}`}>{inside}</div>;
}

/// Rows become cards where the window is narrow: each cell then names its column.
export function Table({ caption, columns, rows, empty, right = [] }: {
  caption: string;
  columns: string[];
  rows: { key: string; cells: ComponentChildren[] }[];
  empty?: string;
  right?: number[];
}) {
  const w = useWords();
  if (!rows.length) return <p class="empty">{empty ?? w.nothing}</p>;
  return (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>{columns.map((name, i) => <th key={name} scope="col" class={right.includes(i) ? 'right' : ''}>{name}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, i) => (
              <td key={i} data-name={columns[i]} class={right.includes(i) ? 'right' : ''}><div>{cell}</div></td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Refused({ refusal }: { refusal: Refusal }) {
  const sentence = language.use() === 'fr' ? refusal.french : refusal.english;
  return (
    <p class="refused" role="alert">
      {sentence || refusal.code} <code>{refusal.code}</code>
    </p>
  );
}

/// The answer when it is there, else why it is not.
export function Loaded<T>({ live, children }: { live: { data?: T; refused?: Refusal }; children: (data: T) => ComponentChildren }) {
  const w = useWords();
  if (live.data !== undefined) return <>{children(live.data)}</>;
  if (live.refused) return <Refused refusal={live.refused} />;
  return <p class="empty" role="status">{w.loading}</p>;
}

/// The start of an id, which is enough to tell rows apart; the whole one on pointing at it.
export function Id({ id, href }: { id: string; href?: string }) {
  if (!id) return <>–</>;
  const short = id.slice(0, 8);
  return href ? <a class="id" href={href} title={id}>{short}…</a> : <span class="id" title={id}>{short}…</span>;
}
