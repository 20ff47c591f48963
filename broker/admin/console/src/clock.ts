// Ages grow by themselves.
import { useEffect, useState } from 'preact/hooks';
import { brokerNow } from './api';

/// The broker's time, anew every second.
export function useNow(): number {
  const [now, tick] = useState(brokerNow());
  useEffect(() => {
    const timer = setInterval(() => tick(brokerNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/// "2026-01-31": the broker counts by the days of metropolitan France, wherever the reader is.
export function dayInFrance(at: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Paris', year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/// The months that are over on that day, the latest first: "2025-12", "2025-11", ...
export function monthsBefore(day: string, count: number): string[] {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return Array.from({ length: count }, (_, i) => new Date(Date.UTC(year, month - 2 - i)).toISOString().slice(0, 7));
}
