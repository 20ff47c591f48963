// Who may log in by an account of this broker; every change has a name and a reason.
import { useState } from 'preact/hooks';
import { tell, useLive } from '../api';
import { named, number, useWords } from '../language';
import { Loaded, Page, Panel, Table } from '../parts/page';
import { SignedDialog } from '../parts/signed_dialog';
import { link } from '../router';
import { may } from '../session';
import type { Account, AccountDone } from '../types';

const PASSWORD_MIN = 12;
type Act = 'role' | 'password' | 'second_factor' | 'disabled' | 'sign_out' | 'remove';

interface Told {
  close(): void;
}

/// The address of a new second factor is told this one time.
function Said({ done }: { done: AccountDone }) {
  const w = useWords();
  if (!done.totp) return <p>{w.account_done}</p>;
  return <><p>{w.account_totp_once}</p><p><code>{done.totp}</code></p></>;
}

function RoleFields({ role, institution, setRole, setInstitution }: {
  role: string;
  institution: string;
  setRole(role: string): void;
  setInstitution(id: string): void;
}) {
  const w = useWords();
  return (
    <>
      <label>
        {w.role}
        <select value={role} onChange={(event) => setRole(event.currentTarget.value)}>
          {['observer', 'operator', 'administrator', 'auditor', 'partner'].map((one) => <option key={one} value={one}>{named(w.roles, one)}</option>)}
        </select>
      </label>
      {role === 'partner' && (
        <label>{w.account_institution}<input type="text" required autocomplete="off" value={institution} onInput={(e) => setInstitution(e.currentTarget.value.trim())} /></label>
      )}
    </>
  );
}

function NewPassword({ value, change }: { value: string; change(value: string): void }) {
  const w = useWords();
  return (
    <label>{w.account_password}<input type="password" required minLength={PASSWORD_MIN} autocomplete="new-password" value={value} onInput={(e) => change(e.currentTarget.value)} /></label>
  );
}

const ruled = (role: string, institution: string) => role !== 'partner' || institution !== '';
const belongs = (role: string, institution: string) => (role === 'partner' ? { role, institution } : { role });

function AddDialog({ close }: Told) {
  const w = useWords();
  const [name, setName] = useState('');
  const [role, setRole] = useState('observer');
  const [institution, setInstitution] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState(true);
  return (
    <SignedDialog<AccountDone> title={w.account_add} close={close} said={(done) => <Said done={done} />}
      ready={name !== '' && password.length >= PASSWORD_MIN && ruled(role, institution)}
      act={(operator, reason) => tell('accounts', { operator, reason, name, ...belongs(role, institution), password, second_factor: totp })}>
      <label>{w.account_name}<input type="text" required autocomplete="off" autocapitalize="none" spellcheck={false} value={name} onInput={(e) => setName(e.currentTarget.value.trim())} /></label>
      <RoleFields role={role} institution={institution} setRole={setRole} setInstitution={setInstitution} />
      <NewPassword value={password} change={setPassword} />
      <label class="tick"><input type="checkbox" checked={totp} onChange={(e) => setTotp(e.currentTarget.checked)} /><span>{w.account_with_factor}</span></label>
    </SignedDialog>
  );
}

function RoleDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  const [role, setRole] = useState(account.role);
  const [institution, setInstitution] = useState(account.institution ?? '');
  return (
    <SignedDialog<AccountDone> title={w.account_role} close={close} ready={ruled(role, institution)} said={(done) => <Said done={done} />}
      act={(operator, reason) => tell('accounts/role', { operator, reason, name: account.name, ...belongs(role, institution) })}>
      <p>{w.account_sessions_end(account.name)}</p>
      <RoleFields role={role} institution={institution} setRole={setRole} setInstitution={setInstitution} />
    </SignedDialog>
  );
}

function PasswordDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  const [password, setPassword] = useState('');
  return (
    <SignedDialog<AccountDone> title={w.account_password_set} close={close} ready={password.length >= PASSWORD_MIN} said={(done) => <Said done={done} />}
      act={(operator, reason) => tell('accounts/password', { operator, reason, name: account.name, password })}>
      <p>{w.account_sessions_end(account.name)}</p>
      <NewPassword value={password} change={setPassword} />
    </SignedDialog>
  );
}

function FactorDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  const [off, setOff] = useState(false);
  return (
    <SignedDialog<AccountDone> title={w.account_factor} close={close} said={(done) => <Said done={done} />}
      act={(operator, reason) => tell('accounts/second-factor', { operator, reason, name: account.name, off })}>
      <p>{w.account_sessions_end(account.name)}</p>
      <p class="note">{w.account_factor_means}</p>
      {account.second_factor && <label class="tick"><input type="checkbox" checked={off} onChange={(e) => setOff(e.currentTarget.checked)} /><span>{w.account_factor_off}</span></label>}
    </SignedDialog>
  );
}

function DisabledDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  const { name, disabled } = account;
  return (
    <SignedDialog<AccountDone> title={disabled ? w.account_enable : w.account_disable} close={close} said={(done) => <Said done={done} />}
      act={(operator, reason) => tell(disabled ? 'accounts/enable' : 'accounts/disable', { operator, reason, name })}>
      <p>{disabled ? w.account_enable_means(name) : w.account_disable_means(name)}</p>
    </SignedDialog>
  );
}

function SignOutDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  return (
    <SignedDialog title={w.account_sign_out} close={close} said={() => <p>{w.account_done}</p>}
      act={(operator, reason) => tell('accounts/sign-out', { operator, reason, name: account.name })}>
      <p>{w.account_sessions_end(account.name)}</p>
      <p class="note">{w.account_sign_out_means}</p>
    </SignedDialog>
  );
}

function RemoveDialog({ account, close }: Told & { account: Account }) {
  const w = useWords();
  return (
    <SignedDialog<AccountDone> title={w.account_remove} danger close={close} said={(done) => <Said done={done} />}
      act={(operator, reason) => tell('accounts/remove', { operator, reason, name: account.name })}>
      <p>{w.account_remove_means(account.name)}</p>
    </SignedDialog>
  );
}

const DIALOGS = {
  role: RoleDialog, password: PasswordDialog, second_factor: FactorDialog, disabled: DisabledDialog, sign_out: SignOutDialog, remove: RemoveDialog,
};

export function AccountsPage() {
  const w = useWords();
  const live = useLive<{ accounts: Account[] }>('accounts', 10);
  const [adds, setAdds] = useState(false);
  const [chosen, choose] = useState<{ act: Act; account: Account }>();
  const over = () => {
    setAdds(false);
    choose(undefined);
    live.again();
  };
  const Dialog = chosen && DIALOGS[chosen.act];
  const acts = (account: Account): [Act, string][] => [
    ['role', w.account_role], ['password', w.account_password_set], ['second_factor', w.account_factor],
    ['disabled', account.disabled ? w.account_enable : w.account_disable], ['sign_out', w.account_sign_out], ['remove', w.account_remove],
  ];
  return (
    <Page title={w.accounts}>
      <Panel title={w.accounts_who} note={w.accounts_note} wide>
        {may('GET /api/v1/audit') && <p class="links"><a href={link(['audit'])}>{w.accounts_history}</a></p>}
        <div class="buttons"><button type="button" onClick={() => setAdds(true)}>{w.account_add}</button></div>
        <Loaded live={live}>
          {({ accounts }) => (
            <Table caption={w.accounts} columns={[w.name, w.role, w.institution, w.account_second_factor, w.state, w.account_sessions, w.action]} right={[5]}
              rows={accounts.map((account) => ({
                key: account.name,
                cells: [
                  account.name, named(w.roles, account.role), account.institution ?? '–', account.second_factor ? w.yes : w.no,
                  <span class={`state ${account.disabled ? 'amber' : 'green'}`}>{account.disabled ? w.account_disabled : w.account_enabled}</span>,
                  number(account.sessions),
                  <div class="row-buttons">
                    {acts(account).map(([act, title]) => (
                      <button key={act} type="button" class="quiet" aria-label={`${title}: ${account.name}`} onClick={() => choose({ act, account })}>{title}</button>
                    ))}
                  </div>,
                ],
              }))} />
          )}
        </Loaded>
      </Panel>
      {adds && <AddDialog close={over} />}
      {chosen && Dialog && <Dialog account={chosen.account} close={over} />}
    </Page>
  );
}
