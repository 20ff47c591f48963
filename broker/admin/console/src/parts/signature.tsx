// Who acts, and why: asked for before every action, for the journal.
import { useState } from 'preact/hooks';
import { useWords } from '../language';

const NAME = 'relais.operator';

/// The name is remembered; the reason is new each time.
export function useSignature() {
  const [operator, setOperator] = useState(localStorage.getItem(NAME) ?? '');
  const [reason, setReason] = useState('');
  return {
    operator, reason, setReason,
    setOperator(name: string) {
      localStorage.setItem(NAME, name);
      setOperator(name);
    },
    signed: operator.trim() !== '' && reason.trim() !== '',
  };
}

export function SignatureFields({ signature }: { signature: ReturnType<typeof useSignature> }) {
  const w = useWords();
  return (
    <>
      <label>{w.your_name}<input type="text" required maxLength={100} autocomplete="name" value={signature.operator} onInput={(e) => signature.setOperator(e.currentTarget.value)} /></label>
      <label>{w.your_reason}<input type="text" required maxLength={300} value={signature.reason} onInput={(e) => signature.setReason(e.currentTarget.value)} /></label>
      <p class="note">{w.in_journal}</p>
    </>
  );
}
