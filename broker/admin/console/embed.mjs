// Writes the files of the built console, and openapi.json, into a C++ source: node embed.mjs DIST OPENAPI OUT
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const BYTES_A_LINE = 48;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/// As pieces of a string literal; three octal digits leave no doubt where an escape ends.
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    let line = '';
    for (const byte of bytes.subarray(at, at + BYTES_A_LINE)) {
      const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 && byte !== 63;
      line += plain ? String.fromCharCode(byte) : '\\' + byte.toString(8).padStart(3, '0');
    }
    lines.push(`      "${line}"`);
  }
  return lines.join('\n') || '      ""';
}

const [dist, openapi, out] = process.argv.slice(2);
const files = filesBelow(dist).map((file) => {
  const path = '/console/' + relative(dist, file).split(sep).join('/');
  return { path: path.replace(/\/index\.html$/, '/'), file, hashed: path.startsWith('/console/assets/') };
});
files.push({ path: '/openapi.json', file: openapi, hashed: false });

const entries = files.map(({ path, file, hashed }) => {
  const type = TYPES[extname(file)];
  if (!type) throw new Error(`${file}: no MIME type is known for it`);
  const bytes = readFileSync(file);
  return `    {"${path}", "${type}",\n     {\n${literal(bytes)},\n      ${bytes.length}},\n     ${hashed}},\n`;
});
writeFileSync(
  out,
  `// Made by broker/admin/console/embed.mjs.
#include "broker/admin/assets.h"

namespace relais::admin {

namespace {
constexpr Asset kAssets[] = {
${entries.join('')}};
}  // namespace

std::span<const Asset> assets() { return kAssets; }

}  // namespace relais::admin
`,
);
