// Where one logs in: with an account, by a provider of identities, or with the broker's token.
import { useEffect, useState } from 'preact/hooks';
import { ask, logIn, type Refusal, whoIsHere } from '../api';
import { useWords } from '../language';
import { Page, Refused } from '../parts/page';
import { place } from '../router';
import { keepToken } from '../session';

interface Ways {
  accounts: boolean;
  token: boolean;
  provider: { name: string } | null;
}

function ByAccount() {
  const w = useWords();
  const [given, type] = useState({ name: '', password: '', code: '' });
  const [refused, refuse] = useState<Refusal>();
  const [busy, work] = useState(false);
  const field = (name: keyof typeof given) => ({
    value: given[name],
    onInput: (event: { currentTarget: HTMLInputElement }) => type({ ...given, [name]: event.currentTarget.value }),
  });
  const enter = async () => {
    work(true);
    refuse(undefined);
    const why = await logIn({ ...given, name: given.name.trim(), code: given.code.replace(/\s/g, '') });
    work(false);
    refuse(why);
    type({ ...given, password: '', code: '' });
  };
  return (
    <form class="panel sign-in" onSubmit={(event) => {
      event.preventDefault();
      if (!busy) void enter();
    }}>
      <label>{w.name}<input type="text" required autocomplete="username" autocapitalize="none" spellcheck={false} {...field('name')} /></label>
      <label>{w.password}<input type="password" required autocomplete="current-password" {...field('password')} /></label>
      <label>{w.second_factor}<input type="text" inputMode="numeric" autocomplete="one-time-code" aria-describedby="code-help" {...field('code')} /></label>
      <p id="code-help" class="note">{w.second_factor_help}</p>
      {refused && <Refused refusal={refused} />}
      <button type="submit" disabled={busy}>{w.sign_in}</button>
    </form>
  );
}

function ByToken() {
  const w = useWords();
  const [given, type] = useState('');
  const [wrong, complain] = useState(false);
  const [refused, refuse] = useState<Refusal>();
  const enter = async () => {
    const token = given.trim();
    const shaped = /^[0-9a-f]{64}$/i.test(token);
    complain(!shaped);
    refuse(undefined);
    if (!shaped) return;
    keepToken(token);
    refuse(await whoIsHere());
  };
  return (
    <form class="sign-in" onSubmit={(event) => {
      event.preventDefault();
      void enter();
    }}>
      <label>
        {w.token}
        <input type="password" autocomplete="off" spellcheck={false} value={given} aria-describedby="token-help"
          aria-invalid={wrong} onInput={(event) => type(event.currentTarget.value)} />
      </label>
      <p id="token-help" class="note">{w.token_help}</p>
      {wrong && <p class="refused" role="alert">{w.token_shape}</p>}
      {refused && <Refused refusal={refused} />}
      <button type="submit">{w.sign_in}</button>
    </form>
  );
}

function ByProvider({ name }: { name: string }) {
  const w = useWords();
  // Why they were not let in: the fault's name came back behind the #.
  const fault = place.use().query.get('refused');
  const why = Object.entries(w.sign_in_faults).find(([known]) => known === fault)?.[1](name);
  return (
    <div class="panel sign-in">
      {why && <p class="refused" role="alert">{why}</p>}
      <a class="button" href="/api/v1/login/provider">{w.sign_in_with(name)}</a>
    </div>
  );
}

export function SignIn() {
  const w = useWords();
  const [ways, know] = useState<Ways>();
  useEffect(() => {
    let over = false;
    const look = async () => {
      const answer = await ask<Ways>('login');
      if (over) return;
      if ('data' in answer) know(answer.data);
      else setTimeout(look, 1000);
    };
    void look();
    return () => void (over = true);
  }, []);
  if (!ways) return null;
  const alone = !ways.accounts && !ways.provider;
  return (
    <Page title={w.sign_in}>
      {ways.provider && <ByProvider name={ways.provider.name} />}
      {ways.accounts && <ByAccount />}
      {ways.token && (alone ? <div class="panel"><ByToken /></div> : (
        <details class="panel sign-in"><summary>{w.sign_in_token}</summary><ByToken /></details>
      ))}
    </Page>
  );
}
