// Where the reader is: "#/messages?kind=..." as a path and its parameters.
import { store } from './store';

export interface Place {
  path: string[];
  query: URLSearchParams;
}

function read(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export const place = store<Place>(read());
addEventListener('hashchange', () => place.set(read()));

export function link(path: string[], query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new URLSearchParams(given).toString();
  return '#/' + path.map(encodeURIComponent).join('/') + (text && '?' + text);
}

export function go(path: string[], query: Record<string, string | undefined> = {}) {
  location.hash = link(path, query);
}
