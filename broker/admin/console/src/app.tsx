// The frame around every page: where one is, where one can go, and whether the broker is there at all.
import { useEffect } from 'preact/hooks';
import { connection, logOut, whoIsHere } from './api';
import { useNow } from './clock';
import { choose, language, length, named, useWords } from './language';
import { Page } from './parts/page';
import { AccountsPage } from './pages/accounts';
import { AgreementsPage } from './pages/agreements';
import { AuditPage } from './pages/audit';
import { CarePage } from './pages/care';
import { DeadLettersPage } from './pages/dead_letters';
import { DeliveryLogPage } from './pages/delivery_log';
import { FollowUpPage } from './pages/follow_up';
import { IndicatorsPage } from './pages/indicators';
import { InstitutionView } from './pages/institution';
import { MessageView } from './pages/message';
import { MessagesPage } from './pages/messages';
import { OverviewPage } from './pages/overview';
import { ReferralView } from './pages/referral';
import { ReferralsPage } from './pages/referrals';
import { ReportsPage } from './pages/reports';
import { SelfTestPage } from './pages/self_test';
import { SignIn } from './pages/sign_in';
import { SlotsPage } from './pages/slots';
import { link, place } from './router';
import { may, session } from './session';

/// A page is for those who may ask for what it shows.
const MENU = [
  ['overview', [], 'GET /api/v1/overview'],
  ['messages', ['messages'], 'GET /api/v1/messages'],
  ['referrals', ['referrals'], 'GET /api/v1/referrals'],
  ['dead_letters', ['dead-letters'], 'GET /api/v1/dead-letters'],
  ['follow_up', ['follow-up'], 'GET /api/v1/orphans'],
  ['slots', ['slots'], 'GET /api/v1/slots'],
  ['indicators', ['indicators'], 'GET /api/v1/indicators'],
  ['reports', ['reports'], 'GET /api/v1/statement'],
  ['agreements', ['agreements'], 'GET /api/v1/agreements'],
  ['self_test', ['self-test'], 'POST /api/v1/self-tests'],
  ['audit', ['audit'], 'GET /api/v1/audit'],
  ['care', ['care'], 'GET /api/v1/network'],
  ['accounts', ['accounts'], 'GET /api/v1/accounts'],
] as const;

function Content() {
  const { path } = place.use();
  const w = useWords();
  const [first = '', second] = path;
  // The key makes a page of the same kind about something else a new page.
  const key = path.join('/');
  if (!may('GET /api/v1/overview')) return <DeliveryLogPage />;
  if (first === '') return <OverviewPage />;
  if (first === 'institutions' && second) return <InstitutionView key={key} id={second} />;
  if (first === 'messages') return second ? <MessageView key={key} id={second} /> : <MessagesPage />;
  if (first === 'referrals') return second ? <ReferralView key={key} id={second} /> : <ReferralsPage />;
  if (first === 'dead-letters') return <DeadLettersPage />;
  if (first === 'follow-up') return <FollowUpPage />;
  if (first === 'slots') return <SlotsPage />;
  if (first === 'reports') return <ReportsPage />;
  if (first === 'care') return <CarePage />;
  if (first === 'indicators') return <IndicatorsPage />;
  if (first === 'self-test') return <SelfTestPage key={key} id={second} />;
  if (first === 'agreements') return <AgreementsPage />;
  if (first === 'audit') return <AuditPage />;
  if (first === 'accounts' && may('GET /api/v1/accounts')) return <AccountsPage />;
  return (
    <Page title="404">
      <p>{w.no_page}</p>
    </Page>
  );
}

function Connection() {
  const w = useWords();
  const { up, since: when } = connection.use();
  useNow();
  const now = Date.now();
  return (
    <div class={up ? 'connection up' : 'connection down'} role="status">
      {up ? (
        <span><span aria-hidden="true">●</span> {w.connected}</span>
      ) : (
        <span>
          <span aria-hidden="true">■</span> {w.not_connected}{' '}
          {/* Not read out: it changes every second. */}
          <span aria-hidden="true">{w.ago(length((now - when) / 1000))}</span>. {w.retrying}
        </span>
      )}
    </div>
  );
}

function Menu() {
  const w = useWords();
  const { path } = place.use();
  return (
    <nav aria-label={w.pages}>
      <ul>
        {MENU.filter(([, , route]) => may(route)).map(([name, to]) => {
          const here = (path[0] ?? '') === (to[0] ?? '');
          return (
            <li key={name}>
              <a href={link([...to])} aria-current={here ? 'page' : undefined}>{w[name]}</a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Who() {
  const w = useWords();
  const here = session.use();
  if (!here) return null;
  const role = named(w.roles, here.role);
  return (
    <>
      <span class="who">{here.name ? `${here.name}, ${here.institution ?? role}` : role}</span>
      <button type="button" class="quiet" onClick={() => void logOut()}>{w.sign_out}</button>
    </>
  );
}

export function App() {
  const w = useWords();
  const other = language.use() === 'fr' ? 'en' : 'fr';
  const here = session.use();
  const known = !!here;
  useEffect(() => {
    document.title = w.title;
  }, [w]);
  useEffect(() => void whoIsHere(), []);
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}>{w.skip}</a>
      <header>
        <a class="brand" href="#/"><img src="/console/icon.svg" alt="" width="28" height="28" /> Relais</a>
        {known && <Menu />}
        <div class="tools">
          <button type="button" class="quiet" lang={other} onClick={() => choose(other)}>{w.other_language}</button>
          <Who />
        </div>
      </header>
      {known && <Connection />}
      <main id="content" tabIndex={-1}>{here ? <Content /> : here === null && <SignIn />}</main>
    </>
  );
}
