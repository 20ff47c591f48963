// Checks the journal's chain of hashes as long as somebody looks: the broker checks a stretch, the next one is asked for,
// and at the end what is new. What was checked is not forgotten when the reader goes to another page.
import { useEffect } from 'preact/hooks';
import { ask, brokerNow, type Refusal } from '../api';
import { store } from '../store';
import type { ChainStretch } from '../types';

export interface ChainCheck {
  reached: number;
  hash: string;
  end: number;
  damaged: Refusal | null;
  at: number;
}

const PAUSE_MS = 50; // the broker has other things to do
const NEWS_MS = 5000;

const checked = store<ChainCheck | undefined>(undefined);

/// Empty before the first answer.
export function useChainCheck(): ChainCheck | undefined {
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const before = checked.get();
      if (before?.damaged) return;
      const answer = document.hidden ? undefined : await ask<ChainStretch>(`audit/chain?from=${(before?.reached ?? 0) + 1}`);
      if (over) return;
      if (answer && 'data' in answer) checked.set({ ...answer.data, at: brokerNow() });
      const now = checked.get();
      timer = setTimeout(look, answer && 'data' in answer && now && now.reached < now.end ? PAUSE_MS : NEWS_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return checked.use();
}
