// Files of the reader's machine: what is chosen there, and what is saved there.

export function save(name: string, type: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

type Cell = string | number | boolean | null;

/// RFC 4180. A reason comes from an adapter: a spreadsheet must not take it for a formula.
function cell(value: Cell): string {
  const plain = String(value ?? '');
  const text = typeof value === 'string' && /^[=+\-@]/.test(plain) ? "'" + plain : plain;
  return /[,;"\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export const csv = (separator: string, columns: string[], rows: Cell[][]) =>
  [columns, ...rows].map((row) => row.map(cell).join(separator) + '\r\n').join('');

const PORTION = 0x8000; // arguments that a call can take

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PORTION) text += String.fromCharCode(...bytes.subarray(at, at + PORTION));
  return btoa(text);
}
