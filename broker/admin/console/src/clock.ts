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
