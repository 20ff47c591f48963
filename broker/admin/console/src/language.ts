// French or English: the reader's choice, else the browser's. Dates, numbers and ages in the words of that language.
import { store } from './store';
import { english, type Words } from './words_en';
import { french } from './words_fr';

export type Language = 'en' | 'fr';

const KEY = 'relais.language';

function first(): Language {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'en' || chosen === 'fr') return chosen;
  return navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

export const language = store<Language>(first());
document.documentElement.lang = language.get();

export function choose(next: Language) {
  localStorage.setItem(KEY, next);
  document.documentElement.lang = next;
  language.set(next);
}

const WORDS: Record<Language, Words> = { en: english, fr: french };

export const useWords = () => WORDS[language.use()];
export const words = () => WORDS[language.get()];

const locale = () => (language.get() === 'fr' ? 'fr-FR' : 'en-GB');

/// The name that a code has in this language, or the code in readable form.
export function named(names: Record<string, string>, code: string): string {
  return names[code] ?? code.replace(/_/g, ' ');
}

export const number = (value: number, digits = 0) =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

export function dateTime(iso: string | null | undefined): string {
  if (!iso) return '–';
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso));
}

export function day(iso: string | null | undefined): string {
  if (!iso) return '–';
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(iso));
}

/// "2026-01" as "January 2026".
export function monthName(month: string): string {
  return new Intl.DateTimeFormat(locale(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(month + '-01'));
}

export function clock(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/// "42 s", "3 min", "5 h 10 min", "12 d 4 h": two units at most.
export function length(seconds: number): string {
  const w = words();
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  const [minutes, hours] = [Math.floor((s % 3600) / 60), Math.floor((s % 86400) / 3600)];
  if (s < 86400) return `${hours} h` + (minutes ? ` ${minutes} min` : '');
  return `${number(Math.floor(s / 86400))} ${w.days}` + (hours ? ` ${hours} h` : '');
}

export function since(iso: string | null | undefined, now: number): string {
  return iso ? length((now - Date.parse(iso)) / 1000) : '–';
}

export function bytes(value: number): string {
  const gib = value / 2 ** 30;
  if (value < 2 ** 20) return `${number(value / 2 ** 10, 1)} ${words().kibibytes}`;
  return gib >= 1 ? `${number(gib, 1)} ${words().gibibytes}` : `${number(value / 2 ** 20)} ${words().mebibytes}`;
}

export const euros = (cents: number) => new Intl.NumberFormat(locale(), { style: 'currency', currency: 'EUR' }).format(cents / 100);
