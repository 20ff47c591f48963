// What keeps the broker well: the network definition, copies of its store, files without what was erased,
// and the quiet before an upgrade.
import { useState } from 'preact/hooks';
import { ask, query, tell, useLive, type Refusal } from '../api';
import { bytes, dateTime, number, useWords } from '../language';
import { DrainPanel } from '../parts/drain';
import { NetworkPanel } from '../parts/network_panel';
import { Facts, Loaded, Page, Panel, Refused, Table } from '../parts/page';
import { SignedDialog } from '../parts/signed_dialog';
import { link } from '../router';
import { may } from '../session';
import type { Backup, KeptBackup, VerifiedBackup } from '../types';

const FOLDER = 'relais.backups';

function made(w: ReturnType<typeof useWords>, backup: Backup): [string, string][] {
  return [
    [w.backup, number(backup.number)],
    [w.made_at, dateTime(backup.made_at)],
    [w.size, bytes(backup.bytes)],
    [w.files, number(backup.files)],
    [w.backup_position, number(backup.position)],
  ];
}

/// Reads one again, whole; the broker answers when it has.
function Verify({ folder, backup }: { folder: string; backup: number }) {
  const w = useWords();
  const [state, become] = useState<'idle' | 'working' | 'silent' | VerifiedBackup | { refused: Refusal }>('idle');
  const look = async () => {
    become('working');
    const answer = await ask<VerifiedBackup>(`backups/${backup}${query({ folder })}`);
    become('data' in answer ? answer.data : 'refused' in answer ? answer : 'silent');
  };
  if (state === 'working') return <span role="status">{w.at_work}</span>;
  if (state === 'silent') return <span role="status">{w.no_answer_yet}</span>;
  if (typeof state === 'object' && 'refused' in state) return <Refused refusal={state.refused} />;
  if (typeof state === 'object') {
    return <span role="status"><span class="state green">{w.backup_verified}</span> {w.backup_records(number(state.records))}</span>;
  }
  return <button type="button" aria-label={`${w.backup_verify} ${backup}`} onClick={() => void look()}>{w.backup_verify}</button>;
}

function Kept({ folder }: { folder: string }) {
  const w = useWords();
  const live = useLive<{ backups: KeptBackup[] }>(`backups${query({ folder })}`, 30);
  return (
    <Loaded live={live}>
      {({ backups }) => (
        <Table caption={w.backups} columns={[w.backup, w.made_at, w.size, w.files, w.backup_position, w.state]} right={[0, 2, 3, 4]}
          rows={[...backups].reverse().map((one) => ({
            key: String(one.number),
            cells: one.damaged
              ? [number(one.number), '–', '–', '–', '–', <span class="state red">{w.backup_damaged}</span>]
              : [...made(w, one).map(([, value]) => value), <Verify folder={folder} backup={one.number} />],
          }))} />
      )}
    </Loaded>
  );
}

function Backups() {
  const w = useWords();
  const [typed, type] = useState(localStorage.getItem(FOLDER) ?? '');
  const [folder, look] = useState(typed);
  const [turn, next] = useState(0);
  const [asks, setAsks] = useState(false);
  const see = () => {
    localStorage.setItem(FOLDER, typed.trim());
    look(typed.trim());
    next(turn + 1);
  };
  return (
    <Panel title={w.backups} note={w.backups_note} wide>
      <form class="filters" onSubmit={(event) => {
        event.preventDefault();
        see();
      }}>
        <label>{w.backup_folder}<input type="text" required autocomplete="off" value={typed} onInput={(e) => type(e.currentTarget.value)} /></label>
        <button type="submit" class="quiet" disabled={!typed.trim()}>{w.backup_list}</button>
        <button type="button" disabled={!typed.trim()} onClick={() => setAsks(true)}>{w.backup_make}</button>
      </form>
      {folder && <Kept key={`${folder} ${turn}`} folder={folder} />}
      {asks && (
        <SignedDialog<Backup> title={w.backup_make} said={(backup) => <Facts facts={made(w, backup)} />}
          act={(operator, reason) => tell('backups', { operator, reason, folder: typed.trim() })}
          close={(acted) => {
            setAsks(false);
            if (acted) see();
          }}>
          <p>{w.backup_means} <code>{typed.trim()}</code></p>
        </SignedDialog>
      )}
    </Panel>
  );
}

function Purge() {
  const w = useWords();
  const [asks, setAsks] = useState(false);
  return (
    <Panel title={w.purge} note={w.purge_note}>
      {may('GET /api/v1/retention') && <p class="links"><a href={link(['follow-up'])}>{w.kept}</a></p>}
      <div class="buttons"><button type="button" onClick={() => setAsks(true)}>{w.purge_now}</button></div>
      {asks && (
        <SignedDialog title={w.purge_now} said={() => <p>{w.purge_done}</p>} close={() => setAsks(false)}
          act={(operator, reason) => tell('contents/purge', { operator, reason })}>
          <p>{w.purge_means}</p>
        </SignedDialog>
      )}
    </Panel>
  );
}

export function CarePage() {
  const w = useWords();
  return (
    <Page title={w.care}>
      <div class="panels">
        <NetworkPanel />
        {may('POST /api/v1/backups') && <Backups />}
        {may('POST /api/v1/contents/purge') && <Purge />}
        {may('GET /api/v1/drain') && <DrainPanel />}
      </div>
    </Page>
  );
}
