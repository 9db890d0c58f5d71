// Sounds from the standard input, their fingerprints to the standard output, by a package of npm.
//
// In: for each sound, its number of samples and then these, 16 bits each, all little-endian.
// Out: a line of JSON for each sound, its words as signed whole numbers.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, rate] = [process.argv[2], Number(process.argv[3])];
globalThis.window = globalThis; // the package was compiled for browsers
const { default: create } = await import(pathToFileURL(`${folder}/dist/chromaprint.js`));
const lib = await create({ wasmBinary: await readFile(`${folder}/dist/chromaprint.wasm`) });

const parts = [];
for await (const part of process.stdin) parts.push(part);
const input = Buffer.concat(parts);

function fingerprint(samples) {
  const sound = lib._malloc(2 * samples.length);
  lib.HEAP16.set(samples, sound / 2);
  const context = lib._chromaprint_new(1); // its default algorithm
  lib._chromaprint_start(context, rate, 1);
  lib._chromaprint_feed(context, sound, samples.length);
  lib._chromaprint_finish(context);
  const [words, size] = [lib._malloc(4), lib._malloc(4)];
  const found = lib._chromaprint_get_raw_fingerprint(context, words, size);
  const first = lib.HEAP32[words / 4] / 4;
  const copy = found ? Array.from(lib.HEAP32.slice(first, first + lib.HEAP32[size / 4])) : [];
  lib._chromaprint_free(context);
  for (const place of [sound, words, size]) lib._free(place);
  return copy;
}

const lines = [];
for (let at = 0; at < input.length; ) {
  const count = input.readInt32LE(at);
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = input.readInt16LE(at + 4 + 2 * i);
  lines.push(JSON.stringify(fingerprint(samples)));
  at += 4 + 2 * count;
}
process.stdout.write(`${lines.join("\n")}\n`);
