import { useState } from 'preact/hooks';
import { useWords } from '../language';
import { Page } from '../parts/page';
import { signIn } from '../session';

export function SignIn() {
  const w = useWords();
  const [given, type] = useState('');
  const [wrong, complain] = useState(false);
  return (
    <Page title={w.sign_in}>
      <form class="panel sign-in" onSubmit={(event) => {
        event.preventDefault();
        const token = given.trim();
        if (/^[0-9a-f]{64}$/i.test(token)) signIn(token);
        else complain(true);
      }}>
        <label>
          {w.token}
          <input type="password" autocomplete="off" spellcheck={false} value={given} aria-describedby="token-help"
            aria-invalid={wrong} onInput={(event) => type(event.currentTarget.value)} />
        </label>
        <p id="token-help" class="note">{w.token_help}</p>
        {wrong && <p class="refused" role="alert">{w.token_shape}</p>}
        <button type="submit">{w.sign_in}</button>
      </form>
    </Page>
  );
}
