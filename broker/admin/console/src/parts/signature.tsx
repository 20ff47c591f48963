// Who acts, and why: asked for before every action, for the journal.
import { useState } from 'preact/hooks';
import { useWords } from '../language';
import { session } from '../session';

const NAME = 'relais.operator';

/// Who logged in acts under that name, and no other. Another's name is remembered; the reason is new each time.
export function useSignature() {
  const mine = session.use()?.name;
  const [typed, setTyped] = useState(localStorage.getItem(NAME) ?? '');
  const [reason, setReason] = useState('');
  const operator = mine ?? typed;
  return {
    operator, reason, setReason,
    setOperator: mine ? undefined : (name: string) => {
      localStorage.setItem(NAME, name);
      setTyped(name);
    },
    signed: operator.trim() !== '' && reason.trim() !== '',
  };
}

export function SignatureFields({ signature }: { signature: ReturnType<typeof useSignature> }) {
  const w = useWords();
  const { operator, setOperator, reason, setReason } = signature;
  return (
    <>
      {setOperator && <label>{w.your_name}<input type="text" required maxLength={100} autocomplete="name" value={operator} onInput={(e) => setOperator(e.currentTarget.value)} /></label>}
      <label>{w.your_reason}<input type="text" required maxLength={300} value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
      <p class="note">{w.in_journal}</p>
    </>
  );
}
