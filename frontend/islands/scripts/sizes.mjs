// Prints what each entry loads before it can draw: its own file, the chunks it imports, its styles; gzip, in KiB.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const dist = resolve(import.meta.dirname, "../../static/dist");
const manifest = JSON.parse(readFileSync(resolve(dist, "manifest.json"), "utf8"));
const size = (file) => gzipSync(readFileSync(resolve(dist, file))).length;

function filesOf(key, seen = new Set()) {
  const part = manifest[key];
  if (seen.has(part.file)) return seen;
  seen.add(part.file);
  for (const style of part.css ?? []) seen.add(style);
  for (const chunk of part.imports ?? []) filesOf(chunk, seen);
  return seen;
}

const styles = Object.values(manifest).find((part) => part.isEntry && part.file.endsWith(".css"));
for (const [key, part] of Object.entries(manifest)) {
  if (!part.isEntry || part === styles) continue;
  const total = [...filesOf(key), styles.file].reduce((sum, file) => sum + size(file), 0);
  console.log(`${part.name.padEnd(14)} ${(total / 1024).toFixed(1).padStart(7)} KiB`);
}
