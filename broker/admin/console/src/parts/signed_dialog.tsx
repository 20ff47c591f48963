// Before an action of an operator: what it means, who does it and why; then how it ended.
import { type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type Refusal } from '../api';
import { useWords } from '../language';
import { Refused } from './page';
import { SignatureFields, useSignature } from './signature';

/// `act` sends it to the broker. It may be at work for longer than a browser waits for an answer: that is said, and is no
/// failure.
export function SignedDialog<T>({ title, children, act, said, danger, ready = true, close }: {
  title: string;
  children: ComponentChildren;
  act(operator: string, reason: string): Promise<Answer<T>>;
  /// What came of it.
  said(done: T): ComponentChildren;
  danger?: boolean;
  ready?: boolean;
  close(acted: boolean): void;
}) {
  const w = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const signature = useSignature();
  const [state, become] = useState<'asking' | 'working' | 'silent' | { done: T }>('asking');
  const [refused, refuse] = useState<Refusal>();
  useEffect(() => dialog.current?.showModal(), []);
  const go = async () => {
    refuse(undefined);
    become('working');
    const answer = await act(signature.operator, signature.reason);
    if ('data' in answer) return become({ done: answer.data });
    become('silent' in answer ? 'silent' : 'asking');
    if ('refused' in answer) refuse(answer.refused);
  };
  const asking = state === 'asking';
  return (
    <dialog ref={dialog} aria-labelledby="signed-title" onClose={() => close(!asking)}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (asking && ready && signature.signed) void go();
      }}>
        <h2 id="signed-title">{title}</h2>
        <div class="stack" inert={!asking}>{children}</div>
        {asking && <SignatureFields signature={signature} />}
        {state === 'working' && <p role="status">{w.at_work}</p>}
        {state === 'silent' && <p role="status">{w.no_answer_yet}</p>}
        {typeof state === 'object' && <div role="status">{said(state.done)}</div>}
        {refused && <Refused refusal={refused} />}
        <div class="buttons">
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>{asking ? w.cancel : w.close}</button>
          {asking && <button type="submit" class={danger ? 'danger' : ''} disabled={!ready || !signature.signed}>{title}</button>}
        </div>
      </form>
    </dialog>
  );
}
