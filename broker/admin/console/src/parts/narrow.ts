import { useEffect, useState } from 'preact/hooks';

/// Whether the window is a telephone's: as in style.css.
export function useNarrow(): boolean {
  const query = matchMedia('(max-width: 700px)');
  const [narrow, see] = useState(query.matches);
  useEffect(() => {
    const change = () => see(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return narrow;
}
